-- What a token may be used for, and until when.
ALTER TABLE auth_token
    -- Such as leads:read; NULL: whatever its user may do.
    ADD scopes text[],
    -- NULL: until it is revoked.
    ADD expires_at timestamptz;
