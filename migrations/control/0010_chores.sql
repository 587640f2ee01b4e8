-- Work that waits in tenants' data for a program to do it. A row is there before the work is, so that no
-- crash between the two loses it; whoever finds nothing to do for a while takes it away.
CREATE TABLE tenant_chore (
    company_id  bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
