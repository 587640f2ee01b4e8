//! Tells webhooks what has changed, whichever program wrote it: looks where something is new or due, makes
//! deliveries of changes, sends those that are due, and writes down what came of it.
//!
//! Which tenants to look at stands in the control database, for those that have webhooks. A nudge that is lost with
//! the program that had it costs time, no event: each program begins by looking at all of them.

use crate::App;
use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use sindico_crm::webhooks::{self as hooks, Sending, Sent, Webhook};
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::webhook::State;
use sindico_outbound::{CallError, Target, sign};
use sindico_store::control::webhooks as control;
use sindico_store::migrate::tenant::target;
use sindico_store::tenant::directory::Company;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

/// How many tenants a program tends at once.
const HANDS: usize = 3;

/// How often it looks for what other programs were asked.
const LOOK: Duration = Duration::from_secs(1);

/// For how long a tenant is tended before others have their turn.
const TURN: Duration = Duration::from_secs(20);

/// How often it says that it is still at it: a fifth of the time after which another takes over.
const HOLD: Duration = Duration::from_secs(3);

/// When a tenant is looked at though nobody asked, in seconds.
const NOW_AND_THEN: f64 = 300.0;

/// When to look again, in seconds, after a tenant that is not served for now.
const AWAY: f64 = 60.0;

/// The pause after something went wrong.
const AGAIN: Duration = Duration::from_secs(2);

/// For how long news are gathered, so that many writes ask once.
const GATHER: Duration = Duration::from_millis(100);

static NUDGE: LazyLock<Notify> = LazyLock::new(Notify::new);

/// Has this program look at once.
pub(crate) fn nudge() {
    NUDGE.notify_waiters();
}

/// Starts the hands; they end when the program stops.
pub(crate) fn start(app: &App) -> TaskTracker {
    let hands = TaskTracker::new();
    hands.spawn(listen(app.clone()));
    for _ in 0..HANDS {
        hands.spawn(work(app.clone()));
    }
    hands.close();
    hands
}

/// Asks for those tenants in whose data something is new.
async fn listen(app: App) {
    let stopping = app.stopping().clone();
    let mut news = app.news().subscribe();
    let mut all = true;
    let mut ids = BTreeSet::new();
    loop {
        if all || !ids.is_empty() {
            tokio::time::sleep(GATHER).await;
            loop {
                match news.try_recv() {
                    Ok(change) if change.0 != 0 => {
                        ids.insert(change.0);
                    }
                    Ok(_) | Err(TryRecvError::Lagged(_)) => all = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            let companies: Vec<i64> = ids.iter().copied().collect();
            let asked = match all {
                true => control::ask_all(app.store()).await,
                false => control::ask(app.store(), &companies).await.map(drop),
            };
            match asked {
                Ok(()) => {
                    all = false;
                    ids.clear();
                    nudge();
                }
                // What is new is kept, and asked for again.
                Err(error) => {
                    tracing::debug!(%error, "can't ask for webhooks to be told; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
            if stopping.is_cancelled() {
                return;
            }
            continue;
        }
        tokio::select! {
            heard = news.recv() => match heard {
                Ok(change) if change.0 != 0 => {
                    ids.insert(change.0);
                }
                Ok(_) | Err(RecvError::Lagged(_)) => all = true,
                Err(RecvError::Closed) => return,
            },
            () = stopping.cancelled() => return,
        }
    }
}

async fn work(app: App) {
    let stopping = app.stopping().clone();
    while !stopping.is_cancelled() {
        let pause = match control::claim(app.store()).await {
            Ok(Some(company_id)) => match tend(&app, company_id).await {
                Ok(()) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(%error, company_id, "webhooks have to wait");
                    let _ = control::rest(app.store(), company_id, 5.0).await;
                    AGAIN
                }
            },
            Ok(None) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "can't look for webhooks; trying again soon");
                AGAIN
            }
        };
        tokio::select! {
            _ = timeout(pause, NUDGE.notified()) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Tells what is new in a tenant's data, and says when to look again.
async fn tend(app: &App, company_id: i64) -> Result<()> {
    let company = app.directory().by_id(company_id)?;
    let served = company.filter(|company| {
        company.is_served()
            && company
                .schema_version
                .is_none_or(|version| version >= target())
    });
    let Some((company, route)) = served.and_then(|company| {
        let route = company.route.clone()?;
        Some((company, route))
    }) else {
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
        let well = hooks::record(data, &sending, &sent).await?;
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
