-- Tenants: the company, its contract, its place, its members.

CREATE TABLE company (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Sorted as people sort: accents and case decide last.
    name        text COLLATE "und-x-icu" NOT NULL CHECK (name <> ''),
    tenant_code text COLLATE "C" NOT NULL CONSTRAINT company_tenant_code_key UNIQUE,
    subdomain   text COLLATE "C" NOT NULL CONSTRAINT company_subdomain_key UNIQUE,
    is_active   boolean NOT NULL DEFAULT true,
    -- Folded name, code and subdomain, for ?q=.
    search_text text COLLATE "C" NOT NULL,
    -- Counts every change of company, contract and provisioning: the ETag.
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX company_by_name ON company (name, id);
CREATE INDEX company_by_created ON company (created_at, id);

CREATE TABLE tenant_contract (
    company_id  bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    plan        text NOT NULL CHECK (plan IN ('STARTER', 'PRO', 'ENTERPRISE')),
    status      text NOT NULL CHECK (status IN ('TRIAL', 'ACTIVE', 'SUSPENDED', 'CANCELED')),
    seats       integer NOT NULL CHECK (seats >= 1),
    monthly_fee numeric(12, 2) NOT NULL CHECK (monthly_fee >= 0),
    start_date  date NOT NULL,
    end_date    date,
    auto_renew  boolean NOT NULL,
    notes       text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_contract_dates CHECK (end_date >= start_date)
);

CREATE TABLE tenant_provisioning (
    company_id               bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    isolation_model          text NOT NULL CHECK (isolation_model IN ('DATABASE_PER_TENANT', 'SHARED_SCHEMA')),
    status                   text NOT NULL CHECK (status IN ('PENDING', 'PROVISIONING', 'READY', 'FAILED')),
    database_alias           text COLLATE "C" NOT NULL CONSTRAINT tenant_provisioning_alias_key UNIQUE,
    database_name            text COLLATE "C" NOT NULL,
    database_host            text COLLATE "C" NOT NULL,
    database_port            integer NOT NULL CHECK (database_port BETWEEN 1 AND 65535),
    database_user            text COLLATE "C" NOT NULL,
    database_password_secret text NOT NULL,
    portal_url               text NOT NULL,
    provisioned_at           timestamptz,
    last_error               text NOT NULL,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now()
);
-- No two tenants share a database or a role on one server; SHARED_SCHEMA tenants do share
-- their database, by definition.
CREATE UNIQUE INDEX tenant_provisioning_database_key
    ON tenant_provisioning (database_host, database_port, database_name)
    WHERE isolation_model = 'DATABASE_PER_TENANT';
CREATE UNIQUE INDEX tenant_provisioning_user_key
    ON tenant_provisioning (database_host, database_port, database_user);

CREATE TABLE company_membership (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    role       text NOT NULL CHECK (role IN ('MEMBER', 'MANAGER', 'OWNER')),
    is_active  boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT company_membership_key UNIQUE (company_id, user_id)
);
CREATE INDEX company_membership_user ON company_membership (user_id);
