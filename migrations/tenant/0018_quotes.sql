-- Products, and quotes that are made of them (docs/adr/0027-quotes.md).

CREATE TABLE product (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (name <> ''),
    code        text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    unit        text NOT NULL DEFAULT '',
    price       numeric(14, 2) NOT NULL DEFAULT 0,
    active      boolean NOT NULL DEFAULT true,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX product_code_key ON product (company_id, lower(code COLLATE "und-x-icu")) WHERE code <> '' AND deleted_at IS NULL;
CREATE INDEX product_by_name ON product (company_id, name, id) WHERE deleted_at IS NULL;

-- What was done to products, as they were and as they were then; written once.
CREATE TABLE product_change (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    product_id  bigint NOT NULL,
    action      text NOT NULL,
    user_id     bigint,
    username    text NOT NULL,
    address     text,
    request_id  text NOT NULL,
    support     jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    before      jsonb NOT NULL,
    after       jsonb NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES product
);
CREATE INDEX product_change_of_product ON product_change (company_id, product_id, id);

-- The last number that was given to a quote; whoever sends one holds it.
CREATE TABLE quote_number (
    company_id  bigint NOT NULL PRIMARY KEY,
    last        bigint NOT NULL
);

CREATE TABLE quote (
    company_id      bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    opportunity_id  bigint NOT NULL,
    -- Given when it is sent, so that there are no gaps; a revision has that of what it stands for.
    number          bigint,
    revision        bigint NOT NULL DEFAULT 1,
    revises         bigint,
    revised_by      bigint,
    status          text NOT NULL DEFAULT 'DRAFT',
    valid_until     date,
    language        text NOT NULL,
    notes           text NOT NULL,
    terms           text NOT NULL,
    lines           jsonb NOT NULL,
    total           numeric(14, 2) NOT NULL,
    -- The customer's name when it was sent.
    customer        text NOT NULL DEFAULT '',
    -- SHA-256 of the key of its link: the key itself is told once.
    key_hash        bytea,
    key_until       date,
    sent_at         timestamptz,
    seen_at         timestamptz,
    decided_at      timestamptz,
    decided_by      text NOT NULL DEFAULT '',
    user_id         bigint,
    username        text NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, opportunity_id) REFERENCES opportunity,
    FOREIGN KEY (company_id, revises) REFERENCES quote,
    FOREIGN KEY (company_id, revised_by) REFERENCES quote
);
CREATE UNIQUE INDEX quote_number_key ON quote (company_id, number, revision) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX quote_link_key ON quote (company_id, key_hash);
CREATE INDEX quote_of_opportunity ON quote (company_id, opportunity_id, id) WHERE deleted_at IS NULL;
CREATE INDEX quote_by_id ON quote (company_id, id DESC) INCLUDE (opportunity_id) WHERE deleted_at IS NULL;

CALL protect('product');
CALL protect('product_change');
CALL protect('quote_number');
CALL protect('quote');
REVOKE DELETE ON product FROM sindico_tenant;
REVOKE UPDATE, DELETE ON product_change FROM sindico_tenant;
REVOKE DELETE ON quote FROM sindico_tenant;

-- A quote is seen by who sees its sale.
CALL narrow('quote', '{opportunity}', 'EXISTS (SELECT FROM opportunity o WHERE o.id = opportunity_id)');
