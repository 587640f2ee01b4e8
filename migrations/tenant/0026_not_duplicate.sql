-- Records that look like one, and of which somebody said that they are not (docs/adr/0032-not-duplicates.md).

CREATE TABLE not_duplicate (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    -- The smaller id first: a pair is written in one way.
    one_id      bigint NOT NULL,
    other_id    bigint NOT NULL,
    -- The write that made one of them out of two, if it was said of the one that went; 0 when it was said of these.
    merge_id    bigint NOT NULL DEFAULT 0,
    -- Whether it counts: what came with a merge does not while the merge is undone.
    active      boolean NOT NULL DEFAULT true,
    -- By what they were alike then: 1 document, 2 e-mail, 4 telephone, 8 name, added up. Another sign is told.
    reasons     integer NOT NULL CHECK (reasons > 0),
    user_id     bigint,
    username    text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id),
    CHECK (one_id < other_id)
);
CREATE UNIQUE INDEX not_duplicate_pair ON not_duplicate (company_id, kind, one_id, other_id, merge_id);
CREATE INDEX not_duplicate_of_other ON not_duplicate (company_id, kind, other_id);
CREATE INDEX not_duplicate_of_merge ON not_duplicate (company_id, merge_id) WHERE merge_id <> 0;
CREATE INDEX not_duplicate_list ON not_duplicate (company_id, kind, id) WHERE active;
CALL protect('not_duplicate');

-- Who does not see both is not told that they were looked at.
CALL narrow('not_duplicate', '{customer,lead}', $$CASE kind
    WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = one_id) AND EXISTS (SELECT FROM customer r WHERE r.id = other_id)
    WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = one_id) AND EXISTS (SELECT FROM lead r WHERE r.id = other_id)
    ELSE false END$$);

-- That two have a field in common tells of the field. Pairs that have nothing else in common are not there under the veil.
CREATE FUNCTION veiled_reasons(kind text) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN veiled(kind || '.document') THEN 1 ELSE 0 END + CASE WHEN veiled(kind || '.email') THEN 2 ELSE 0 END
        + CASE WHEN veiled(kind || '.phone') THEN 4 ELSE 0 END
$$;
CALL veil('not_duplicate', '{}', jsonb_build_object('reasons',
        $$(t.reasons & ~CASE t.kind WHEN 'customer' THEN (SELECT veiled_reasons('customer')) ELSE (SELECT veiled_reasons('lead')) END)$$),
    $$t.reasons & ~CASE t.kind WHEN 'customer' THEN (SELECT veiled_reasons('customer')) ELSE (SELECT veiled_reasons('lead')) END <> 0$$);
