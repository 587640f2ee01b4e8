-- Deleted products are in the bin, beside records.

CREATE INDEX product_bin ON product (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
