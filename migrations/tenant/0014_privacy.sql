-- What the law asks for when data tell something about a person (LGPD, Law 13.709/2018; docs/adr/0028-privacy.md).

-- What a person, or somebody in their name, asked for.
CREATE TABLE privacy_request (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    -- EXPORT or ERASURE
    kind        text NOT NULL,
    -- OPEN, DONE, REFUSED
    state       text NOT NULL DEFAULT 'OPEN',
    -- Whose records: ids and nothing else, so that this stays when the person is gone.
    customers   bigint[] NOT NULL,
    leads       bigint[] NOT NULL,
    received_on date NOT NULL,
    due_on      date NOT NULL,
    -- What was written down of it; gone with the person.
    note        text NOT NULL DEFAULT '',
    -- Why it was refused: one of the law's reasons.
    reason      text NOT NULL DEFAULT '',
    -- How much was erased, by where it was.
    erased      jsonb NOT NULL DEFAULT '{}',
    user_id     bigint,
    username    text NOT NULL,
    done_by     text NOT NULL DEFAULT '',
    done_at     timestamptz,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE INDEX privacy_request_open ON privacy_request (company_id, due_on, id) WHERE state = 'OPEN';
CALL protect('privacy_request');
REVOKE DELETE ON privacy_request FROM sindico_tenant;

-- Records of which nothing tells who they were about.
CREATE TABLE erasure (
    company_id  bigint NOT NULL,
    kind        text NOT NULL,
    record_id   bigint NOT NULL,
    -- One of the two: who asked for it, or by which rule it was time.
    request_id  bigint,
    rule_id     bigint,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, kind, record_id)
);
CALL protect('erasure');
REVOKE UPDATE, DELETE ON erasure FROM sindico_tenant;

-- On which ground of the law something is done with a person's data. Written once: who takes a consent back
-- adds that they did.
CREATE TABLE consent (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    record_id   bigint NOT NULL,
    purpose     text NOT NULL CHECK (purpose <> ''),
    basis       text NOT NULL,
    -- GRANTED or REVOKED
    state       text NOT NULL,
    -- Where it was said: a form, on the telephone, a signed paper.
    source      text NOT NULL DEFAULT '',
    evidence    text NOT NULL DEFAULT '',
    user_id     bigint,
    username    text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE INDEX consent_of ON consent (company_id, kind, record_id, id);
CALL protect('consent');
REVOKE DELETE ON consent FROM sindico_tenant;

-- Who looked at whose data: a row for each person, user and day.
CREATE TABLE access_log (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    record_id   bigint NOT NULL,
    user_id     bigint NOT NULL,
    username    text NOT NULL,
    day         date NOT NULL,
    times       bigint NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX access_log_key ON access_log (company_id, kind, record_id, user_id, day);
CALL protect('access_log');

-- For how long records are kept that tell something about a person.
CREATE TABLE retention_rule (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    name        text NOT NULL CHECK (name <> ''),
    -- A tree of the filter language; NULL for all of the kind.
    filter      jsonb,
    -- After so many months in which nothing was done with it.
    months      bigint NOT NULL CHECK (months > 0),
    active      boolean NOT NULL,
    -- When it was last gone by, and what of it came of it.
    ran_at      timestamptz,
    erased      bigint NOT NULL DEFAULT 0,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id)
);
CALL protect('retention_rule');

CALL narrow('consent', '{customer,lead}', $$CASE kind
    WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = record_id)
    WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = record_id)
    ELSE false END$$);

-- A change of which something was erased: it can't be taken back.
ALTER TABLE change ADD erased boolean NOT NULL DEFAULT false;

-- History is written once, and tenants' roles can't change it. What was erased must not stand in it either: this
-- takes fields out of it and puts nothing in. Its owner is bound by the tables' policies as everybody is.
CREATE FUNCTION erase_history(what text, ids bigint[], fields text[], called text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE change c SET before = before - fields, after = after - fields, title = called || ' ' || record_id,
        erased = erased OR before ?| fields OR after ?| fields
    WHERE c.company_id = current_company() AND c.kind = what AND c.record_id = ANY (ids);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- The same for what views, and other settings, were: each text that fits is written over. NULL fits none.
CREATE FUNCTION erase_views(every text, called text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE saved_view_change SET before = regexp_replace(before::text, every, called, 'gi')::jsonb,
        after = regexp_replace(after::text, every, called, 'gi')::jsonb
    WHERE company_id = current_company() AND (before::text ~* every OR after::text ~* every);
    UPDATE setting_change SET before = regexp_replace(before::text, every, called, 'gi')::jsonb,
        after = regexp_replace(after::text, every, called, 'gi')::jsonb
    WHERE company_id = current_company() AND (before::text ~* every OR after::text ~* every);
    UPDATE saved_view SET filter = regexp_replace(filter::text, every, called, 'gi')::jsonb,
        name = regexp_replace(name, every, called || ' ' || id, 'gi'), version = version + 1, updated_at = now()
    WHERE company_id = current_company() AND (filter::text ~* every OR name ~* every);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
REVOKE EXECUTE ON FUNCTION erase_history, erase_views FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_history, erase_views TO sindico_tenant;
