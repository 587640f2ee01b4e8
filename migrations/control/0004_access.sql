-- A company's own changes of what each role may do (contract section 5).
CREATE TABLE tenant_role_matrix (
    company_id bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    overrides  jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
