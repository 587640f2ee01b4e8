-- The company's own mail server, and the mails that tell of notifications (docs/adr/0029-notifications.md).

CREATE TABLE mail_settings (
    company_id   bigint NOT NULL,
    host         text NOT NULL,
    port         bigint NOT NULL,
    -- STARTTLS, TLS or NONE
    security     text NOT NULL,
    username     text NOT NULL,
    -- Names the password in the control database; empty for none.
    secret       text NOT NULL,
    from_address text NOT NULL,
    from_name    text NOT NULL,
    reply_to     text NOT NULL,
    enabled      boolean NOT NULL,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id)
);
CALL protect('mail_settings');

-- What is to be sent, written in the transaction of the notifications that it tells of. It holds no text: that is
-- made when it is sent, of what its reader sees then.
CREATE TABLE mail (
    company_id    bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    user_id       bigint NOT NULL,
    notifications bigint[] NOT NULL,
    -- PENDING, SENT, FAILED after too many attempts, or DROPPED because there was nothing to send any more.
    state         text NOT NULL DEFAULT 'PENDING',
    attempts      bigint NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL,
    -- Somebody is sending it until then.
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    -- Of the last attempt: what the server said, or why there was none.
    answer        text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    done_at       timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX mail_due ON mail (company_id, due_at, id) WHERE state = 'PENDING';
CREATE INDEX mail_age ON mail (company_id, created_at) WHERE state <> 'PENDING';
CALL protect('mail');

-- Whether it is told by e-mail as well, as its user wanted when it was made.
ALTER TABLE notification ADD mailed boolean NOT NULL DEFAULT false;
