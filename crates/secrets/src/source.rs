//! Reading what somebody else keeps.

#[cfg(feature = "gcp")]
mod gcp;

use crate::Outside;
use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

/// Looks up an environment variable; only the reader of settings may read the environment itself.
pub type Lookup = Arc<dyn Fn(&str) -> Option<SecretString> + Send + Sync>;

/// No password is longer.
const LIMIT: u64 = 4096;

/// Why a password can't be had, in a sentence without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// For now: trying again can help.
    #[error("{0}")]
    Passing(String),
    /// Until somebody corrects it.
    #[error("{0}")]
    Permanent(String),
}

/// The places outside of Síndico.
#[derive(Clone)]
pub struct Sources {
    environment: Lookup,
    /// Made when it is first needed: most installations have none.
    #[cfg(feature = "gcp")]
    google: Arc<tokio::sync::OnceCell<gcp::SecretManager>>,
}

impl Sources {
    /// With this look into the environment.
    pub fn new(environment: Lookup) -> Self {
        Self {
            environment,
            #[cfg(feature = "gcp")]
            google: Arc::default(),
        }
    }

    /// Reads the password.
    ///
    /// # Errors
    /// [`SourceError`], which names the place.
    pub async fn fetch(&self, from: &Outside) -> Result<SecretString, SourceError> {
        let permanent = |text: String| Err(SourceError::Permanent(text));
        match from {
            Outside::Env(name) => match (self.environment)(name) {
                Some(password) => Ok(password),
                None => permanent(format!(
                    "The environment variable {name} is not set in this program."
                )),
            },
            Outside::File(path) => file(path).await,
            #[cfg(feature = "gcp")]
            Outside::Gcp {
                project,
                secret,
                version,
            } => {
                let google = async || gcp::SecretManager::google().map_err(SourceError::Permanent);
                let google = self.google.get_or_try_init(google).await?;
                google.access(project, secret, *version).await
            }
            #[cfg(not(feature = "gcp"))]
            Outside::Gcp { .. } => permanent(
                "This program was built without Google's Secret Manager (feature gcp).".to_owned(),
            ),
        }
    }
}

async fn file(path: &Path) -> Result<SecretString, SourceError> {
    let wrong = |what: &str| SourceError::Permanent(format!("The file {} {what}.", path.display()));
    let read = async {
        let file = tokio::fs::File::open(path).await?;
        let mut bytes = Vec::new();
        file.take(LIMIT + 1).read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = read.await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => wrong("does not exist"),
        std::io::ErrorKind::PermissionDenied => wrong("may not be read by this program"),
        _ => SourceError::Passing(format!(
            "The file {} can't be read: {error}.",
            path.display()
        )),
    })?;
    if bytes.len() as u64 > LIMIT {
        return Err(wrong("is too long for a password"));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not text in UTF-8"))?;
    // Editors and shells end a file with a line break; a password has none.
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(wrong("is empty")),
        text if text.contains(['\r', '\n', '\0']) => Err(wrong("holds more than one line")),
        text => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn sources() -> Sources {
        Sources::new(Arc::new(|name| (name == "THERE").then(|| "senha".into())))
    }

    async fn fetched(from: Outside) -> Result<String, String> {
        let fetched = sources().fetch(&from).await;
        fetched
            .map(|s| s.expose_secret().to_owned())
            .map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn the_environment_is_looked_up() {
        assert_eq!(
            fetched(Outside::Env("THERE".into())).await.unwrap(),
            "senha"
        );
        let error = fetched(Outside::Env("MISSING".into())).await.unwrap_err();
        assert!(error.contains("MISSING"), "{error}");
    }

    #[tokio::test]
    async fn files_hold_one_line() {
        let folder = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("senha", Ok("senha")),
            ("senha\n", Ok("senha")),
            (" s\r\n", Ok(" s")),
            ("", Err("is empty")),
            ("a\nb", Err("more than one line")),
            (&"x".repeat(5000), Err("too long")),
        ] {
            let path = folder.path().join("secret");
            std::fs::write(&path, text).unwrap();
            match (fetched(Outside::File(path)).await, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        let missing = fetched(Outside::File(folder.path().join("nothing"))).await;
        assert!(missing.unwrap_err().contains("does not exist"));
    }
}
