-- The CRM: leads, opportunities, activities, goals, and a history that can undo.
--
-- What is deleted goes to the bin (deleted_at): whatever refers to it still finds it. References carry
-- the company, so that none can lead behind a wall. An absent day or instant sorts last, which is what
-- the CASE in the indexes is for: behind a policy PostgreSQL looks nothing up by coalesce, which it does not
-- know to be leakproof.

ALTER TABLE customer
    ADD kind            text NOT NULL DEFAULT 'COMPANY',
    ADD owner_id        bigint,
    ADD owner_username  text,
    ADD tags            text[] NOT NULL DEFAULT '{}',
    ADD addresses       jsonb NOT NULL DEFAULT '[]',
    ADD contacts        jsonb NOT NULL DEFAULT '[]',
    ADD notes           text NOT NULL DEFAULT '',
    -- Document and telephone in their normal forms, to find who is meant; '' for what has none.
    ADD document_key    text NOT NULL DEFAULT '',
    ADD phone_key       text NOT NULL DEFAULT '',
    ADD deleted_at      timestamptz;
DROP INDEX customer_email_key, customer_by_name, customer_by_created;
CREATE UNIQUE INDEX customer_email_key ON customer (company_id, lower(email COLLATE "und-x-icu"))
    WHERE deleted_at IS NULL;
CREATE INDEX customer_by_name ON customer (company_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX customer_by_id ON customer (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX customer_by_created ON customer (company_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customer_by_document ON customer (company_id, document_key) WHERE document_key <> '' AND deleted_at IS NULL;
CREATE INDEX customer_by_phone ON customer (company_id, phone_key) WHERE phone_key <> '' AND deleted_at IS NULL;
CREATE INDEX customer_by_owner ON customer (company_id, owner_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX customer_bin ON customer (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE lead (
    company_id      bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    source          text NOT NULL,
    customer_id     bigint,
    status          text NOT NULL DEFAULT 'NEW',
    name            text NOT NULL DEFAULT '',
    company         text NOT NULL DEFAULT '',
    email           text NOT NULL DEFAULT '',
    phone           text NOT NULL DEFAULT '',
    document        text NOT NULL DEFAULT '',
    score           bigint,
    budget          numeric(14, 2),
    owner_id        bigint,
    owner_username  text,
    disqualification_reason text NOT NULL DEFAULT '',
    tags            text[] NOT NULL DEFAULT '{}',
    notes           text NOT NULL DEFAULT '',
    search_text     text COLLATE "C" NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customer
);
CREATE INDEX lead_by_id ON lead (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_status ON lead (company_id, status, created_at) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_created ON lead (company_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_score ON lead (company_id, (CASE WHEN score IS NULL THEN -1 ELSE score END), id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_owner ON lead (company_id, owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX lead_by_customer ON lead (company_id, customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX lead_bin ON lead (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE opportunity (
    company_id      bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    customer_id     bigint NOT NULL,
    source_lead_id  bigint,
    title           text NOT NULL CHECK (title <> ''),
    stage           text NOT NULL DEFAULT 'DISCOVERY',
    amount          numeric(14, 2) NOT NULL DEFAULT 0,
    -- numeric can't be compared behind a policy by an index: its operators are not leakproof.
    amount_cents    bigint NOT NULL GENERATED ALWAYS AS ((amount * 100)::bigint) STORED,
    expected_close_date date,
    probability     bigint,
    next_step       text NOT NULL DEFAULT '',
    owner_id        bigint,
    owner_username  text,
    loss_reason     text NOT NULL DEFAULT '',
    closed_at       timestamptz,
    tags            text[] NOT NULL DEFAULT '{}',
    notes           text NOT NULL DEFAULT '',
    -- The place in its column of the board, between those of its neighbours.
    rank            text COLLATE "C" NOT NULL,
    search_text     text COLLATE "C" NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customer,
    FOREIGN KEY (company_id, source_lead_id) REFERENCES lead
);
-- A new card stands above all that were made before it; the final letter leaves room on both sides.
CREATE FUNCTION rank_new_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rank := lpad((9999999999999 - NEW.id)::text, 13, '0') || 'i';
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION rank_new_card FROM PUBLIC;
CREATE TRIGGER ranked BEFORE INSERT ON opportunity FOR EACH ROW WHEN (NEW.rank = '') EXECUTE FUNCTION rank_new_card();
CREATE INDEX opportunity_by_id ON opportunity (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_board ON opportunity (company_id, stage, rank, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_totals ON opportunity (company_id, stage, created_at) INCLUDE (amount_cents, owner_id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_closed ON opportunity (company_id, stage, (CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END), id) INCLUDE (closed_at, amount_cents, owner_id)
    WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_created ON opportunity (company_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_amount ON opportunity (company_id, amount_cents, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_close ON opportunity (company_id, (CASE WHEN expected_close_date IS NULL THEN 'infinity'::date ELSE expected_close_date END), id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_owner ON opportunity (company_id, owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_by_customer ON opportunity (company_id, customer_id, id);
CREATE INDEX opportunity_by_lead ON opportunity (company_id, source_lead_id, id) WHERE source_lead_id IS NOT NULL;
CREATE INDEX opportunity_bin ON opportunity (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE activity (
    company_id      bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    kind            text NOT NULL DEFAULT 'TASK',
    title           text NOT NULL CHECK (title <> ''),
    description     text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT 'PENDING',
    priority        text NOT NULL DEFAULT 'MEDIUM',
    due_at          timestamptz,
    reminder_at     timestamptz,
    reminder_sent   boolean NOT NULL DEFAULT false,
    sla_hours       bigint,
    sla_due_at      timestamptz,
    completed_at    timestamptz,
    lead_id         bigint,
    opportunity_id  bigint,
    assigned_to_id  bigint,
    assigned_to_username text,
    created_by_id   bigint,
    created_by_username  text,
    outcome         text NOT NULL DEFAULT '',
    duration_minutes bigint,
    search_text     text COLLATE "C" NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, lead_id) REFERENCES lead,
    FOREIGN KEY (company_id, opportunity_id) REFERENCES opportunity,
    CONSTRAINT activity_is_about_something CHECK (lead_id IS NOT NULL OR opportunity_id IS NOT NULL)
);
CREATE INDEX activity_by_id ON activity (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX activity_by_due ON activity (company_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id) WHERE deleted_at IS NULL;
CREATE INDEX activity_by_created ON activity (company_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX activity_pending ON activity (company_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id)
    INCLUDE (due_at, priority, reminder_at, reminder_sent, sla_due_at, assigned_to_id, created_at) WHERE deleted_at IS NULL AND status = 'PENDING';
CREATE INDEX activity_my_day ON activity (company_id, assigned_to_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id)
    INCLUDE (due_at, reminder_at, reminder_sent, sla_due_at) WHERE deleted_at IS NULL AND status = 'PENDING';
CREATE INDEX activity_reminders ON activity (company_id, reminder_at, id)
    WHERE deleted_at IS NULL AND status = 'PENDING' AND NOT reminder_sent AND reminder_at IS NOT NULL;
CREATE INDEX activity_by_assignee ON activity (company_id, assigned_to_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id) WHERE deleted_at IS NULL;
CREATE INDEX activity_by_lead ON activity (company_id, lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX activity_by_opportunity ON activity (company_id, opportunity_id, id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX activity_bin ON activity (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE sales_goal (
    company_id      bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    year            bigint NOT NULL,
    month           bigint NOT NULL,
    -- Counts months, for the order.
    period          bigint NOT NULL GENERATED ALWAYS AS (year * 12 + month) STORED,
    assignee_id     bigint,
    assignee_username text,
    amount          numeric(14, 2) NOT NULL,
    notes           text NOT NULL DEFAULT '',
    search_text     text COLLATE "C" NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX sales_goal_by_id ON sales_goal (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX sales_goal_by_period ON sales_goal (company_id, period, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX sales_goal_period_key ON sales_goal (company_id, year, month, coalesce(assignee_id, 0)) WHERE deleted_at IS NULL;
CREATE INDEX sales_goal_bin ON sales_goal (company_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

-- One write of whatever size: who, from where, when, and how.
CREATE TABLE change_set (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    action      text NOT NULL,
    user_id     bigint,
    username    text NOT NULL,
    address     text,
    request_id  text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    -- The change set that this one takes back, and the one by which it was taken back.
    undoes      bigint,
    undone_by   bigint,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX change_set_by_id ON change_set (company_id, id DESC);

-- What a write did to one record, field by field: only the fields that changed. It is the outbox as
-- well: whoever follows the changes goes by the transaction's id, which never steps back behind what
-- was seen (manual, 9.76).
CREATE TABLE change (
    company_id    bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    change_set_id bigint NOT NULL,
    kind          text NOT NULL,
    record_id     bigint NOT NULL,
    op            text NOT NULL,
    title         text NOT NULL,
    before        jsonb NOT NULL,
    after         jsonb NOT NULL,
    xid           bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, change_set_id) REFERENCES change_set
);
CREATE INDEX change_by_record ON change (company_id, kind, record_id, id);
CREATE INDEX change_by_set ON change (company_id, change_set_id, id);
CREATE INDEX change_by_xid ON change (company_id, xid, id);

CALL protect('lead');
CALL protect('opportunity');
CALL protect('activity');
CALL protect('sales_goal');
CALL protect('change_set');
CALL protect('change');
-- History is written once; a change set is only marked as taken back.
REVOKE UPDATE, DELETE ON change FROM sindico_tenant;
REVOKE DELETE ON change_set FROM sindico_tenant;

CALL make_searchable('customer', 'NEW.name', 'NEW.email');
CALL make_searchable('lead', 'coalesce(nullif(NEW.name, ''''), nullif(NEW.company, ''''), nullif(NEW.email, ''''), NEW.source)', 'NEW.company');
CALL make_searchable('opportunity', 'NEW.title', 'NEW.stage');
CALL make_searchable('activity', 'NEW.title', 'NEW.kind');
-- Those that were there before have their documents, too: those of all companies, which only this
-- transaction of the owner can see.
ALTER TABLE customer NO FORCE ROW LEVEL SECURITY;
INSERT INTO search_doc SELECT company_id, 'customer', id, name, email, search_text FROM customer;
-- Their normal forms, as far as they can be told without the program.
UPDATE customer SET document_key = bare.document,
    kind = CASE WHEN bare.document ~ '^[0-9]{11}$' THEN 'PERSON' ELSE 'COMPANY' END,
    phone_key = CASE WHEN bare.phone ~ '^55[0-9]{10,11}$' THEN '+' || bare.phone
        WHEN bare.phone ~ '^[1-9][0-9]{9,10}$' AND customer.phone !~ '^ *[+]' THEN '+55' || bare.phone ELSE '' END
FROM (SELECT c.company_id, c.id,
        CASE WHEN d ~ '^[0-9]{11}$|^[0-9A-Z]{12}[0-9]{2}$' THEN d ELSE '' END AS document, p AS phone
    FROM customer c, upper(regexp_replace(document, '[^0-9A-Za-z]', '', 'g')) d, regexp_replace(phone, '[^0-9]', '', 'g') p) bare
WHERE (customer.company_id, customer.id) = (bare.company_id, bare.id);
ALTER TABLE customer FORCE ROW LEVEL SECURITY;
