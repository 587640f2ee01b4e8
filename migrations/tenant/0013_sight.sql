-- Teams, and who sees which records (docs/adr/0022-sight.md).

CREATE TABLE team (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (name <> ''),
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX team_name_key ON team (company_id, lower(name COLLATE "und-x-icu")) WHERE deleted_at IS NULL;

-- Of teams that are there: who is deleted with a team comes back with it.
CREATE TABLE team_member (
    company_id  bigint NOT NULL,
    team_id     bigint NOT NULL,
    user_id     bigint NOT NULL,
    username    text NOT NULL,
    leads       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company_id, team_id, user_id),
    FOREIGN KEY (company_id, team_id) REFERENCES team
);
CREATE INDEX team_member_of_user ON team_member (company_id, user_id, team_id, leads);

-- What was done to teams, as they were and as they were then; written once.
CREATE TABLE team_change (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    team_id     bigint NOT NULL,
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
    FOREIGN KEY (company_id, team_id) REFERENCES team
);
CREATE INDEX team_change_of_team ON team_change (company_id, team_id, id);

CALL protect('team');
CALL protect('team_member');
CALL protect('team_change');
REVOKE DELETE ON team FROM sindico_tenant;
REVOKE UPDATE, DELETE ON team_change FROM sindico_tenant;

-- Who reads is told by the setting sindico.reader: '' for who sees everything, else the user's id and what of
-- which kind they see: '7 lead=OWN activity=TEAM '. A kind that is not named is seen whole.

-- Whose records of a kind the reader sees: their own, those of the teams that they lead, and with TEAM those
-- of all their teams.
CREATE FUNCTION seen_owners(kind text) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH reader AS MATERIALIZED (
        SELECT nullif(split_part(current_setting('sindico.reader', true), ' ', 1), '')::bigint AS id,
            position(' ' || kind || '=TEAM ' IN current_setting('sindico.reader', true)) > 0 AS teams)
    SELECT array_agg(DISTINCT s.user_id) FROM (
        SELECT id AS user_id FROM reader WHERE id IS NOT NULL
        UNION ALL SELECT other.user_id FROM reader
            JOIN team_member mine ON mine.user_id = reader.id AND (mine.leads OR reader.teams)
            JOIN team_member other ON other.team_id = mine.team_id) s
$$;

-- How many records a write changed, whoever asks: who does not see all of them is told nothing of it. (A function's
-- own SET of such a setting takes a superuser.)
CREATE FUNCTION changes_of(change_set bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reader text := coalesce(current_setting('sindico.reader', true), '');
    n bigint;
BEGIN
    PERFORM set_config('sindico.reader', '', true);
    SELECT count(*) INTO n FROM change c WHERE c.change_set_id = $1;
    PERFORM set_config('sindico.reader', reader, true);
    RETURN n;
END $$;

-- Lets rows be seen by who may see them, beside the wall between companies; whatever reads them, by whatever
-- statement. `kinds` are those of which all has to be the reader's for the rule not to matter, and `rule` is what
-- else lets a row be seen. The question whether it matters at all is asked once a query. That it stands as IS NOT
-- NULL is for the planner, which takes nearly every row to pass such a test: plans are as they were without it.
CREATE PROCEDURE narrow(what regclass, kinds text[], rule text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY sight ON %s AS RESTRICTIVE FOR SELECT USING (
        (SELECT CASE WHEN NOT coalesce(current_setting(''sindico.reader'', true), '''') ~ %L THEN true END) IS NOT NULL
        OR %s)', what, ' (' || array_to_string(kinds, '|') || ')=', rule);
END $$;
REVOKE EXECUTE ON PROCEDURE narrow FROM PUBLIC;

CALL narrow('customer', '{customer}', $$owner_id = ANY ((SELECT seen_owners('customer'))::bigint[])$$);
CALL narrow('lead', '{lead}', $$owner_id = ANY ((SELECT seen_owners('lead'))::bigint[])$$);
CALL narrow('opportunity', '{opportunity}', $$owner_id = ANY ((SELECT seen_owners('opportunity'))::bigint[])$$);
CALL narrow('sales_goal', '{sales_goal}', $$assignee_id = ANY ((SELECT seen_owners('sales_goal'))::bigint[])$$);
-- Nobody sees more of an activity than of what it is about. One that nobody is to do is its writer's.
CALL narrow('activity', '{activity,lead,opportunity}', $$(
    ((SELECT CASE WHEN NOT current_setting('sindico.reader', true) ~ ' activity=' THEN true END) IS NOT NULL
        OR CASE WHEN assigned_to_id IS NULL THEN created_by_id ELSE assigned_to_id END = ANY ((SELECT seen_owners('activity'))::bigint[]))
    AND (lead_id IS NULL OR EXISTS (SELECT FROM lead l WHERE l.id = lead_id))
    AND (opportunity_id IS NULL OR EXISTS (SELECT FROM opportunity o WHERE o.id = opportunity_id)))$$);
-- History is seen of what is seen.
CALL narrow('change', '{customer,lead,opportunity,activity,sales_goal}', $$CASE kind
    WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = record_id)
    WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = record_id)
    WHEN 'opportunity' THEN EXISTS (SELECT FROM opportunity r WHERE r.id = record_id)
    WHEN 'activity' THEN EXISTS (SELECT FROM activity r WHERE r.id = record_id)
    WHEN 'sales_goal' THEN EXISTS (SELECT FROM sales_goal r WHERE r.id = record_id)
    ELSE false END$$);
CALL narrow('change_set', '{customer,lead,opportunity,activity,sales_goal}',
    'EXISTS (SELECT FROM change c WHERE c.change_set_id = change_set.id)');
-- What was brought in or taken out is its own person's.
CALL narrow('import_job', '{customer,lead,opportunity,activity,sales_goal}',
    $$user_id = (SELECT nullif(split_part(current_setting('sindico.reader', true), ' ', 1), '')::bigint)$$);
CALL narrow('import_row', '{customer,lead,opportunity,activity,sales_goal}',
    'EXISTS (SELECT FROM import_job j WHERE j.id = job_id)');
CALL narrow('import_batch', '{customer,lead,opportunity,activity,sales_goal}',
    'EXISTS (SELECT FROM import_job j WHERE j.id = job_id)');
CALL narrow('export_log', '{customer,lead,opportunity,activity,sales_goal}',
    $$user_id = (SELECT nullif(split_part(current_setting('sindico.reader', true), ' ', 1), '')::bigint)$$);

-- Searches find what is seen. The tables' own policies bind the owner of these functions as well.
CREATE FUNCTION seen_doc(kind text, record_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE kind
        WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = record_id)
        WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = record_id)
        WHEN 'opportunity' THEN EXISTS (SELECT FROM opportunity r WHERE r.id = record_id)
        WHEN 'activity' THEN EXISTS (SELECT FROM activity r WHERE r.id = record_id)
        ELSE false END
$$;
REVOKE EXECUTE ON FUNCTION seen_doc FROM PUBLIC;

CREATE OR REPLACE FUNCTION search_docs(kinds text[], parts text[], most integer)
RETURNS TABLE (kind text, record_id bigint, title text, subtitle text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    condition text;
BEGIN
    -- One condition each: LIKE ALL can't use the index. Planned with the values, so that the rarest
    -- part leads.
    SELECT string_agg(format('d.text LIKE %L', part), ' AND ') INTO condition FROM unnest(parts) part;
    IF coalesce(current_setting('sindico.reader', true), '') <> '' THEN
        condition := condition || ' AND seen_doc(d.kind, d.record_id)';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT d.kind, d.record_id, d.title, d.subtitle, d.text::text FROM search_doc d
         WHERE d.company_id = $1 AND d.kind = ANY ($2) AND %s LIMIT $3', coalesce(condition, 'false'))
    USING current_company(), kinds, most;
END $$;

CREATE OR REPLACE FUNCTION search_alike(kinds text[], word text, most integer)
RETURNS TABLE (kind text, record_id bigint, title text, subtitle text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45 AS $$
DECLARE
    condition text := '';
BEGIN
    IF coalesce(current_setting('sindico.reader', true), '') <> '' THEN
        condition := 'AND seen_doc(d.kind, d.record_id)';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT d.kind, d.record_id, d.title, d.subtitle, d.text::text FROM search_doc d
         WHERE d.company_id = $1 AND d.kind = ANY ($2) AND $3 <%% d.text %s
         ORDER BY word_similarity($3, d.text) DESC, d.record_id LIMIT $4', condition)
    USING current_company(), kinds, word, most;
END $$;

-- What is counted by indexes alone needs in them what the rules look at.
DROP INDEX customer_by_id, lead_by_id, lead_by_status, opportunity_by_id, activity_by_id, activity_pending, activity_my_day;
CREATE INDEX customer_by_id ON customer (company_id, id) INCLUDE (owner_id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_id ON lead (company_id, id) INCLUDE (owner_id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_status ON lead (company_id, status, created_at) INCLUDE (owner_id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_id ON opportunity (company_id, id) INCLUDE (owner_id) WHERE deleted_at IS NULL;
CREATE INDEX activity_by_id ON activity (company_id, id) INCLUDE (assigned_to_id, created_by_id, lead_id, opportunity_id) WHERE deleted_at IS NULL;
CREATE INDEX activity_pending ON activity (company_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id)
    INCLUDE (due_at, priority, reminder_at, reminder_sent, sla_due_at, assigned_to_id, created_at, created_by_id, lead_id, opportunity_id)
    WHERE deleted_at IS NULL AND status = 'PENDING';
CREATE INDEX activity_my_day ON activity (company_id, assigned_to_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id)
    INCLUDE (due_at, reminder_at, reminder_sent, sla_due_at, created_by_id, lead_id, opportunity_id) WHERE deleted_at IS NULL AND status = 'PENDING';
