-- schema: veil
-- Fields that are kept from who reads (docs/adr/0030-veil.md).
--
-- What is kept is told by the setting sindico.veil, ' customer.phone=NONE lead.notes=READ ', and '' for who reads and
-- writes every field. Whoever has a field kept from them reads with `veil` before `public` in their search path, and so
-- finds these views where everybody else finds the tables: every statement, whatever it selects, sorts or looks for, sees
-- the field as empty. Nobody else pays for it.

CREATE FUNCTION veiled(field text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(position(' ' || field || '=NONE ' IN current_setting('sindico.veil', true)) > 0, false)
$$;
-- Whether something of this kind can't be read.
CREATE FUNCTION veils(kind text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('sindico.veil', true) ~ (' ' || kind || '[.][^ ]*=NONE '), false)
$$;
-- The names of the fields of this kind that can't be read; `also` are those that can't be written either.
CREATE FUNCTION veiled_names(kind text, also text DEFAULT 'NONE') RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(split_part(substr(part, length(kind) + 2), '=', 1)), '{}')
    FROM unnest(string_to_array(current_setting('sindico.veil', true), ' ')) part
    WHERE starts_with(part, kind || '.') AND split_part(part, '=', 2) IN ('NONE', also)
$$;
-- The same of custom fields: their keys.
CREATE FUNCTION veiled_keys(kind text, also text DEFAULT 'NONE') RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(substr(name, 8)), '{}') FROM unnest(veiled_names(kind, also)) name WHERE starts_with(name, 'custom.')
$$;
-- Text as searches look in it, as near as it can be told without the program.
CREATE FUNCTION folded(what text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(normalize(what, NFKD) COLLATE "und-x-icu"), '[\u0300-\u036f]', '', 'g')
$$;
CREATE FUNCTION bare(number text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(number, '[^0-9A-Za-z]', '', 'g')
$$;

-- The columns that a field is kept in, where they are not one of its own name.
CREATE FUNCTION veil_field(what text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE what WHEN 'email_key' THEN 'email' WHEN 'phone_key' THEN 'phone' WHEN 'document_key' THEN 'document'
        WHEN 'amount_cents' THEN 'amount' ELSE what END
$$;

-- Makes (again, once the table has another column) what is read instead of a table. `fields` are those of its fields
-- that can be kept; `instead` is what is read instead of other columns, and `rows` which rows there are.
CREATE PROCEDURE veil(what text, fields text[], instead jsonb, rows text) LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(CASE
            WHEN instead ? a.attname THEN format('%s AS %I', instead ->> a.attname, a.attname)
            WHEN veil_field(a.attname) = ANY (fields) THEN format('CASE WHEN (SELECT veiled(%L)) THEN %s ELSE t.%I END AS %I',
                what || '.' || veil_field(a.attname),
                CASE WHEN a.attname = 'amount_cents' THEN '0::bigint'
                    WHEN a.atttypid = 'text'::regtype THEN $t$''::text$t$
                    WHEN a.atttypid = 'jsonb'::regtype THEN $t$'[]'::jsonb$t$
                    ELSE 'NULL::' || format_type(a.atttypid, NULL) END,
                a.attname, a.attname)
            ELSE format('t.%I', a.attname) END, ', ' ORDER BY a.attnum)
    INTO columns FROM pg_attribute a
    WHERE a.attrelid = ('public.' || what)::regclass AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('DROP VIEW IF EXISTS veil.%I', what);
    EXECUTE format('CREATE VIEW veil.%I WITH (security_invoker = true) AS SELECT %s FROM public.%I t WHERE %s',
        what, columns, what, rows);
    -- Whoever locks rows needs more than to read them (manual, SELECT).
    EXECUTE format('GRANT SELECT, UPDATE ON veil.%I TO sindico_tenant', what);
END $$;
REVOKE EXECUTE ON PROCEDURE veil FROM PUBLIC;

-- The same for a kind of records. `texts` are those of its columns in which searches look.
CREATE PROCEDURE veil_kind(what text, fields text[], texts text[]) LANGUAGE plpgsql AS $$
DECLARE
    parts text;
    instead jsonb := '{}';
BEGIN
    SELECT string_agg(CASE WHEN text = ANY (fields) THEN format('CASE WHEN (SELECT veiled(%L)) THEN NULL ELSE %s END',
            what || '.' || text, CASE WHEN text IN ('phone', 'document') THEN format('t.%1$I || E''\n'' || bare(t.%1$I)', text)
                WHEN text = 'contacts' THEN 't.contacts::text' ELSE format('t.%I', text) END)
        WHEN text = 'tags' THEN $t$array_to_string(t.tags, ' ')$t$
        WHEN text = 'custom' THEN format('(t.custom - (SELECT veiled_keys(%L)))::text', what)
        ELSE format('t.%I', text) END, ', ') INTO parts FROM unnest(texts) text;
    instead := jsonb_build_object('search_text', format(
        'CASE WHEN (SELECT veils(%L)) THEN folded(concat_ws(E''\n'', %s)) COLLATE "C" ELSE t.search_text END', what, parts));
    IF 'custom' = ANY (texts) THEN
        instead := instead || jsonb_build_object('custom', format('t.custom - (SELECT veiled_keys(%L))', what));
    END IF;
    CALL veil(what, fields, instead, 'true');
END $$;
REVOKE EXECUTE ON PROCEDURE veil_kind FROM PUBLIC;

CALL veil_kind('customer', '{email,phone,document,addresses,contacts,notes}', '{name,email,phone,document,tags,contacts,notes,custom}');
CALL veil_kind('lead', '{email,phone,document,score,budget,disqualification_reason,notes}',
    '{source,notes,name,company,email,phone,document,disqualification_reason,tags,custom}');
CALL veil_kind('opportunity', '{amount,expected_close_date,probability,next_step,loss_reason,notes}',
    '{title,next_step,loss_reason,notes,tags,custom}');
CALL veil_kind('activity', '{description,outcome,duration_minutes}', '{title,description,outcome,custom}');
CALL veil_kind('sales_goal', '{notes}', '{notes}');
-- What changed in a field tells what is in it. A lead without a name is called by its address, and a quote tells what a
-- sale brings.
CALL veil('change', '{}', jsonb_build_object(
    'title', $$CASE WHEN t.kind = 'lead' AND (SELECT veiled('lead.email')) AND t.title LIKE '%@%' THEN '' ELSE t.title END$$,
    'before', $$t.before - veiled_names(t.kind) - CASE WHEN t.kind = 'opportunity' AND (SELECT veiled('opportunity.amount')) THEN '{quote}'::text[] ELSE '{}' END$$,
    'after', $$t.after - veiled_names(t.kind) - CASE WHEN t.kind = 'opportunity' AND (SELECT veiled('opportunity.amount')) THEN '{quote}'::text[] ELSE '{}' END$$), 'true');
CALL veil('quote', '{}', '{}', $$NOT (SELECT veiled('opportunity.amount'))$$);
-- What is told of a quote's public page goes with the quote; what was sent by a form, or brought in by another's file, is
-- not looked through field by field.
CALL veil('lead_form_entry', '{}', '{}', $$NOT (SELECT veils('lead'))$$);
CALL veil('webhook_delivery', '{}', '{"body": "''''::text"}', 'true');
CALL veil('import_job', '{}', '{}', $$t.user_id = (SELECT nullif(current_setting('sindico.veil_of', true), '')::bigint)$$);
CALL veil('import_row', '{}', '{}', 'EXISTS (SELECT FROM veil.import_job j WHERE j.id = t.job_id)');
CALL veil('import_batch', '{}', '{}', 'EXISTS (SELECT FROM veil.import_job j WHERE j.id = t.job_id)');

-- Who does not read or write a field leaves it as it is, whatever is written: the program refuses it before, and what it
-- read as empty is not written back.
CREATE FUNCTION keep_veiled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    names text[] := veiled_names(TG_ARGV[0], 'READ');
    keys text[] := veiled_keys(TG_ARGV[0], 'READ');
    kept jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(was.key, was.value), '{}') INTO kept FROM jsonb_each(to_jsonb(OLD)) was
    WHERE public.veil_field(was.key) = ANY (names);
    IF keys <> '{}' THEN
        kept := kept || jsonb_build_object('custom', (to_jsonb(NEW) -> 'custom') - keys ||
            coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(OLD) -> 'custom') WHERE key = ANY (keys)), '{}'));
    END IF;
    RETURN jsonb_populate_record(NEW, kept);
END $$;
REVOKE EXECUTE ON FUNCTION keep_veiled FROM PUBLIC;
DO $$
DECLARE kind text;
BEGIN
    FOREACH kind IN ARRAY '{customer,lead,opportunity,activity,sales_goal}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER a_veiled BEFORE UPDATE ON %I FOR EACH ROW
            WHEN (nullif(current_setting(''sindico.veil'', true), '''') IS NOT NULL) EXECUTE FUNCTION keep_veiled(%L)', kind, kind);
    END LOOP;
END $$;

-- What a search has of a record: nothing of what is kept.
CREATE FUNCTION veiled_doc(of text, id bigint, title text, subtitle text, whole text)
RETURNS TABLE (title text, subtitle text, text text) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT $3, CASE WHEN veiled('customer.email') THEN '' ELSE $4 END, r.search_text FROM veil.customer r WHERE of = 'customer' AND r.id = $2
    UNION ALL SELECT coalesce(nullif(r.name, ''), nullif(r.company, ''), nullif(r.email, ''), r.source), $4, r.search_text
        FROM veil.lead r WHERE of = 'lead' AND r.id = $2
    UNION ALL SELECT $3, $4, r.search_text FROM veil.opportunity r WHERE of = 'opportunity' AND r.id = $2
    UNION ALL SELECT $3, $4, r.search_text FROM veil.activity r WHERE of = 'activity' AND r.id = $2
$$;
REVOKE EXECUTE ON FUNCTION veiled_doc FROM PUBLIC;

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
    IF coalesce(current_setting('sindico.veil', true), '') ~ '=NONE ' THEN
        RETURN QUERY EXECUTE format(
            'SELECT d.kind, d.record_id, v.title, v.subtitle, v.text::text FROM search_doc d
             CROSS JOIN LATERAL veiled_doc(d.kind, d.record_id, d.title, d.subtitle, d.text) v
             WHERE d.company_id = $1 AND d.kind = ANY ($2) AND %s AND v.text LIKE ALL ($4) LIMIT $3', coalesce(condition, 'false'))
        USING current_company(), kinds, most, parts;
        RETURN;
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
    IF coalesce(current_setting('sindico.veil', true), '') ~ '=NONE ' THEN
        RETURN QUERY EXECUTE format(
            'SELECT d.kind, d.record_id, v.title, v.subtitle, v.text::text FROM search_doc d
             CROSS JOIN LATERAL veiled_doc(d.kind, d.record_id, d.title, d.subtitle, d.text) v
             WHERE d.company_id = $1 AND d.kind = ANY ($2) AND $3 <%% d.text AND $3 <%% v.text %s
             ORDER BY word_similarity($3, v.text) DESC, d.record_id LIMIT $4', condition)
        USING current_company(), kinds, word, most;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT d.kind, d.record_id, d.title, d.subtitle, d.text::text FROM search_doc d
         WHERE d.company_id = $1 AND d.kind = ANY ($2) AND $3 <%% d.text %s
         ORDER BY word_similarity($3, d.text) DESC, d.record_id LIMIT $4', condition)
    USING current_company(), kinds, word, most;
END $$;
