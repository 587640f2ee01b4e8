-- Whom a customer or a lead is about, in normal forms: somebody who is there twice is found by indexes.
--
-- Behind a policy PostgreSQL looks nothing up by lower(email), which it does not know to be leakproof; a column
-- it does.

ALTER TABLE customer
    ADD email_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "und-x-icu")) STORED,
    ADD name_key  text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE lead
    ADD email_key    text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "und-x-icu")) STORED,
    ADD document_key text NOT NULL DEFAULT '',
    ADD phone_key    text NOT NULL DEFAULT '',
    ADD name_key     text COLLATE "C" NOT NULL DEFAULT '';

-- Those that are there: as far as names and numbers can be told without the program, of all companies, which only
-- this transaction of the owner can see. The next write of a record has it exactly.
ALTER TABLE customer NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lead NO FORCE ROW LEVEL SECURITY;
CREATE FUNCTION name_key_once(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(btrim(regexp_replace(regexp_replace(lower(normalize(name, NFKD) COLLATE "und-x-icu"),
            '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')),
        '( (ltda|limitada|eireli|mei|me|epp|slu|s a|sa))+$', '')
$$;
UPDATE customer SET name_key = name_key_once(name);
UPDATE lead SET name_key = name_key_once(CASE company WHEN '' THEN name ELSE company END),
    document_key = CASE WHEN bare.document ~ '^[0-9]{11}$|^[0-9A-Z]{12}[0-9]{2}$' THEN bare.document ELSE '' END,
    phone_key = CASE WHEN bare.phone ~ '^55[0-9]{10,11}$' THEN '+' || bare.phone
        WHEN bare.phone ~ '^[1-9][0-9]{9,10}$' AND lead.phone !~ '^ *[+]' THEN '+55' || bare.phone ELSE '' END
FROM (SELECT company_id, id, upper(regexp_replace(document, '[^0-9A-Za-z]', '', 'g')) AS document,
        regexp_replace(phone, '[^0-9]', '', 'g') AS phone FROM lead) bare
WHERE (lead.company_id, lead.id) = (bare.company_id, bare.id);
DROP FUNCTION name_key_once;
ALTER TABLE customer FORCE ROW LEVEL SECURITY;
ALTER TABLE lead FORCE ROW LEVEL SECURITY;

CREATE INDEX customer_by_email ON customer (company_id, email_key) WHERE deleted_at IS NULL;
CREATE INDEX customer_by_name_key ON customer (company_id, name_key) WHERE name_key <> '' AND deleted_at IS NULL;
CREATE INDEX lead_by_email ON lead (company_id, email_key) WHERE email_key <> '' AND deleted_at IS NULL;
CREATE INDEX lead_by_document ON lead (company_id, document_key) WHERE document_key <> '' AND deleted_at IS NULL;
CREATE INDEX lead_by_phone ON lead (company_id, phone_key) WHERE phone_key <> '' AND deleted_at IS NULL;
CREATE INDEX lead_by_name_key ON lead (company_id, name_key) WHERE name_key <> '' AND deleted_at IS NULL;
