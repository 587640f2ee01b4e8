-- Files at records, in the tenant's own place (docs/adr/0026-attachments.md).

-- What is in a file, once a company.
CREATE TABLE file_content (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    -- SHA-256 of all of it; none while it comes in.
    sha256      bytea,
    size        bigint NOT NULL DEFAULT 0,
    touched_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX file_content_sha256_key ON file_content (company_id, sha256);
CREATE INDEX file_content_room ON file_content (company_id) INCLUDE (size) WHERE sha256 IS NOT NULL;
CREATE INDEX file_content_coming ON file_content (company_id, touched_at) WHERE sha256 IS NULL;
CALL protect('file_content');

-- Its bytes, in pieces of one size but for the last.
CREATE TABLE file_chunk (
    company_id  bigint NOT NULL,
    content_id  bigint NOT NULL,
    n           integer NOT NULL,
    bytes       bytea NOT NULL,
    PRIMARY KEY (company_id, content_id, n),
    FOREIGN KEY (company_id, content_id) REFERENCES file_content ON DELETE CASCADE
);
-- Most files are pressed already; and a part of a piece is read without the rest.
ALTER TABLE file_chunk ALTER bytes SET STORAGE EXTERNAL;
CALL protect('file_chunk');

-- One row: whoever counts what files take holds it.
CREATE TABLE file_room (
    company_id  bigint NOT NULL PRIMARY KEY,
    looked_at   timestamptz NOT NULL DEFAULT now()
);
CALL protect('file_room');

-- A file at a record. What is removed stays for a while, so that it can come back.
CREATE TABLE attachment (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    record_id   bigint NOT NULL,
    name        text NOT NULL CHECK (name <> ''),
    media_type  text NOT NULL,
    content_id  bigint NOT NULL,
    user_id     bigint,
    username    text NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, content_id) REFERENCES file_content
);
CREATE INDEX attachment_of_record ON attachment (company_id, kind, record_id, id) WHERE deleted_at IS NULL;
CREATE INDEX attachment_of_content ON attachment (company_id, content_id);
CREATE INDEX attachment_removed ON attachment (company_id, deleted_at) WHERE deleted_at IS NOT NULL;
CALL protect('attachment');

-- A file is seen by who sees its record, and its bytes by who sees a file that has them.
CALL narrow('attachment', '{customer,lead,opportunity,activity}', $$CASE kind
    WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = record_id)
    WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = record_id)
    WHEN 'opportunity' THEN EXISTS (SELECT FROM opportunity r WHERE r.id = record_id)
    WHEN 'activity' THEN EXISTS (SELECT FROM activity r WHERE r.id = record_id)
    ELSE false END$$);
CALL narrow('file_content', '{customer,lead,opportunity,activity}',
    'EXISTS (SELECT FROM attachment a WHERE a.content_id = file_content.id)');
CALL narrow('file_chunk', '{customer,lead,opportunity,activity}',
    'EXISTS (SELECT FROM attachment a WHERE a.content_id = file_chunk.content_id)');
