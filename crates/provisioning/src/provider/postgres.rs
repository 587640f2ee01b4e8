//! `local_postgres` and `cloudsql_postgres`: a role and a database on a PostgreSQL server, by an
//! administrator without superuser rights. Each step looks before it acts: the world, not the log, is
//! the truth, so a step can be repeated by whoever goes on.

use super::place::{Place, name};
use crate::config::AdminSettings;
use crate::engine::Inner;
use crate::error::StepError;
use crate::failpoints::hit;
use crate::plan::Step;
use crate::sessions::Sessions;
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::tenant::{IsolationModel, Tenant};
use sindico_secrets::Sealed;
use sindico_store::Store;
use sindico_store::control::operations::{Claimed, Lease};
use sindico_store::control::places;
use sindico_store::migrate::tenant::target;
use sindico_store::server::{self, Inside, Limits, Server, ServerError};
use sindico_store::tenant::vault::Vault;
use std::time::Duration;

/// The oldest server that will do: `STRATEGY` of CREATE DATABASE, and what CREATEROLE means.
const OLDEST: i32 = 150_000;

/// How long the holder of the lock on a place may take to finish: that of the tenant's own place has
/// lost its lease and is perhaps frozen; that of a shared place is another worker at work.
const PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE_SHARED: Duration = Duration::from_secs(20);

/// How long a migration waits for a lock, in milliseconds.
const LOCK_TIMEOUT: u32 = 5_000;

/// The limits of a place. A statement ends before the requests that wait for it.
const LIMITS: Limits = Limits {
    connections: 100,
    statement_timeout: 10_000,
    idle_in_transaction_timeout: 15_000,
};

/// A worker on one tenant's place. Its session, with the lock, lives as long as this value.
pub(crate) struct Postgres<'a> {
    store: &'a Store,
    vault: &'a Vault,
    admin: &'a AdminSettings,
    kept: &'a Sessions,
    provider: &'a str,
    lease: Lease,
    tenant: Tenant,
    installation: Option<String>,
    session: Option<Session>,
    password: Option<SecretString>,
}

/// Signed in, with the lock.
struct Session {
    server: Server,
    place: Place,
    inside: Option<Inside>,
}

impl<'a> Postgres<'a> {
    pub(super) fn new(inner: &'a Inner, admin: &'a AdminSettings, claimed: &'a Claimed) -> Self {
        Self {
            store: &inner.store,
            vault: &inner.vault,
            admin,
            kept: &inner.sessions,
            provider: &claimed.operation.provider,
            lease: claimed.lease,
            tenant: claimed.tenant.clone(),
            installation: None,
            session: None,
            password: None,
        }
    }

    /// Gives the lock back, and keeps the session. One that can't is ended, and its lock with it.
    pub(super) async fn end(self, sessions: &Sessions) {
        if let Some(Session { server, place, .. }) = self.session
            && server.unlock(place.lock()).await.is_ok()
        {
            sessions.keep(self.provider, server);
        }
    }

    pub(super) async fn ensure(&mut self, step: Step) -> Result<String, StepError> {
        let outcome = match step {
            Step::Reserve => self.reserve().await,
            Step::Secret => self.secret().await,
            Step::Roles => self.roles().await,
            Step::Database => self.database().await,
            Step::Grants => self.grants().await,
            Step::Settings => self.settings().await,
            Step::Open => self.open().await,
            Step::Identity => self.identity().await,
            Step::Migrate => self.migrate().await,
            Step::SignIn => self.sign_in().await,
            Step::Publish => self.publish().await,
        };
        if outcome.is_err() {
            // Whatever state the sessions are in: the next attempt begins with new ones.
            self.session = None;
        }
        outcome
    }

    /// The names can be used, the administrator has the rights, nobody else has what is to be made;
    /// and the metadata say on which server it is.
    async fn reserve(&mut self) -> Result<String, StepError> {
        let place = &self.tenant.provisioning;
        name("database_alias", &place.database_alias)?;
        name("database_user", &place.database_user)?;
        let (host, port) = self.address();
        let session = self.session().await?;
        let capabilities = session.server.capabilities().await?;
        if capabilities.version < OLDEST {
            return Err(StepError::permanent(
                "The server is older than PostgreSQL 15.",
                "Upgrade the server, then execute again.",
            ));
        }
        if !capabilities.suffice() {
            return Err(StepError::permanent(
                format!(
                    "The administrator {} may not make roles and databases.",
                    capabilities.user
                ),
                "Give it CREATEROLE and CREATEDB, then execute again.",
            ));
        }
        let found = session
            .server
            .find_database(&session.place.database, &session.place.mark)
            .await?;
        session
            .server
            .check_role(&session.place.role, &session.place.mark)
            .await?;
        // A place that is there keeps its generation; one that has to be made is a new one.
        let standing = self.standing().await?;
        let generation = match &found {
            Some(found) if !self.is_shared() => found.mark.generation(),
            _ if self.is_shared() => standing.generation.max(1),
            _ if standing.schema_version > 0 => standing.generation + 1,
            _ => standing.generation.max(1),
        };
        let settled = places::settle(self.store, &self.lease, &host, port, generation);
        self.tenant = settled.await?;
        let installation = self.installation().await?;
        let place = Place::of(&self.tenant, &installation, generation)?;
        let session = self.session().await?;
        session.place = place;
        Ok(format!(
            "database {} and role {} at {host}:{port}",
            session.place.database, session.place.role
        ))
    }

    /// There is a password, behind a reference: one that was given, or a random one.
    async fn secret(&mut self) -> Result<String, StepError> {
        let generation = self.standing().await?.generation;
        let made = if self.is_shared() {
            self.shared_secret().await?
        } else if self.tenant.provisioning.database_password_secret.is_empty() {
            let sealed = self.seal(self.tenant.id, generation)?;
            let kept = places::keep_secret(self.store, &self.lease, generation, &sealed);
            self.tenant = kept.await?;
            true
        } else {
            false
        };
        hit("provision:secret:inside")?;
        self.password().await?;
        let reference = self.reference().await?;
        Ok(match made {
            true => format!("made, kept as {reference}"),
            false => format!("found, kept as {reference}"),
        })
    }

    /// The role of the shared place has its password once for all its tenants.
    async fn shared_secret(&mut self) -> Result<bool, StepError> {
        let (host, port) = self.address();
        let place = self.session().await?.place.clone();
        let name = place.database.as_str();
        if places::shared(self.store, &host, port, name)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let sealed = self.seal(0, 1)?;
        places::add_shared(
            self.store,
            (&host, port, name),
            place.role.as_str(),
            &sealed,
        )
        .await?;
        Ok(true)
    }

    async fn roles(&mut self) -> Result<String, StepError> {
        let password = self.password().await?;
        // One that we made, and nobody chose.
        let random = self.admin.tenant_password.is_none()
            && self.reference().await?.starts_with("db:")
            && password.expose_secret().len() >= 32;
        let verifier = self.vault.verifier(&password, random)?;
        let session = self.session().await?;
        session.server.ensure_groups().await?;
        hit("provision:roles:inside")?;
        let (role, mark) = (&session.place.role, &session.place.mark);
        let made = session
            .server
            .ensure_role(role, mark, &verifier, LIMITS.connections)
            .await?;
        Ok(format!("{role} {}", if made { "made" } else { "found" }))
    }

    /// The place's own database, else a blank one from the pool, else one made now.
    async fn database(&mut self) -> Result<String, StepError> {
        let Session { server, place, .. } = self.session().await?;
        let (database, mark) = (&place.database, &place.mark);
        if let Some(found) = server.find_database(database, mark).await? {
            if found.mark != *mark {
                server.remark(database, mark).await?;
            }
            return Ok(format!("{database} found"));
        }
        // Several may reach for the same one; each blank database is taken once.
        for blank in server.blanks().await?.into_iter().take(8) {
            if server.claim(&blank, database, mark).await? {
                return Ok(format!("{database} from the pool"));
            }
        }
        for _ in 0..3 {
            let blank = server.make_blank().await?;
            hit("provision:database:inside")?;
            if server.claim(&blank, database, mark).await? {
                return Ok(format!("{database} made"));
            }
        }
        Err(ServerError::Busy.into())
    }

    async fn grants(&mut self) -> Result<String, StepError> {
        let session = self.session().await?;
        let (database, role) = (&session.place.database, &session.place.role);
        session.server.restrict(database, role).await?;
        Ok(format!("only {role} may connect"))
    }

    async fn settings(&mut self) -> Result<String, StepError> {
        let session = self.session().await?;
        session
            .server
            .limit(&session.place.database, LIMITS)
            .await?;
        Ok(format!("at most {} connections", LIMITS.connections))
    }

    async fn open(&mut self) -> Result<String, StepError> {
        let session = self.session().await?;
        let (database, role) = (&session.place.database, &session.place.role);
        session.server.admit(database, role, LIMITS).await?;
        Ok("takes connections".to_owned())
    }

    async fn identity(&mut self) -> Result<String, StepError> {
        let mark = self.session().await?.place.mark.clone();
        self.inside().await?.ensure_identity(&mark).await?;
        Ok(mark.to_string())
    }

    async fn migrate(&mut self) -> Result<String, StepError> {
        let count = self.inside().await?.migrate(LOCK_TIMEOUT).await?;
        Ok(format!("version {}, {count} migrations run", target()))
    }

    /// Signs in as a request would, and looks whether the walls stand.
    async fn sign_in(&mut self) -> Result<String, StepError> {
        let password = self.password().await?;
        let (host, port) = self.address();
        let (database, role, mark) = {
            let place = &self.session().await?.place;
            (
                place.database.clone(),
                place.role.clone(),
                place.mark.clone(),
            )
        };
        let port = u16::try_from(port).unwrap_or_default();
        let config = self
            .admin
            .server_at(&host, port)
            .with_dbname(database.as_str())
            .with_user(role.as_str(), password.expose_secret());
        let signed_in = server::sign_in(&config).await?;
        if signed_in.identity.as_ref() != Some(&mark) {
            return Err(StepError::permanent(
                format!("The database {database} does not say that it is this tenant's."),
                "Somebody changed its table identity: correct it, then execute again.",
            ));
        }
        if !signed_in.too_much.is_empty() {
            return Err(StepError::permanent(
                format!(
                    "The role {role} could pass the walls: {}.",
                    signed_in.too_much.join("; ")
                ),
                "Take these rights from it, then execute again.",
            ));
        }
        Ok(format!("as {role}"))
    }

    async fn publish(&mut self) -> Result<String, StepError> {
        if self.is_shared() {
            let (host, port) = self.address();
            let name = self.tenant.provisioning.database_name.clone();
            places::publish_shared(self.store, (&host, port, &name), target()).await?;
        }
        places::publish(self.store, &self.lease, target()).await?;
        Ok(format!(
            "alias {}, version {}",
            self.tenant.provisioning.database_alias,
            target()
        ))
    }

    fn is_shared(&self) -> bool {
        self.tenant.provisioning.isolation_model == IsolationModel::SharedSchema
    }

    /// Where the tenant's data are to be reached: where its metadata say, unless they still say what
    /// every new tenant's do. Then it is where the provider makes places.
    fn address(&self) -> (String, i32) {
        let place = &self.tenant.provisioning;
        let untouched = place.database_host == "127.0.0.1" && place.database_port == 5432;
        let (host, port) = self.admin.server().address();
        if untouched || (place.database_host == host && place.database_port == i32::from(port)) {
            (host, i32::from(port))
        } else {
            (place.database_host.clone(), place.database_port)
        }
    }

    async fn installation(&mut self) -> Result<String, StepError> {
        if let Some(installation) = &self.installation {
            return Ok(installation.clone());
        }
        let installation = places::installation(self.store).await?;
        Ok(self.installation.insert(installation).clone())
    }

    async fn standing(&self) -> Result<places::Standing, StepError> {
        places::standing(self.store, self.tenant.id)
            .await?
            .ok_or_else(|| StepError::permanent("The tenant is gone.", ""))
    }

    async fn reference(&self) -> Result<String, StepError> {
        if !self.is_shared() {
            return Ok(self.tenant.provisioning.database_password_secret.clone());
        }
        let (host, port) = self.address();
        let name = &self.tenant.provisioning.database_name;
        let shared = places::shared(self.store, &host, port, name).await?;
        Ok(shared.map(|shared| shared.secret).unwrap_or_default())
    }

    fn seal(&self, company_id: i64, generation: i64) -> Result<Sealed, StepError> {
        let password = match &self.admin.tenant_password {
            Some(password) => password.clone(),
            None => self.vault.random_password()?,
        };
        Ok(self.vault.seal(company_id, generation, &password)?)
    }

    async fn password(&mut self) -> Result<SecretString, StepError> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        let reference = self.reference().await?;
        let password = self.vault.find(&reference).await?;
        self.password = Some(password.clone());
        Ok(password)
    }

    /// The session on the server, with the lock on the place.
    async fn session(&mut self) -> Result<&mut Session, StepError> {
        if self.session.is_none() {
            let generation = self.standing().await?.generation;
            let installation = self.installation().await?;
            let place = Place::of(&self.tenant, &installation, generation.max(1))?;
            let server = self.locked(&place).await?;
            self.session = Some(Session {
                server,
                place,
                inside: None,
            });
        }
        self.session
            .as_mut()
            .ok_or_else(|| StepError::permanent("The session is gone.", ""))
    }

    /// A session that was kept, if one lives; else a new one.
    async fn locked(&self, place: &Place) -> Result<Server, ServerError> {
        let patience = if place.shared {
            PATIENCE_SHARED
        } else {
            PATIENCE
        };
        if let Some(server) = self.kept.take(self.provider) {
            match server.lock(place.lock(), patience, true).await {
                Ok(()) => return Ok(server),
                Err(ServerError::Busy) => return Err(ServerError::Busy),
                // It had ended, and nobody knew.
                Err(_) => {}
            }
        }
        let server = Server::connect(&self.admin.admin(), "sindico-provision").await?;
        server.lock(place.lock(), patience, true).await?;
        Ok(server)
    }

    /// The session in the place's own database.
    async fn inside(&mut self) -> Result<&Inside, StepError> {
        let session = self.session().await?;
        if session.inside.is_none() {
            session.inside = Some(session.server.connect_to(&session.place.database).await?);
        }
        session
            .inside
            .as_ref()
            .ok_or_else(|| StepError::permanent("The session is gone.", ""))
    }
}
