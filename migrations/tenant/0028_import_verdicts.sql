-- By their verdict only the rows are looked for that something is to be said of. That of all others changes twice in an
-- import, and each time they were written into the index anew.
DROP INDEX import_row_verdict;
CREATE INDEX import_row_verdict ON import_row (company_id, job_id, verdict, line)
    WHERE verdict NOT IN ('', 'NEW', 'CREATED');
