-- Numbers are counted by indexes alone, for which PostgreSQL must know of each page that everybody sees its
-- rows. Only VACUUM tells it, and by default it comes when a fifth of a table is new: until then each of
-- these rows is looked up in the table, ten times as dear (fifty thousand pending activities: 360 ms, not 20).
-- So it comes when a fiftieth is.

ALTER TABLE lead SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE opportunity SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE activity SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);
-- Whether anything has changed is asked of the end of an index of it.
ALTER TABLE change SET (autovacuum_vacuum_insert_scale_factor = 0.02);
