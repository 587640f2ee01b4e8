-- Where tenants' data live: whose mark is on it, with which password, at which version.

-- Tells the marks of this control database from those of others that use the same servers.
CREATE TABLE installation (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    -- Where the private server was last; tenants' places on it move when the data directory does.
    private_host text COLLATE "C",
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO installation DEFAULT VALUES;

-- Passwords behind db:<id>. The payload is sealed with a key of its own, which is sealed with the
-- installation's SECRET_KEY; tenant and generation are part of the seal.
CREATE TABLE tenant_secret (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: the login role of a shared database.
    company_id  bigint REFERENCES company ON DELETE CASCADE,
    generation  bigint NOT NULL,
    key_id      text NOT NULL,
    wrapped_key bytea NOT NULL,
    payload     bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tenant_secret_company ON tenant_secret (company_id);

ALTER TABLE tenant_provisioning
    -- How many places the tenant has had; the identity inside the place says the same.
    ADD generation bigint NOT NULL DEFAULT 0,
    -- The number of the last tenant migration that is known to be there; 0: none.
    ADD schema_version integer NOT NULL DEFAULT 0;
CREATE INDEX tenant_provisioning_schema ON tenant_provisioning (schema_version) WHERE status = 'READY';

-- The databases that hold SHARED_SCHEMA tenants, with the one role through which all of them are
-- reached.
CREATE TABLE shared_database (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host           text COLLATE "C" NOT NULL,
    port           integer NOT NULL,
    name           text COLLATE "C" NOT NULL,
    login          text COLLATE "C" NOT NULL,
    secret         text NOT NULL,
    generation     bigint NOT NULL DEFAULT 1,
    schema_version integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT shared_database_key UNIQUE (host, port, name)
);
-- A change here concerns all tenants of the database: 0 means that anybody may have changed.
CREATE FUNCTION shared_database_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sindico_tenant', '0');
    RETURN NULL;
END $$;
CREATE TRIGGER shared_database_told AFTER INSERT OR UPDATE OR DELETE ON shared_database
    FOR EACH ROW EXECUTE FUNCTION shared_database_tell();
