-- Views that a team sees.

ALTER TABLE saved_view ADD team_id bigint,
    ADD FOREIGN KEY (company_id, team_id) REFERENCES team,
    ADD CONSTRAINT saved_view_team CHECK ((visibility = 'TEAM') = (team_id IS NOT NULL));
-- Of two views of one name nobody knows which is meant: among those that all see, a team's, and one's own.
DROP INDEX saved_view_name_key;
CREATE UNIQUE INDEX saved_view_name_key ON saved_view
    (company_id, kind, visibility, (CASE visibility WHEN 'PRIVATE' THEN owner_id WHEN 'TEAM' THEN team_id ELSE 0 END),
     lower(name COLLATE "und-x-icu"))
    WHERE deleted_at IS NULL;
