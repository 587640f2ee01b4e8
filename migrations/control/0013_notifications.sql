-- In which tenants' data somebody may be to be told of something: a row for each that was written to. It is looked
-- at when it was (asked), when something is due there (look_at), and now and then.
CREATE TABLE notification_chore (
    company_id  bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    asked       boolean NOT NULL DEFAULT true,
    look_at     timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX notification_chore_due ON notification_chore (look_at);
