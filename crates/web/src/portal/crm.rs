//! What every handler of the CRM works with: the tenant's data, and who calls.

use crate::App;
use crate::contract::error::{ApiError, ApiResult};
use crate::contract::{Body, Query, repeat};
use crate::gate::actor::{self, Caller};
use crate::gate::data::TenantData;
use crate::gate::tenant::TenantContext;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use sindico_crm::changes::Reader;
use sindico_crm::list::Viewpoint;
use sindico_crm::{By, customs};
use sindico_db::TenantConnection;
use sindico_domain::access::capability;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{Customs, FIELDS, PREFIX, Writer};
use sindico_domain::crm::draft::Draft;
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::precondition::Precondition;
use sindico_store::control::idempotency::Key;
use sindico_store::control::members;
use std::collections::HashMap;
use std::sync::Arc;

/// A request to the CRM of a tenant, once it has passed the gate.
pub struct Crm {
    /// The tenant's data.
    pub data: TenantConnection,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The tenant.
    pub tenant: TenantContext,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// The headers.
    pub headers: HeaderMap,
    app: App,
    method: Method,
    uri: Uri,
}

impl FromRequestParts<App> for Crm {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let TenantData(data) = TenantData::from_request_parts(parts, app).await?;
        let uri = match OriginalUri::from_request_parts(parts, app).await {
            Ok(OriginalUri(uri)) => uri,
            Err(never) => match never {},
        };
        Ok(Self {
            data,
            caller: actor::known(parts)?,
            tenant: TenantContext::from_request_parts(parts, app).await?,
            now: app.now(),
            headers: parts.headers.clone(),
            app: app.clone(),
            method: parts.method.clone(),
            uri,
        })
    }
}

impl Crm {
    /// Under whom a write is recorded.
    pub fn by(&self) -> By<'_> {
        By {
            actor: &self.caller.actor,
            now: self.now,
            writer: Writer::Of(self.tenant.role),
        }
    }

    /// What `If-Match` asks for.
    pub fn precondition(&self) -> Precondition {
        crate::contract::resource::precondition(&self.headers)
    }

    /// The request's `Idempotency-Key`.
    ///
    /// # Errors
    /// `400` for one that is none.
    pub fn key(&self, body: &Body) -> ApiResult<Option<Key>> {
        repeat::key(
            &self.headers,
            self.caller.user.id,
            &self.method,
            &self.uri,
            body,
        )
    }

    /// Whether the caller's role may use this method of this kind of record.
    pub fn may(&self, kind: Kind, method: capability::Method) -> bool {
        self.tenant.allows(kind.resource(), method)
    }

    /// The kinds that the caller's role may read.
    pub fn readable(&self) -> Vec<Kind> {
        let kinds = Kind::ALL.iter().copied();
        kinds
            .filter(|kind| self.may(*kind, capability::Method::Get))
            .collect()
    }

    /// What the caller may read of the history.
    pub fn reader(&self) -> Reader {
        Reader {
            kinds: self.readable(),
            addresses: self.tenant.is_owner(),
        }
    }

    /// The active members of the tenant among those whom a draft names, with their names.
    ///
    /// # Errors
    /// When the control database can't be reached.
    pub async fn members(&self, draft: &Draft) -> ApiResult<HashMap<i64, String>> {
        self.members_of(&draft.users()).await
    }

    /// The active members of the tenant among these, with their names.
    ///
    /// # Errors
    /// When the control database can't be reached.
    pub async fn members_of(&self, ids: &[i64]) -> ApiResult<HashMap<i64, String>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(members::active(self.app.store(), self.tenant.company.id, ids).await?)
    }

    /// What the company has set up for its sales, as it was a moment ago: for words, and no rule.
    ///
    /// # Errors
    /// When the tenant's place can't be reached.
    pub async fn setup(&self) -> ApiResult<Arc<Pipelines>> {
        let route = self.tenant.company.route.as_ref();
        let place = route.map(|route| route.target.clone());
        Ok(self.app.setups().read(&self.data, place).await?)
    }

    /// The company's custom fields, as they were a moment ago: for words, columns and filters, and no rule.
    ///
    /// # Errors
    /// When the tenant's place can't be reached.
    pub async fn customs(&self) -> ApiResult<Arc<Customs>> {
        let route = self.tenant.company.route.as_ref();
        let place = route.map(|route| route.target.clone());
        Ok(self.app.custom_fields().read(&self.data, place).await?)
    }

    /// The same for what a query may name; one that names none costs nothing.
    ///
    /// # Errors
    /// As [`Crm::customs`].
    pub async fn customs_named(&self, query: &Query) -> ApiResult<Arc<Customs>> {
        match query.names(PREFIX) {
            true => self.customs().await,
            false => Ok(Arc::default()),
        }
    }

    /// The company's custom fields as they are now, for a body that tells something of them. What a program of this
    /// moment ago knew would lose what was sent for a field that another program has made since.
    ///
    /// # Errors
    /// As [`Crm::customs`].
    pub async fn customs_told(&self, body: &Map<String, Value>) -> ApiResult<Customs> {
        let text = Value::Object(body.clone()).to_string();
        match text.contains(FIELDS) || text.contains(PREFIX) {
            true => Ok(customs::read(&self.data).await?),
            false => Ok(Customs::default()),
        }
    }

    /// Something was set up: pages of this program show it at once.
    pub fn was_set_up(&self) {
        self.app.setups().forget(self.tenant.company.id);
        self.app.custom_fields().forget(self.tenant.company.id);
    }

    /// Who asks, when, and where: what filters may mean by it.
    pub fn viewpoint(&self) -> Viewpoint {
        Viewpoint {
            user: self.caller.user.id,
            now: self.now,
            zone: self.zone(),
        }
    }

    /// Where days begin.
    pub fn zone(&self) -> TimeZone {
        self.app.config().time_zone.clone()
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }
}
