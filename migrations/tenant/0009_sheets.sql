-- Spreadsheets: who took what out, and what is brought in.

CREATE TABLE export_log (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    format      text NOT NULL,
    -- The query of the list, as it was asked for.
    query       text NOT NULL,
    -- NULL until the last row went out: an export that broke off has none.
    rows        bigint,
    user_id     bigint,
    username    text NOT NULL,
    address     text,
    request_id  text NOT NULL,
    -- As in change_set.
    support     jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CALL protect('export_log');

-- An import: a file, what its columns mean, and how far it has come.
CREATE TABLE import_job (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    -- LOADING, READY, CHECKING, CHECKED, COMMITTING, DONE, CANCELLED, UNDOING, UNDONE, FAILED
    state       text NOT NULL DEFAULT 'LOADING',
    file_name   text NOT NULL,
    format      jsonb NOT NULL DEFAULT '{}',
    headers     text[] NOT NULL DEFAULT '{}',
    -- For each column the name of its field, or ''.
    mapping     text[] NOT NULL DEFAULT '{}',
    options     jsonb NOT NULL DEFAULT '{}',
    rows        bigint NOT NULL DEFAULT 0,
    -- The last row (or, in an undo, the change set) that is done with.
    position    bigint NOT NULL DEFAULT 0,
    counts      jsonb NOT NULL DEFAULT '{}',
    -- What stopped it, in words.
    trouble     text NOT NULL DEFAULT '',
    cancel      boolean NOT NULL DEFAULT false,
    user_id     bigint,
    username    text NOT NULL,
    address     text,
    request_id  text NOT NULL,
    support     jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE INDEX import_job_open ON import_job (company_id, id) WHERE state IN ('CHECKING', 'COMMITTING', 'UNDOING');
CALL protect('import_job');

CREATE TABLE import_row (
    company_id  bigint NOT NULL,
    job_id      bigint NOT NULL,
    -- Its line in the file.
    line        bigint NOT NULL,
    cells       jsonb NOT NULL,
    -- '', NEW, UPDATE, SKIP, ERROR before it is written; CREATED, UPDATED, SKIPPED, FAILED after.
    verdict     text NOT NULL DEFAULT '',
    record_id   bigint,
    -- By field, what is wrong or was guessed.
    notes       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (company_id, job_id, line),
    FOREIGN KEY (company_id, job_id) REFERENCES import_job ON DELETE CASCADE
);
CREATE INDEX import_row_verdict ON import_row (company_id, job_id, verdict, line);
CALL protect('import_row');

-- The change sets that an import left: a batch each.
CREATE TABLE import_batch (
    company_id    bigint NOT NULL,
    job_id        bigint NOT NULL,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company_id, job_id, change_set_id),
    FOREIGN KEY (company_id, job_id) REFERENCES import_job ON DELETE CASCADE,
    FOREIGN KEY (company_id, change_set_id) REFERENCES change_set
);
CALL protect('import_batch');
