//! Roles: the two groups of a server, and one to sign in with for each place.

use super::{GROUP, MIGRATOR, Server, ServerError, literal, quoted};
use sindico_domain::mark::Mark;
use sindico_domain::names::Identifier;

/// The mark of the two groups, which all installations on a server have in common.
const GROUP_MARK: &str = "sindico:v1:group";

impl Server {
    /// Sees to it that the migrator and the tenants' group are there, and that this administrator
    /// can act as the migrator.
    ///
    /// # Errors
    /// [`ServerError::Foreign`] when a role of that name is somebody else's.
    pub async fn ensure_groups(&self) -> Result<(), ServerError> {
        // All that is wanted, in one look: but for a server's first place, it is there.
        let sql = "SELECT count(*) = 2 FROM pg_roles
            WHERE rolname = ANY ($1) AND shobj_description(oid, 'pg_authid') = $2
              AND (rolname <> $3 OR pg_has_role(oid, 'MEMBER'))";
        let groups: &[&str] = &[MIGRATOR, GROUP];
        let there = self
            .query_one(sql, &[&groups, &GROUP_MARK, &MIGRATOR])
            .await?;
        if there.get(0) {
            return Ok(());
        }
        for group in [MIGRATOR, GROUP] {
            if self.role_comment(group).await?.is_none() {
                // One message is one transaction: the role is never there without its mark.
                let sql = format!(
                    "CREATE ROLE {group} NOLOGIN; COMMENT ON ROLE {group} IS '{GROUP_MARK}'"
                );
                match self
                    .client
                    .batch_execute(&sql)
                    .await
                    .map_err(ServerError::from)
                {
                    // Another program was first.
                    Err(error) if error.is(&["42710", "23505"]) => {}
                    other => other?,
                }
            }
            match self.role_comment(group).await?.flatten().as_deref() {
                Some(GROUP_MARK) => {}
                found => return Err(foreign("role", group, found)),
            }
        }
        let sql = "SELECT pg_has_role($1, 'MEMBER')";
        if !self.query_one(sql, &[&MIGRATOR]).await?.get::<_, bool>(0) {
            let sql = format!("GRANT {MIGRATOR} TO CURRENT_USER");
            match self
                .client
                .batch_execute(&sql)
                .await
                .map_err(ServerError::from)
            {
                Err(error) if error.is(&["23505"]) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Whether there is a role of this name; an error when it is not of this place.
    ///
    /// # Errors
    /// [`ServerError::Foreign`].
    pub async fn check_role(&self, role: &Identifier, mark: &Mark) -> Result<bool, ServerError> {
        match self.role_comment(role.as_str()).await? {
            None => Ok(false),
            Some(comment) => match comment.as_deref().map(str::parse::<Mark>) {
                Some(Ok(found)) if found.is_of_same_tenant(mark) => Ok(true),
                _ => Err(foreign("role", role.as_str(), comment.as_deref())),
            },
        }
    }

    /// Sees to it that the place has its role, with this password, as a SCRAM verifier: a password
    /// itself would stand in the server's log. The role may sign in and is a member of the group;
    /// it owns nothing and may make nothing. Says whether it was made now.
    ///
    /// # Errors
    /// [`ServerError::Foreign`] when a role of that name is somebody else's.
    pub async fn ensure_role(
        &self,
        role: &Identifier,
        mark: &Mark,
        verifier: &str,
        connections: u32,
    ) -> Result<bool, ServerError> {
        let there = self.check_role(role, mark).await?;
        let verb = if there { "ALTER" } else { "CREATE" };
        let name = quoted(role);
        let mut sql = format!(
            "{verb} ROLE {name} LOGIN PASSWORD {} CONNECTION LIMIT {connections}; COMMENT ON ROLE {name} IS {}",
            literal(verifier),
            literal(&mark.to_string()),
        );
        if !there || !self.is_member(role).await? {
            sql.push_str(&format!("; GRANT {GROUP} TO {name}"));
        }
        self.client.batch_execute(&sql).await?;
        Ok(!there)
    }

    async fn is_member(&self, role: &Identifier) -> Result<bool, ServerError> {
        let sql = "SELECT pg_has_role($1, $2, 'MEMBER')";
        let row = self.query_one(sql, &[&role.as_str(), &GROUP]).await?;
        Ok(row.get(0))
    }

    /// The comment on a role; `None` when there is no such role.
    async fn role_comment(&self, role: &str) -> Result<Option<Option<String>>, ServerError> {
        let sql = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = $1";
        let row = self.query_opt(sql, &[&role]).await?;
        Ok(row.map(|row| row.get(0)))
    }
}

/// What is there is somebody else's.
pub(super) fn foreign(kind: &'static str, name: &str, comment: Option<&str>) -> ServerError {
    let found = match comment {
        Some(comment) if comment.parse::<Mark>().is_ok() => {
            format!("carries the mark of another tenant or installation, {comment:?}")
        }
        _ => "does not carry Síndico's mark".to_owned(),
    };
    ServerError::Foreign {
        kind,
        name: name.to_owned(),
        found,
    }
}
