-- Webhooks: where changes are told, and what became of each telling.

CREATE TABLE webhook (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (name <> ''),
    url         text NOT NULL,
    -- Such as lead.created.
    events      text[] NOT NULL,
    -- Names the secrets in the control database.
    secret      text NOT NULL,
    -- ACTIVE, PAUSED by somebody, or STOPPED because it failed for too long.
    state       text NOT NULL DEFAULT 'ACTIVE',
    -- Why it was stopped.
    reason      text NOT NULL DEFAULT '',
    -- The change up to which deliveries were written.
    seen_xid    bigint NOT NULL,
    seen_id     bigint NOT NULL,
    -- Failures since it last worked, and until when nothing is sent for them.
    failures    bigint NOT NULL DEFAULT 0,
    hold_until  timestamptz NOT NULL DEFAULT '-infinity',
    worked_at   timestamptz,
    failed_at   timestamptz,
    user_id     bigint,
    username    text NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CALL protect('webhook');

CREATE TABLE webhook_delivery (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    webhook_id  bigint NOT NULL,
    -- The same for each attempt, by which a receiver knows what it has had.
    message     text NOT NULL,
    event       text NOT NULL,
    body        text NOT NULL,
    -- PENDING, DELIVERED, FAILED
    state       text NOT NULL DEFAULT 'PENDING',
    attempts    bigint NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    -- Somebody is sending it until then.
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Of the last attempt.
    status      bigint,
    error       text NOT NULL DEFAULT '',
    answer      text NOT NULL DEFAULT '',
    duration_ms bigint,
    -- Each attempt: at, status, error, duration_ms.
    tries       jsonb NOT NULL DEFAULT '[]',
    created_at  timestamptz NOT NULL,
    done_at     timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, webhook_id) REFERENCES webhook ON DELETE CASCADE
);
CREATE UNIQUE INDEX webhook_delivery_message_key ON webhook_delivery (company_id, webhook_id, message);
CREATE INDEX webhook_delivery_due ON webhook_delivery (company_id, webhook_id, due_at, id) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_log ON webhook_delivery (company_id, webhook_id, id);
CREATE INDEX webhook_delivery_age ON webhook_delivery (company_id, created_at) WHERE state <> 'PENDING';
CALL protect('webhook_delivery');

-- What was done to the company's settings that are no records, by whom, as they were and as they were then;
-- written once.
CREATE TABLE setting_change (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    what        text NOT NULL,
    what_id     bigint NOT NULL,
    action      text NOT NULL,
    user_id     bigint,
    username    text NOT NULL,
    address     text,
    request_id  text NOT NULL,
    support     jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    before      jsonb,
    after       jsonb,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX setting_change_of ON setting_change (company_id, what, what_id, id);
CALL protect('setting_change');
REVOKE UPDATE, DELETE ON setting_change FROM sindico_tenant;
