//! `noop`: somebody else makes the databases (contract section 4). Checks the names, touches no
//! server.

use super::{Driver, Place, Seen};
use crate::error::StepError;
use crate::plan::Step;
use sindico_domain::names::Identifier;

pub(crate) struct Noop;

impl Driver for Noop {
    async fn observe(&self, step: Step, place: &Place) -> Result<Seen, StepError> {
        match step {
            Step::Reserve => {
                check("provisioning.database_alias", &place.alias)?;
                check("provisioning.database_name", &place.database)?;
                check("provisioning.database_user", &place.user)?;
                Ok(Seen::Holds(match place.portal_url.as_str() {
                    "" => "The names are well formed; the portal has no address.".to_owned(),
                    url => format!("The names are well formed; the portal is at {url}."),
                }))
            }
            Step::Ready => Ok(Seen::Holds(
                "Ready at the place that the metadata name.".to_owned(),
            )),
            _ => Ok(Seen::NotNeeded(
                "The provider noop touches no server.".to_owned(),
            )),
        }
    }

    async fn act(&self, _: Step, _: &Place) -> Result<(), StepError> {
        Ok(())
    }
}

fn check(field: &str, name: &str) -> Result<(), StepError> {
    let hint = "Correct the field, then execute again.";
    if name.is_empty() {
        return Err(StepError::permanent(format!("{field} is empty."), hint));
    }
    match name.parse::<Identifier>() {
        Ok(_) => Ok(()),
        Err(why) => Err(StepError::permanent(
            format!("{field} is not well formed: {why}"),
            hint,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            alias: "acme".into(),
            database: "crm_acme".into(),
            user: "acme_user".into(),
            portal_url: "https://acme.example".into(),
        }
    }

    #[tokio::test]
    async fn a_bad_name_is_an_error_that_names_the_field() {
        let check = async |place: Place| Noop.observe(Step::Reserve, &place).await;
        assert!(check(place()).await.is_ok());
        let mut bad = place();
        bad.alias = String::new();
        let error = check(bad).await.unwrap_err();
        assert_eq!(error.message, "provisioning.database_alias is empty.");
        let mut bad = place();
        bad.database = "Crm; DROP".into();
        let error = check(bad).await.unwrap_err();
        assert!(error.message.contains("database_name"), "{error}");
        let mut bad = place();
        bad.user = "pg_x".into();
        let error = check(bad).await.unwrap_err();
        assert!(error.message.contains("database_user"), "{error}");
    }
}
