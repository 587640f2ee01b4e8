-- Durable work, what was done by whom, and answers kept for repeated requests.

CREATE TABLE operation (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind             text NOT NULL CHECK (kind IN ('PROVISION')),
    status           text NOT NULL DEFAULT 'QUEUED'
                     CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
    company_id       bigint NOT NULL REFERENCES company ON DELETE CASCADE,
    provider         text NOT NULL,
    -- What the caller asked for ({"portal_url": ...}).
    params           jsonb NOT NULL,
    requested_by     text NOT NULL,
    request_id       text NOT NULL,
    -- The tenant's state before, to go back to when nothing was begun.
    previous_status  text NOT NULL,
    -- The lease: who works on it, until when, and how many leases there were. Every write of a
    -- worker is conditional on its epoch, so that one that was frozen can harm nothing.
    lease_owner      text,
    lease_epoch      bigint NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    attempts         integer NOT NULL DEFAULT 0,
    -- How many times its worker vanished: the lease ran out, and another took over.
    lost             integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz NOT NULL DEFAULT now(),
    deadline_at      timestamptz NOT NULL,
    cancel_requested boolean NOT NULL DEFAULT false,
    canceled_by      text NOT NULL DEFAULT '',
    -- The tenant's version as this operation's end left it: unchanged, nothing happened since.
    tenant_version   bigint,
    error            text NOT NULL DEFAULT '',
    hint             text NOT NULL DEFAULT '',
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    CONSTRAINT operation_final CHECK ((finished_at IS NOT NULL) = (status IN ('SUCCEEDED', 'FAILED', 'CANCELED'))),
    CONSTRAINT operation_lease CHECK ((lease_until IS NOT NULL) = (status = 'RUNNING'))
);
-- One live operation a tenant.
CREATE UNIQUE INDEX operation_live_key ON operation (company_id) WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX operation_queue ON operation (next_attempt_at) WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX operation_by_company ON operation (company_id, id DESC);

-- Whoever changes an operation or its steps counts its version up, and that is told to all who
-- wait. A heartbeat changes nothing that anybody waits for.
CREATE FUNCTION operation_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sindico_operation', NEW.id || ' ' || NEW.status);
    RETURN NULL;
END $$;
CREATE TRIGGER operation_changed AFTER INSERT OR UPDATE OF version ON operation
    FOR EACH ROW EXECUTE FUNCTION operation_tell();

CREATE TABLE operation_step (
    operation_id bigint NOT NULL REFERENCES operation ON DELETE CASCADE,
    position     integer NOT NULL,
    name         text NOT NULL,
    status       text NOT NULL DEFAULT 'PENDING'
                 CHECK (status IN ('PENDING', 'RUNNING', 'DONE', 'SKIPPED', 'RETRYING', 'FAILED')),
    attempts     integer NOT NULL DEFAULT 0,
    started_at   timestamptz,
    finished_at  timestamptz,
    outcome      text NOT NULL DEFAULT '',
    error        text NOT NULL DEFAULT '',
    hint         text NOT NULL DEFAULT '',
    PRIMARY KEY (operation_id, position)
);

-- Written in the transaction of the change it tells of; rows are never changed.
CREATE TABLE audit_event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    -- No foreign keys: the record outlives what it is about.
    actor_id   bigint,
    actor      text NOT NULL,
    address    inet,
    request_id text NOT NULL,
    action     text NOT NULL,
    company_id bigint,
    subject    text NOT NULL,
    before     jsonb,
    after      jsonb
);
CREATE INDEX audit_event_by_company ON audit_event (company_id, id DESC);
CREATE INDEX audit_event_by_actor ON audit_event (lower(actor), id DESC);
CREATE INDEX audit_event_by_action ON audit_event (action, id DESC);

CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are never changed';
END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();

-- Answers to requests that carried an Idempotency-Key, saved in the transaction of their effect.
CREATE TABLE idempotency_key (
    caller      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    key         text NOT NULL,
    -- SHA-256 over method, path and body.
    fingerprint bytea NOT NULL,
    -- The resource as answered, with its version; or the operation to look at.
    body        jsonb,
    version     bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
