-- Forms on the web that make leads.

CREATE TABLE lead_form (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    -- In its address.
    key         text NOT NULL,
    -- What its proofs are made with.
    secret      text NOT NULL,
    title       text NOT NULL CHECK (title <> ''),
    intro       text NOT NULL,
    fields      text[] NOT NULL,
    source      text NOT NULL,
    tags        text[] NOT NULL,
    owner_id    bigint,
    consent     text NOT NULL,
    thanks      text NOT NULL,
    redirect    text NOT NULL,
    origins     text[] NOT NULL,
    active      boolean NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX lead_form_key ON lead_form (company_id, key);
CALL protect('lead_form');

-- What was sent: for a lead that it was, with what the person agreed to; for what may be spam, all of it until
-- somebody has looked.
CREATE TABLE lead_form_entry (
    company_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    form_id     bigint NOT NULL,
    -- LEAD, QUARANTINE, DISCARDED
    state       text NOT NULL,
    suspicions  text[] NOT NULL DEFAULT '{}',
    -- Of the proof, which is good once.
    nonce       text,
    sent        jsonb NOT NULL DEFAULT '{}',
    -- The text that was agreed to.
    consent     text NOT NULL,
    address     text,
    lead_id     bigint,
    -- Whether somebody who is there already may be the same.
    alike       boolean NOT NULL DEFAULT false,
    at          timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, form_id) REFERENCES lead_form ON DELETE CASCADE,
    FOREIGN KEY (company_id, lead_id) REFERENCES lead
);
CREATE UNIQUE INDEX lead_form_entry_nonce_key ON lead_form_entry (company_id, nonce);
CREATE INDEX lead_form_entry_log ON lead_form_entry (company_id, form_id, id);
CREATE INDEX lead_form_entry_lead ON lead_form_entry (company_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX lead_form_entry_waiting ON lead_form_entry (company_id, form_id, at) WHERE state = 'QUARANTINE';
CALL protect('lead_form_entry');
