//! Whether the walls of the shared databases stand: many tenants are behind one role there, which must
//! not be able to pass row-level security (tenancy.md section 7).

use super::pool::Places;
use super::route::Target;
use crate::control::places;
use crate::server;
use crate::{Result, Store};
use sindico_domain::mark::Mark;

/// What was found at one shared database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// The database, with its server.
    pub database: String,
    /// Its role.
    pub role: String,
    /// How the wall is.
    pub state: WallState,
}

/// How a wall is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WallState {
    /// The role can't pass it.
    Stands,
    /// The role could; by what.
    Passable(Vec<String>),
    /// Nobody could look.
    Unknown(String),
}

/// Looks at every shared database, as its role.
///
/// # Errors
/// When the control database can't be reached.
pub async fn check(store: &Store, places: &Places) -> Result<Vec<Wall>> {
    let installation = places::installation(store).await?;
    let mut walls = Vec::new();
    for (host, port, name, shared) in places::all_shared(store).await? {
        let target = Target {
            host,
            port: u16::try_from(port).unwrap_or_default(),
            database: name,
            role: shared.login,
            secret: shared.secret,
            identity: Some(Mark::of_shared(&installation, shared.generation)),
            company_id: None,
        };
        walls.push(Wall {
            database: format!("{} at {}:{}", target.database, target.host, target.port),
            state: look(places, &target).await,
            role: target.role,
        });
    }
    Ok(walls)
}

async fn look(places: &Places, target: &Target) -> WallState {
    let config = match places.config(target).await {
        Ok(config) => config,
        Err(error) => return WallState::Unknown(error.to_string()),
    };
    match server::sign_in(&config).await {
        Ok(found) if found.too_much.is_empty() => WallState::Stands,
        Ok(found) => WallState::Passable(found.too_much),
        Err(error) => WallState::Unknown(error.to_string()),
    }
}
