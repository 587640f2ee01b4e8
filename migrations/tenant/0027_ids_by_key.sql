-- Who the rows of a file are, or whom they name: the records that have one of these values in a column, two
-- thousand values at a time. They are planned when they are asked, and not kept: a plan made for a table that an import fills would soon
-- be wrong.

-- By a column with an index behind the company. Each value is looked up there by itself, whatever is known of the table:
-- one that an import fills has no statistics, and those of a shared place may not know the company. PostgreSQL would read
-- all rows of the company then, once a piece or even once a value. The order, which it must not sort for, leaves that
-- index alone; a condition that is no equality keeps it from being dropped.
CREATE FUNCTION ids_by_key(what text, by text, keys text[]) RETURNS TABLE (key text, id bigint)
LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT e.one, t.id FROM unnest($1) e (one) CROSS JOIN LATERAL (
            SELECT id FROM %1$I WHERE %2$I >= e.one AND %2$I <= e.one AND %2$I <> '''' AND deleted_at IS NULL
            ORDER BY %2$I OFFSET 0) t', what, by)
    USING keys;
END $$;

-- By one without: all values in one look at the table.
CREATE FUNCTION ids_by_text(what text, by text, texts text[]) RETURNS TABLE (key text, id bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT e.one, t.id FROM unnest($1) e (one) JOIN %1$I t ON t.%2$I = e.one AND t.deleted_at IS NULL', what, by)
    USING texts;
END $$;

-- They see what who asks may see.
REVOKE EXECUTE ON FUNCTION ids_by_key, ids_by_text FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ids_by_key, ids_by_text TO sindico_tenant;
