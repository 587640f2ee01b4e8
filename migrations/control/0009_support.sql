-- The member of the tenant who asked for a visit of support; empty when the platform comes of its own.
ALTER TABLE support_visit ADD behalf_of text NOT NULL DEFAULT '';

-- A session by which an operator is in a tenant: good there alone, and no longer than the visit.
ALTER TABLE auth_session ADD visit_id bigint REFERENCES support_visit ON DELETE CASCADE;
ALTER TABLE hand_over ADD visit_id bigint REFERENCES support_visit ON DELETE CASCADE;

-- Why somebody of the platform acted in a tenant, and for whom, beside their own name:
-- {"visit", "behalf_of", "reason"}.
ALTER TABLE audit_event ADD support jsonb;

-- What a contract was before it was suspended or canceled, and so what it is again when it is resumed.
ALTER TABLE tenant_contract ADD resumes_to text CHECK (resumes_to IN ('TRIAL', 'ACTIVE'));
UPDATE tenant_contract k SET resumes_to = (
    SELECT e.before #>> '{contract,status}' FROM audit_event e
    WHERE e.company_id = k.company_id AND e.action = 'tenant.change'
      AND e.before #>> '{contract,status}' IN ('TRIAL', 'ACTIVE')
      AND e.after #>> '{contract,status}' IN ('SUSPENDED', 'CANCELED')
    ORDER BY e.id DESC LIMIT 1)
WHERE k.status IN ('SUSPENDED', 'CANCELED');
