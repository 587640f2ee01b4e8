//! Google's Secret Manager, by its REST interface (`projects.secrets.versions.access`). The program's own
//! identity is that of the machine it runs on: its metadata server gives a token.

use super::SourceError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Response, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

/// How long the whole of it may take, with all attempts.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(3);
/// A token is taken anew so long before it ends.
const MARGIN: Duration = Duration::from_secs(60);

/// A client of the Secret Manager.
pub(super) struct SecretManager {
    http: reqwest::Client,
    /// `https://secretmanager.googleapis.com`, but for tests.
    base: String,
    /// `http://metadata.google.internal`, but for tests.
    metadata: String,
    token: Mutex<Option<(SecretString, Instant)>>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Accessed {
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    data: String,
    /// A number as text.
    data_crc32c: Option<String>,
}

/// What to do after an attempt that brought nothing.
enum Failed {
    /// The token is not good any more.
    Token,
    /// Try again.
    Again(String),
    /// There is no use.
    Final(String),
}

impl SecretManager {
    /// Google's own.
    pub(super) fn google() -> Result<Self, String> {
        Self::at(
            "https://secretmanager.googleapis.com",
            "http://metadata.google.internal",
        )
    }

    /// One at these addresses.
    pub(super) fn at(base: &str, metadata: &str) -> Result<Self, String> {
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .use_preconfigured_tls(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ATTEMPT)
            .build()
            .map_err(|error| error.without_url().to_string())?;
        Ok(Self {
            http,
            base: base.to_owned(),
            metadata: metadata.to_owned(),
            token: Mutex::default(),
        })
    }

    /// The secret of this version, checked against its checksum.
    pub(super) async fn access(
        &self,
        project: &str,
        secret: &str,
        version: u64,
    ) -> Result<SecretString, SourceError> {
        let name = format!("projects/{project}/secrets/{secret}/versions/{version}");
        let mut last = format!(
            "gcp:{name}: no answer within {} seconds.",
            DEADLINE.as_secs()
        );
        let attempts = async {
            let mut pause = Duration::from_millis(100);
            let mut renewed = false;
            loop {
                match self.attempt(&name).await {
                    Ok(found) => return Ok(found),
                    Err(Failed::Final(why)) => {
                        return Err(SourceError::Permanent(format!("gcp:{name}: {why}")));
                    }
                    Err(Failed::Token) if !renewed => {
                        // It was taken back before its time: once more with another.
                        renewed = true;
                        *self.token.lock().await = None;
                        continue;
                    }
                    Err(Failed::Token) => {
                        return Err(SourceError::Permanent(format!(
                            "gcp:{name}: the Secret Manager does not accept this machine's identity."
                        )));
                    }
                    Err(Failed::Again(why)) => last = format!("gcp:{name}: {why}"),
                }
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        };
        let outcome = timeout(DEADLINE, attempts).await;
        outcome.unwrap_or(Err(SourceError::Passing(last)))
    }

    async fn attempt(&self, name: &str) -> Result<SecretString, Failed> {
        let token = self.token().await?;
        let url = format!("{}/v1/{name}:access", self.base);
        let answer = self
            .http
            .get(url)
            .bearer_auth(token.expose_secret())
            .send()
            .await;
        let answer = answer.map_err(again)?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(Failed::Token),
            StatusCode::FORBIDDEN => {
                return Err(Failed::Final(
                    "this machine's service account may not read it: give it the role \
                     roles/secretmanager.secretAccessor."
                        .to_owned(),
                ));
            }
            StatusCode::NOT_FOUND => {
                return Err(Failed::Final(
                    "there is no such secret, or no such version.".to_owned(),
                ));
            }
            // FAILED_PRECONDITION of a version that is disabled or destroyed.
            StatusCode::BAD_REQUEST => {
                return Err(Failed::Final(
                    "this version is disabled or destroyed.".to_owned(),
                ));
            }
            other => return Err(by_status("the Secret Manager", other)),
        }
        let accessed: Accessed = json(answer).await?;
        opened(accessed.payload)
    }

    /// A token of the machine's service account, taken once for as long as it is good.
    async fn token(&self) -> Result<SecretString, Failed> {
        let mut kept = self.token.lock().await;
        if let Some((token, until)) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let url = format!(
            "{}/computeMetadata/v1/instance/service-accounts/default/token",
            self.metadata
        );
        let asked = Instant::now();
        let answer = self
            .http
            .get(url)
            .header("Metadata-Flavor", "Google")
            .send()
            .await;
        let answer = answer.map_err(again)?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => {
                return Err(Failed::Final(
                    "this machine has no service account.".to_owned(),
                ));
            }
            other => return Err(by_status("the metadata server", other)),
        }
        let token: Token = json(answer).await?;
        let good = Duration::from_secs(token.expires_in).saturating_sub(MARGIN);
        let secret = SecretString::from(token.access_token);
        *kept = Some((secret.clone(), asked + good));
        Ok(secret)
    }
}

/// Nobody answered. The driver's words name the address at the most.
fn again(error: reqwest::Error) -> Failed {
    Failed::Again(if error.is_timeout() {
        "no answer in time.".to_owned()
    } else {
        "it can't be reached.".to_owned()
    })
}

fn by_status(who: &str, status: StatusCode) -> Failed {
    let why = format!("{who} answered {}.", status.as_u16());
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        Failed::Again(why)
    } else {
        Failed::Final(why)
    }
}

/// The body; an answer that was cut off may be whole next time.
async fn json<T: for<'de> Deserialize<'de>>(answer: Response) -> Result<T, Failed> {
    let bytes = answer.bytes().await.map_err(again)?;
    // The parser's words could repeat a part of the secret.
    serde_json::from_slice(&bytes)
        .map_err(|_| Failed::Again("the answer is not what it should be.".to_owned()))
}

fn opened(payload: Payload) -> Result<SecretString, Failed> {
    let wrong = |what: &str| Failed::Again(format!("what came {what}."));
    let bytes = STANDARD
        .decode(payload.data)
        .map_err(|_| wrong("is not base64"))?;
    // Optional in the interface, and always there.
    if let Some(expected) = payload.data_crc32c {
        let expected: u32 = expected.parse().map_err(|_| wrong("has no checksum"))?;
        if crc32c::crc32c(&bytes) != expected {
            return Err(wrong("does not match its checksum"));
        }
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failed::Final("it is not text in UTF-8.".to_owned()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Failed::Final("it is empty.".to_owned())),
        text => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests;
