//! Tells webhooks what has changed, whichever program wrote it: looks where something is new or due, makes
//! deliveries of changes, sends those that are due, and writes down what came of it.
//!
//! Which tenants to look at stands in the control database, for those that have webhooks. A nudge that is lost with
//! the program that had it costs time, no event: each program begins by looking at all of them.

use crate::App;
use crate::tending::{self, Duty, Watching};
use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use sindico_crm::webhooks::{self as hooks, Sending, Sent, Webhook};
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::webhook::State;
use sindico_outbound::{CallError, Target, sign};
use sindico_store::Store;
use sindico_store::control::{members, webhooks as control};
use sindico_store::tenant::directory::Company;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// For how long a tenant is tended before others have their turn.
const TURN: Duration = Duration::from_secs(20);

/// How often it says that it is still at it: a fifth of the time after which another takes over.
const HOLD: Duration = Duration::from_secs(3);

/// When a tenant is looked at though nobody asked, in seconds.
const NOW_AND_THEN: f64 = 300.0;

/// When to look again, in seconds, after a tenant that is not served for now.
const AWAY: f64 = 60.0;

static NUDGE: LazyLock<Notify> = LazyLock::new(Notify::new);

/// Webhooks are told what changes.
pub(crate) struct Calls;

impl Duty for Calls {
    const WHAT: &'static str = "webhooks";
    const HANDS: usize = 3;

    fn nudge() -> &'static Notify {
        &NUDGE
    }

    async fn claim(store: &Store) -> Result<Option<i64>> {
        control::claim(store).await
    }

    async fn tend(app: &App, company_id: i64) -> Result<()> {
        tend(app, company_id).await
    }

    async fn put_off(store: &Store, company_id: i64) -> Result<()> {
        control::rest(store, company_id, 5.0).await
    }
}

impl Watching for Calls {
    const GATHER: Duration = Duration::from_millis(100);

    async fn ask(store: &Store, companies: &[i64]) -> Result<()> {
        control::ask(store, companies).await.map(drop)
    }

    async fn ask_all(store: &Store) -> Result<()> {
        control::ask_all(store).await
    }
}

/// Tells what is new in a tenant's data, and says when to look again.
async fn tend(app: &App, company_id: i64) -> Result<()> {
    let Some((company, route)) = tending::place(app, company_id)? else {
        return control::rest(app.store(), company_id, AWAY).await;
    };
    let data = app.pools().tenant(route, Sight::whole());
    let webhooks = hooks::list(&data).await?;
    if webhooks.is_empty() {
        return control::leave(app.store(), company_id).await;
    }
    let until = Instant::now() + TURN;
    let mut more = true;
    while more && Instant::now() < until && !app.stopping().is_cancelled() {
        more = hooks::fetch(&data, &company.tenant_code, app.now()).await?;
        control::hold(app.store(), company_id).await?;
        let active = webhooks
            .iter()
            .filter(|webhook| webhook.state == State::Active);
        let sending =
            join_all(active.map(|webhook| send_all(app, &company, &data, webhook, until)));
        let sent = keep(app, company_id, sending).await;
        for one in sent {
            one?;
        }
    }
    hooks::forget_old(&data, app.now()).await?;
    let wait = match hooks::next_due(&data).await? {
        _ if more => 0.0,
        Some(due) => seconds_until(due, app.now()).clamp(0.5, NOW_AND_THEN),
        None => NOW_AND_THEN,
    };
    control::rest(app.store(), company_id, wait).await
}

fn seconds_until(due: Timestamp, now: Timestamp) -> f64 {
    due.duration_since(now).as_secs_f64()
}

/// Says now and then that somebody is at it.
async fn keep<T>(app: &App, company_id: i64, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match timeout(HOLD, &mut work).await {
            Ok(done) => return done,
            Err(_) => {
                if let Err(error) = control::hold(app.store(), company_id).await {
                    tracing::debug!(%error, company_id, "can't hold on to a tenant's webhooks");
                }
            }
        }
    }
}

/// Sends what is due to one webhook, one after the other, until it fails.
async fn send_all(
    app: &App,
    company: &Company,
    data: &TenantConnection,
    webhook: &Webhook,
    until: Instant,
) -> Result<()> {
    while Instant::now() < until && !app.stopping().is_cancelled() {
        let Some(sending) = hooks::claim(data, webhook.id, app.now()).await? else {
            return Ok(());
        };
        let sent = send(app, company.id, &sending).await?;
        metrics::counter!("sindico_webhook_attempts_total", "worked" => sent.status.is_some_and(|s| s < 300).to_string())
            .increment(1);
        // Should it be stopped for this, they are told.
        let owners = match sent.status {
            Some(200..300) => Vec::new(),
            _ => members::owners(app.store(), company.id).await?,
        };
        let well = hooks::record(data, &sending, &sent, &owners).await?;
        if !well {
            return Ok(());
        }
    }
    Ok(())
}

async fn send(app: &App, company_id: i64, sending: &Sending) -> Result<Sent> {
    let at = app.now();
    let began = Instant::now();
    let answer = call(app, company_id, sending, at.as_second()).await?;
    let mut sent = Sent {
        at,
        duration_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
        status: None,
        error: String::new(),
        answer: String::new(),
        retry_after: None,
        chance: chance()?,
    };
    match answer {
        Ok(answer) => {
            sent.status = Some(answer.status);
            sent.answer = answer.excerpt;
            sent.retry_after = answer.retry_after;
        }
        Err(why) => sent.error = why,
    }
    Ok(sent)
}

async fn call(
    app: &App,
    company_id: i64,
    sending: &Sending,
    timestamp: i64,
) -> Result<Result<sindico_outbound::Answer, String>> {
    let secrets =
        match control::secrets(app.store(), app.vault(), company_id, &sending.secret).await {
            Ok(secrets) => secrets,
            Err(Error::Internal(context)) => {
                tracing::error!(
                    context,
                    company_id,
                    webhook = sending.webhook,
                    "a webhook can't be signed"
                );
                Vec::new()
            }
            Err(error) => return Err(error),
        };
    let known: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    let signature = sign(&known, &sending.message, timestamp, &sending.body);
    let Some(signature) = signature.filter(|signature| !signature.is_empty()) else {
        return Ok(Err("Its secret can't be read. Make a new one.".to_owned()));
    };
    let headers = [
        ("webhook-id", sending.message.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    let posted = match Target::parse(&sending.url) {
        Ok(target) => {
            app.config()
                .outbound
                .post(&target, &headers, sending.body.clone())
                .await
        }
        Err(refused) => Err(CallError::Refused(refused)),
    };
    Ok(posted.map_err(|error| error.to_string()))
}

/// From 0 to 1.
fn chance() -> Result<f64> {
    let mut bytes = [0u8; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
