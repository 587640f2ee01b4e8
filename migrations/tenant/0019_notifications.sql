-- What people are told of, once each (docs/adr/0029-notifications.md).

CREATE TABLE notification (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    -- Whom it is for.
    user_id     bigint NOT NULL,
    topic       text NOT NULL,
    -- Of what it comes: whoever gets there second finds it told.
    cause       text NOT NULL,
    -- The record that it is about; of several only the kind.
    record_kind text,
    record_id   bigint,
    count       bigint NOT NULL DEFAULT 1,
    -- The write that made it: undone, it is taken back unless it was read.
    change_set  bigint,
    data        jsonb NOT NULL DEFAULT '{}',
    -- Whether the portal shows it, as its user wanted when it was made.
    portal      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    read_at     timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX notification_cause_key ON notification (company_id, user_id, cause);
CREATE INDEX notification_list ON notification (company_id, user_id, id) WHERE portal;
CREATE INDEX notification_unread ON notification (company_id, user_id, id) WHERE portal AND read_at IS NULL;
CREATE INDEX notification_of_write ON notification (company_id, change_set) WHERE change_set IS NOT NULL AND read_at IS NULL;
CREATE INDEX notification_age ON notification (company_id, created_at);
CALL protect('notification');

-- What somebody wants told, and where; without a row as it is by default.
CREATE TABLE notification_preference (
    company_id  bigint NOT NULL,
    user_id     bigint NOT NULL,
    topic       text NOT NULL,
    portal      boolean NOT NULL,
    mail        boolean NOT NULL,
    PRIMARY KEY (company_id, user_id, topic)
);
CALL protect('notification_preference');

-- Since when it is told what becomes due, and up to where it was told what is past due; one row.
CREATE TABLE notification_seen (
    company_id  bigint NOT NULL,
    begun_at    timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    due_id      bigint NOT NULL,
    sla_at      timestamptz NOT NULL,
    sla_id      bigint NOT NULL,
    PRIMARY KEY (company_id)
);
CALL protect('notification_seen');

-- Reminders that are still to come. One that was past when its activity was written down is nobody's to wait for.
CREATE INDEX activity_to_remind ON activity (company_id, reminder_at, id)
    WHERE deleted_at IS NULL AND status = 'PENDING' AND NOT reminder_sent AND reminder_at > created_at;
CREATE INDEX activity_sla ON activity (company_id, sla_due_at, id)
    WHERE deleted_at IS NULL AND status = 'PENDING' AND sla_due_at IS NOT NULL;
