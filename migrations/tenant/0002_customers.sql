-- Customers: whom the company sells to.

CREATE TABLE customer (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    -- Sorted as people sort: accents and case decide last.
    name        text COLLATE "und-x-icu" NOT NULL CHECK (name <> ''),
    email       text NOT NULL,
    phone       text NOT NULL DEFAULT '',
    document    text NOT NULL DEFAULT '',
    -- Folded name, e-mail, phone and document, for ?q=.
    search_text text COLLATE "C" NOT NULL,
    -- Counts every change: the ETag.
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
-- Letter case by ICU's rules, since the database's own locale knows ASCII only.
CREATE UNIQUE INDEX customer_email_key ON customer (company_id, lower(email COLLATE "und-x-icu"));
CREATE INDEX customer_by_name ON customer (company_id, name, id);
CREATE INDEX customer_by_created ON customer (company_id, created_at, id);
CALL protect('customer');
