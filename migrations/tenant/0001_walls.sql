-- Whose database this is, and what every table of a tenant has in common.

-- One row: the mark of the tenant, or of the shared place. Each new connection looks here before
-- it is used.
CREATE TABLE identity (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    tenant     text NOT NULL,
    generation bigint NOT NULL
);
GRANT SELECT ON identity, schema_migration TO sindico_tenant;

-- The company of the session or the transaction; NULL outside of any. After a rollback the setting
-- is '' and not NULL.
CREATE FUNCTION current_company() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('sindico.company_id', true), '')::bigint;

-- Puts a table behind the wall: rows are seen and written only in the context of their company, by
-- the owner of the table as well. The sub-select is evaluated once a query, and lets an index that
-- begins with company_id be used.
CREATE PROCEDURE protect(what regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ALTER company_id SET DEFAULT current_company()', what);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', what);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', what);
    EXECUTE format('CREATE POLICY company ON %s
        USING (company_id = (SELECT nullif(current_setting(''sindico.company_id'', true), '''')::bigint))
        WITH CHECK (company_id = (SELECT nullif(current_setting(''sindico.company_id'', true), '''')::bigint))', what);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO sindico_tenant', what);
END $$;
REVOKE EXECUTE ON PROCEDURE protect FROM PUBLIC;

-- Answers to requests that carried an Idempotency-Key, saved in the transaction of their effect.
CREATE TABLE idempotency_key (
    company_id  bigint NOT NULL,
    caller      bigint NOT NULL,
    key         text NOT NULL,
    -- SHA-256 over method, path and body.
    fingerprint bytea NOT NULL,
    body        jsonb,
    version     bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, caller, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (company_id, created_at);
CALL protect('idempotency_key');
