//! `/api/events/`: that something has changed, as it happens.

use super::crm::Crm;
use super::notifications::reader;
use super::streams::Open;
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::gate::access;
use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, CACHE_CONTROL};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use sindico_crm::events::{self, Event, News, Position};
use sindico_crm::notifications::{self, Unread};
use sindico_db::TenantConnection;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::Kind;
use sindico_domain::input::text;
use sindico_store::listen::DataChange;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout};

/// How often somebody who watches looks by themself, should a nudge be missed.
const LOOK: Duration = Duration::from_secs(5);

/// How soon a stream ends when its tenant is not served any more.
const TICK: Duration = Duration::from_millis(500);

/// Watch what changes
///
/// Server-sent events, with ids and without a word of what is in the records: `change` for each record
/// (`kind`, `id`, `op`, `change_set`), and `reset` when more was missed than is told one by one: then read
/// anew what you show; `notification` when the caller's own unread notifications are others than before (`unread`,
/// `newest`). `Last-Event-ID`, or `?since=`, goes on where you were. Only kinds that the caller's
/// role may read are told. A client that does not accept `text/event-stream` gets what is new at once, as
/// JSON: `events`, `reset`, and `last` for its next `?since=`. A user may have ten streams of a tenant open.
#[utoipa::path(get, path = "/api/events/", tag = "events",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen"),
        ("since" = Option<String>, Query, description = "The same"),
    ),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream"),
        (status = 400, description = "A parameter is wrong"),
        (status = 429, description = "Ten streams of this user are open already"),
    ))]
pub async fn watch(crm: Crm, whole: Whole, query: Query) -> ApiResult {
    let mut f = query.fields();
    let since = f.read("since", |value| {
        let wrong = "Use the id of an event, or leave it out.";
        text(1..=60)(value)?
            .parse::<Position>()
            .map_err(|()| wrong.to_owned())
    });
    f.finish().check(())?;
    let accept = header(&crm.headers, ACCEPT.as_str()).unwrap_or_default();
    let open = match accept.contains("text/event-stream") {
        true => Some(
            crm.app()
                .streams()
                .open(crm.tenant.company.id, crm.caller.user.id)?,
        ),
        false => None,
    };
    let seen = header(&crm.headers, "last-event-id").and_then(|id| id.parse().ok());
    // Heard from before the first look, so that nothing can fall between them.
    let nudges = crm.app().news().subscribe();
    let position = match seen.or(since) {
        Some(position) => position,
        None => events::now(&crm.data).await?,
    };
    let watcher = Watcher {
        app: crm.app().clone(),
        kinds: crm.readable(),
        tenant: crm.tenant,
        caller: crm.caller,
        data: crm.data,
        parts: whole.0,
        nudges,
        position,
        looked: None,
        told: None,
    };
    match open {
        Some(open) => Ok(stream_of(watcher, open)),
        None => watcher.once().await,
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn stream_of(watcher: Watcher, open: Open) -> Response {
    let stopping = watcher.app.stopping().clone().cancelled_owned();
    // Counted as open for as long as the stream is there.
    let messages = watcher.messages().take_until(stopping).map(move |message| {
        let _ = &open;
        message
    });
    let mut response = Sse::new(messages)
        .keep_alive(KeepAlive::default())
        .into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The request, to pass the gate again by.
pub struct Whole(Parts);

impl<S: Sync> FromRequestParts<S> for Whole {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.clone()))
    }
}

/// Somebody who watches one tenant.
struct Watcher {
    app: App,
    tenant: TenantContext,
    caller: Arc<Caller>,
    kinds: Vec<Kind>,
    data: TenantConnection,
    parts: Parts,
    nudges: Receiver<DataChange>,
    position: Position,
    looked: Option<Instant>,
    told: Option<Unread>,
}

impl Watcher {
    /// What is new now.
    async fn once(mut self) -> ApiResult {
        let (events, reset) = self.look().await?;
        let last = self.position.to_string();
        Ok(Json(json!({ "events": events, "reset": reset, "last": last })).into_response())
    }

    /// Reads what is new, as far as the caller may read it; whether too much was missed.
    async fn look(&mut self) -> ApiResult<(Vec<Event>, bool)> {
        self.looked = Some(Instant::now());
        match events::after(&self.data, self.position).await? {
            News::TooMany(end) => {
                self.position = end;
                Ok((Vec::new(), true))
            }
            News::Changes(mut events) => {
                if let Some(last) = events.last() {
                    self.position = last.position;
                }
                events.retain(|event| self.kinds.contains(&event.kind));
                Ok((events, false))
            }
        }
    }

    fn messages(self) -> impl Stream<Item = Result<Message, Infallible>> {
        stream::unfold(self, |mut watcher| async move {
            let batch = watcher.next().await?;
            Some((stream::iter(batch.into_iter().map(Ok)), watcher))
        })
        .flatten()
    }

    /// The next messages; `None` when the caller may not watch any more, or the place is away: the client
    /// comes again, and is told why.
    async fn next(&mut self) -> Option<Vec<Message>> {
        loop {
            // The first look is for what the client missed; it has just passed the gate.
            if self.looked.is_some() {
                self.nudged().await?;
                self.admitted().await?;
            }
            let (events, reset) = self.look().await.ok()?;
            if reset {
                let message = Message::default()
                    .event("reset")
                    .id(self.position.to_string());
                return Some(vec![message.data("{}")]);
            }
            let messages = events.iter().filter_map(|event| {
                let message = Message::default()
                    .event("change")
                    .id(event.position.to_string());
                message.json_data(event).ok()
            });
            let mut messages: Vec<Message> = messages.collect();
            messages.extend(self.told().await?);
            if !messages.is_empty() {
                return Some(messages);
            }
        }
    }

    /// That the caller's unread notifications are others than at the last look, or that there are some at the first.
    async fn told(&mut self) -> Option<Option<Message>> {
        let reader = reader(&self.caller, &self.tenant, self.kinds.clone());
        let now = notifications::unread(&self.data, &reader).await.ok()?;
        let before = self.told.replace(now);
        let is_news = before.map_or(now.unread > 0, |before| before != now);
        let message = Message::default().event("notification").json_data(now);
        Some(message.ok().filter(|_| is_news))
    }

    /// Waits until there may be something new; `None` when the tenant is not served any more, or not from this
    /// place.
    async fn nudged(&mut self) -> Option<()> {
        loop {
            match timeout(TICK, self.nudges.recv()).await {
                Ok(Ok(DataChange(id))) if id == self.tenant.company.id || id == 0 => {
                    return Some(());
                }
                Ok(Ok(_)) => continue,
                Ok(Err(RecvError::Lagged(_))) => return Some(()),
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {}
            }
            let company = self
                .app
                .directory()
                .by_id(self.tenant.company.id)
                .ok()
                .flatten()?;
            if !company.is_served() || company.route != self.tenant.company.route {
                return None;
            }
            if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
                return Some(());
            }
        }
    }

    /// Passes the gate again, as what the caller is now.
    async fn admitted(&mut self) -> Option<()> {
        let tenant = access::again(&self.app, &self.parts).await.ok()?;
        // Other eyes need another connection: the client comes again, and gets one.
        let other_eyes = tenant.sight(&self.caller) != *self.data.sight();
        if other_eyes || tenant.company.route != self.tenant.company.route {
            return None;
        }
        self.kinds = Kind::ALL.to_vec();
        self.kinds
            .retain(|kind| tenant.allows(kind.resource(), Method::Get));
        Some(())
    }
}
