-- Programs remember for a moment whose a token or a session is. Whatever could make that wrong is told
-- to all of them, once a statement.
CREATE FUNCTION access_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sindico_access', '');
    RETURN NULL;
END $$;
CREATE TRIGGER app_user_told AFTER UPDATE OF username, email, is_staff, is_superuser, is_active OR DELETE ON app_user
    FOR EACH STATEMENT EXECUTE FUNCTION access_tell();
CREATE TRIGGER auth_token_told AFTER UPDATE OF revoked_at OR DELETE ON auth_token
    FOR EACH STATEMENT EXECUTE FUNCTION access_tell();
CREATE TRIGGER auth_session_told AFTER UPDATE OF revoked_at OR DELETE ON auth_session
    FOR EACH STATEMENT EXECUTE FUNCTION access_tell();
CREATE TRIGGER company_membership_told AFTER INSERT OR UPDATE OR DELETE ON company_membership
    FOR EACH STATEMENT EXECUTE FUNCTION access_tell();
