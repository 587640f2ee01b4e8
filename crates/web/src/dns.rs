//! What a name's TXT records say.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Looks up the TXT records of a name: what they say, or why nobody knows.
pub type TxtLookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, Result<Vec<String>, String>> + Send + Sync>;

/// How long a lookup may take in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// The resolver that the system is set up with (`resolv.conf`).
pub fn system() -> TxtLookup {
    Arc::new(|name| lookup(name).boxed())
}

async fn lookup(name: String) -> Result<Vec<String>, String> {
    let resolver = TokioResolver::builder_tokio().and_then(|builder| builder.build());
    let resolver = resolver.map_err(|error| error.to_string())?;
    // With its final dot a name is whole, and no search domain is tried.
    let found = timeout(PATIENCE, resolver.txt_lookup(format!("{name}."))).await;
    match found.map_err(|_| "no answer in time".to_owned())? {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::TXT(text) => Some(text.txt_data.concat()),
                _ => None,
            })
            // A long value comes in several strings (RFC 7208, 3.3, has the custom).
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}
