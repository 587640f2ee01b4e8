-- Custom fields (docs/adr/0025-custom-fields.md): what a company writes down of its records besides. Definitions are
-- rows, values are one object in the record's row: nothing of a schema changes when somebody makes one.

CREATE TABLE custom_field (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    -- Never another's, not even once it is deleted: rows keep their values.
    key         text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    label       text NOT NULL CHECK (label <> ''),
    type        text NOT NULL,
    options     jsonb NOT NULL DEFAULT '[]',
    help        text NOT NULL DEFAULT '',
    position    bigint NOT NULL,
    required    boolean NOT NULL DEFAULT false,
    required_roles text[] NOT NULL DEFAULT '{}',
    searchable  boolean NOT NULL DEFAULT false,
    on_card     boolean NOT NULL DEFAULT false,
    pii         boolean NOT NULL DEFAULT false,
    -- Up to which record texts for searches were made anew; NULL when all of them are.
    reindex_at  bigint,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id),
    CONSTRAINT custom_field_key UNIQUE (company_id, kind, key)
);
-- Whatever reads records looks here for what it does not show.
CREATE INDEX custom_field_gone ON custom_field (company_id, kind, key) WHERE deleted_at IS NOT NULL;
CALL protect('custom_field');
REVOKE DELETE ON custom_field FROM sindico_tenant;

ALTER TABLE customer ADD custom jsonb NOT NULL DEFAULT '{}';
ALTER TABLE lead ADD custom jsonb NOT NULL DEFAULT '{}';
ALTER TABLE opportunity ADD custom jsonb NOT NULL DEFAULT '{}';
ALTER TABLE activity ADD custom jsonb NOT NULL DEFAULT '{}';
