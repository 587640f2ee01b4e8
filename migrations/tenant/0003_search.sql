-- extensions: pg_trgm, btree_gin
-- Search: folded text of every record, found by any part of it.
--
-- Row-level security lets an index be used only with operators that are leakproof, and LIKE is not one
-- (manual, 41.5): behind a forced policy each search would read all rows. So the policy of this table does
-- not bind its owner, whom nobody can sign in as, and nobody else may touch it. Tenants reach it through
-- the functions below, which name the company themselves (docs/adr/0013-search.md).

CREATE TABLE search_doc (
    company_id bigint NOT NULL,
    kind       text NOT NULL,
    record_id  bigint NOT NULL,
    title      text NOT NULL,
    subtitle   text NOT NULL,
    text       text COLLATE "C" NOT NULL,
    PRIMARY KEY (company_id, kind, record_id)
);
-- A document has some hundred trigrams, each with a place of its own in the index. They wait in a short
-- list and are sorted in together, which makes writing four times as fast; a search reads the list, too,
-- so it is short.
CREATE INDEX search_doc_text ON search_doc USING gin (company_id, text gin_trgm_ops)
    WITH (fastupdate = on, gin_pending_list_limit = 256);

ALTER TABLE search_doc ENABLE ROW LEVEL SECURITY;
CREATE POLICY company ON search_doc
    USING (company_id = (SELECT nullif(current_setting('sindico.company_id', true), '')::bigint))
    WITH CHECK (company_id = (SELECT nullif(current_setting('sindico.company_id', true), '')::bigint));

-- Documents of these kinds that hold every one of these parts, at most so many, in no order.
CREATE FUNCTION search_docs(kinds text[], parts text[], most integer)
RETURNS TABLE (kind text, record_id bigint, title text, subtitle text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    condition text;
BEGIN
    -- One condition each: LIKE ALL can't use the index. Planned with the values, so that the rarest
    -- part leads.
    SELECT string_agg(format('d.text LIKE %L', part), ' AND ') INTO condition FROM unnest(parts) part;
    RETURN QUERY EXECUTE format(
        'SELECT d.kind, d.record_id, d.title, d.subtitle, d.text::text FROM search_doc d
         WHERE d.company_id = $1 AND d.kind = ANY ($2) AND %s LIMIT $3', coalesce(condition, 'false'))
    USING current_company(), kinds, most;
END $$;

-- Documents with words like this one, for what is found nowhere as it is written.
CREATE FUNCTION search_alike(kinds text[], word text, most integer)
RETURNS TABLE (kind text, record_id bigint, title text, subtitle text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.45 AS $$
BEGIN
    RETURN QUERY EXECUTE
        'SELECT d.kind, d.record_id, d.title, d.subtitle, d.text::text FROM search_doc d
         WHERE d.company_id = $1 AND d.kind = ANY ($2) AND $3 <% d.text
         ORDER BY word_similarity($3, d.text) DESC, d.record_id LIMIT $4'
    USING current_company(), kinds, word, most;
END $$;

-- Keeps the documents of a table. Its rows are searchable while they are not in the bin.
CREATE PROCEDURE make_searchable(what regclass, title text, subtitle text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($f$
        CREATE FUNCTION %1$s_searchable() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $t$
        BEGIN
            IF TG_OP = 'DELETE' OR NEW.deleted_at IS NOT NULL THEN
                DELETE FROM search_doc WHERE company_id = OLD.company_id AND kind = '%1$s' AND record_id = OLD.id;
            ELSE
                INSERT INTO search_doc VALUES (NEW.company_id, '%1$s', NEW.id, %2$s, %3$s, NEW.search_text)
                ON CONFLICT (company_id, kind, record_id) DO UPDATE
                    SET title = excluded.title, subtitle = excluded.subtitle, text = excluded.text
                    WHERE (search_doc.title, search_doc.subtitle, search_doc.text)
                        IS DISTINCT FROM (excluded.title, excluded.subtitle, excluded.text);
            END IF;
            RETURN NULL;
        END $t$;
        REVOKE EXECUTE ON FUNCTION %1$s_searchable FROM PUBLIC;
        CREATE TRIGGER searchable_new AFTER INSERT OR DELETE ON %1$s
            FOR EACH ROW EXECUTE FUNCTION %1$s_searchable();
        CREATE TRIGGER searchable AFTER UPDATE ON %1$s FOR EACH ROW
            WHEN (OLD.search_text IS DISTINCT FROM NEW.search_text OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at
                OR %4$s IS DISTINCT FROM %3$s)
            EXECUTE FUNCTION %1$s_searchable();
    $f$, what, title, subtitle, replace(subtitle, 'NEW.', 'OLD.'));
END $$;

REVOKE EXECUTE ON FUNCTION search_docs, search_alike FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE make_searchable FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_docs, search_alike TO sindico_tenant;
