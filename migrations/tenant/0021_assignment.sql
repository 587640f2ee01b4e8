-- Who gets new leads that nobody was named for (docs/adr/0029-notifications.md).

-- All rules of a company in their order: they are read, changed and undone as one.
CREATE TABLE assignment_rules (
    company_id  bigint NOT NULL,
    rules       jsonb NOT NULL DEFAULT '[]',
    -- The id of the next new rule: none has two lives.
    next_id     bigint NOT NULL DEFAULT 1,
    version     bigint NOT NULL DEFAULT 1,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id)
);
CALL protect('assignment_rules');

-- Who had the last turn of a rule. The row is locked until the lead is committed: two at once take two turns.
CREATE TABLE assignment_turn (
    company_id  bigint NOT NULL,
    rule_id     bigint NOT NULL,
    last_user   bigint,
    PRIMARY KEY (company_id, rule_id)
);
CALL protect('assignment_turn');

-- By which rules a write gave which leads to whom: {"7": {"rule": 1, "name": "Sul", "user": 3}}.
ALTER TABLE change_set ADD assigned jsonb;
