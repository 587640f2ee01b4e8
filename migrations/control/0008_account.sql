-- What people keep with their account: how the pages look, names of tokens, a second factor; and how they
-- get from one host to another.

-- Chosen by the user; NULL: as the browser has it.
ALTER TABLE app_user
    ADD language text CHECK (language IN ('pt-BR', 'en')),
    ADD theme text CHECK (theme IN ('light', 'dark'));

ALTER TABLE auth_token ADD name text NOT NULL DEFAULT '';

-- The secret of a code generator (RFC 6238), sealed as tenants' passwords are; the user is part of the seal.
CREATE TABLE totp (
    user_id      bigint PRIMARY KEY REFERENCES app_user ON DELETE CASCADE,
    key_id       text NOT NULL,
    wrapped_key  bytea NOT NULL,
    payload      bytea NOT NULL,
    -- The last step whose code was taken: a code is good once.
    last_step    bigint NOT NULL DEFAULT 0,
    -- NULL while it is being set up.
    confirmed_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- For who has lost the generator: 80 random bits each, of which only the SHA-256 is kept.
CREATE TABLE recovery_code (
    user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    digest  bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, digest)
);

-- Between the two steps of signing in: the password was right, the code is still to come.
CREATE TABLE sign_in_challenge (
    digest     bytea PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

-- An operator's stay in a tenant, for the reason that its owners can read.
CREATE TABLE support_visit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    reason     text NOT NULL CHECK (reason <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    until      timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX support_visit_by_company ON support_visit (company_id, id DESC);
CREATE INDEX support_visit_open ON support_visit (user_id, company_id) WHERE ended_at IS NULL;

-- A way from a session on one host to one on another: good once, for seconds, for one user and one place.
CREATE TABLE hand_over (
    digest     bytea PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    -- NULL: to the console.
    company_id bigint REFERENCES company ON DELETE CASCADE,
    -- The host that it was asked for on: who arrives from there asked for it.
    origin     text NOT NULL,
    expires_at timestamptz NOT NULL
);
