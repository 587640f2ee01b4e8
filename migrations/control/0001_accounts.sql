-- People, and how they prove who they are.

CREATE TABLE app_user (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username            text NOT NULL CHECK (username <> ''),
    email               text NOT NULL,
    -- PHC string of argon2id; NULL: nobody can sign in with a password.
    password_hash       text,
    is_staff            boolean NOT NULL DEFAULT false,
    is_superuser        boolean NOT NULL DEFAULT false,
    is_active           boolean NOT NULL DEFAULT true,
    last_sign_in_at     timestamptz,
    password_changed_at timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
-- Letter case by ICU's rules, since the database's own locale may know ASCII only.
CREATE UNIQUE INDEX app_user_username_key ON app_user (lower(username COLLATE "und-x-icu"));
CREATE UNIQUE INDEX app_user_email_key ON app_user (lower(email COLLATE "und-x-icu")) WHERE email <> '';

-- Only the SHA-256 of a token is kept; the token itself is 256 random bits.
CREATE TABLE auth_token (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    digest       bytea NOT NULL CONSTRAINT auth_token_digest_key UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX auth_token_user ON auth_token (user_id);

CREATE TABLE auth_session (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    digest       bytea NOT NULL CONSTRAINT auth_session_digest_key UNIQUE,
    address      inet,
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX auth_session_user ON auth_session (user_id);

CREATE TABLE password_reset (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    digest     bytea NOT NULL CONSTRAINT password_reset_digest_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX password_reset_user ON password_reset (user_id);

-- Attempts by address and by account, as GCRA: one "theoretical arrival time" a bucket, shared
-- by all programs on this database.
CREATE TABLE throttle (
    bucket  text PRIMARY KEY,
    next_at timestamptz NOT NULL
);
CREATE INDEX throttle_next_at ON throttle (next_at);
