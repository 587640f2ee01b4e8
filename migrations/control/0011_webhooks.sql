-- Webhooks of tenants: the secrets that they are signed with, and where a program has to look.

-- Sealed as tenants' passwords are; the company is part of the seal. A webhook has two for a while when its
-- secret is made anew.
CREATE TABLE webhook_secret (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company ON DELETE CASCADE,
    -- By which the tenant's own row names it.
    name        text NOT NULL,
    key_id      text NOT NULL,
    wrapped_key bytea NOT NULL,
    payload     bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- NULL: until there is a newer one.
    until       timestamptz
);
CREATE INDEX webhook_secret_by_name ON webhook_secret (company_id, name, id DESC);

-- One row for each tenant that has webhooks. It is looked at when something changed there (asked), when a
-- delivery is due (look_at), and now and then.
CREATE TABLE webhook_chore (
    company_id  bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    asked       boolean NOT NULL DEFAULT true,
    -- When somebody was about to write a webhook there.
    wanted_at   timestamptz NOT NULL DEFAULT now(),
    look_at     timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX webhook_chore_due ON webhook_chore (look_at);
