-- Domains of tenants' own, served once their owner has proved that they are theirs.
CREATE TABLE tenant_domain (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company ON DELETE CASCADE,
    -- Lower case, IDNA to ASCII, no port, no final dot.
    host        text COLLATE "C" NOT NULL,
    -- What the TXT record has to say.
    token       text NOT NULL,
    verified_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_domain_key UNIQUE (company_id, host)
);
-- Anybody may claim a domain; one can have it.
CREATE UNIQUE INDEX tenant_domain_host_key ON tenant_domain (host) WHERE verified_at IS NOT NULL;

-- Every program keeps all tenants in memory, and is told of each that changes: the payload is the
-- company's id. The argument of a trigger is the column that has it.
CREATE FUNCTION tenant_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sindico_tenant', to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER company_told AFTER INSERT OR UPDATE OR DELETE ON company
    FOR EACH ROW EXECUTE FUNCTION tenant_tell('id');
CREATE TRIGGER tenant_contract_told AFTER UPDATE ON tenant_contract
    FOR EACH ROW EXECUTE FUNCTION tenant_tell('company_id');
CREATE TRIGGER tenant_provisioning_told AFTER UPDATE ON tenant_provisioning
    FOR EACH ROW EXECUTE FUNCTION tenant_tell('company_id');
CREATE TRIGGER tenant_role_matrix_told AFTER INSERT OR UPDATE OR DELETE ON tenant_role_matrix
    FOR EACH ROW EXECUTE FUNCTION tenant_tell('company_id');
CREATE TRIGGER tenant_domain_told AFTER INSERT OR UPDATE OR DELETE ON tenant_domain
    FOR EACH ROW EXECUTE FUNCTION tenant_tell('company_id');
