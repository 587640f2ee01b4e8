-- Views that people keep of a kind's records: which, in which order, with which columns.
CREATE TABLE saved_view (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    name        text NOT NULL CHECK (name <> ''),
    -- PRIVATE or TENANT; teams will have theirs.
    visibility  text NOT NULL,
    owner_id    bigint NOT NULL,
    owner_username text NOT NULL,
    -- A tree of the filter language; NULL for all records.
    filter      jsonb,
    -- '' for the kind's own order, no columns for the kind's own columns.
    sort        text NOT NULL DEFAULT '',
    columns     text[] NOT NULL DEFAULT '{}',
    density     text NOT NULL DEFAULT 'COMFORTABLE',
    default_for text[] NOT NULL DEFAULT '{}',
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX saved_view_of_kind ON saved_view (company_id, kind, id) WHERE deleted_at IS NULL;
-- Of two views of one name nobody knows which is meant: among those that all see, and among one's own.
CREATE UNIQUE INDEX saved_view_name_key ON saved_view
    (company_id, kind, (CASE WHEN visibility = 'PRIVATE' THEN owner_id ELSE 0 END), lower(name COLLATE "und-x-icu"))
    WHERE deleted_at IS NULL;
-- A role begins with one view.
CREATE UNIQUE INDEX saved_view_default_member_key ON saved_view (company_id, kind)
    WHERE deleted_at IS NULL AND 'MEMBER' = ANY (default_for);
CREATE UNIQUE INDEX saved_view_default_manager_key ON saved_view (company_id, kind)
    WHERE deleted_at IS NULL AND 'MANAGER' = ANY (default_for);
CREATE UNIQUE INDEX saved_view_default_owner_key ON saved_view (company_id, kind)
    WHERE deleted_at IS NULL AND 'OWNER' = ANY (default_for);

-- What was done to views, by whom, as they were and as they were then; written once.
CREATE TABLE saved_view_change (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    view_id     bigint NOT NULL,
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
    FOREIGN KEY (company_id, view_id) REFERENCES saved_view
);
CREATE INDEX saved_view_change_of_view ON saved_view_change (company_id, view_id, id);

CALL protect('saved_view');
CALL protect('saved_view_change');
REVOKE UPDATE, DELETE ON saved_view_change FROM sindico_tenant;
