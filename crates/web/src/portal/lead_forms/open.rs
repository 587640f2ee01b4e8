//! `/f/{key}/`: a form on the web, for everybody. It works without a script, on the tenant's host alone; a site of
//! the company's own may send it, too.

use super::{asked, lead};
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::gate::tenant::resolve;
use crate::gate::trace::RequestInfo;
use crate::pages::custom_control::Asked;
use crate::pages::document::still;
use crate::pages::kit::{Field, Tone, button, notice};
use crate::pages::language::Language;
use crate::pages::messages::translate;
use crate::pages::page::View;
use crate::pages::words::lead_forms as w;
use crate::portal::assignment::assigning;
use axum::extract::{Path, State};
use axum::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, ORIGIN, REFERRER_POLICY,
    VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::duplicates::{self, Probe};
use sindico_crm::lead_forms::{self as forms, Arrival, LeadForm};
use sindico_crm::{By, customs};
use sindico_db::TenantConnection;
use sindico_domain::access::Actor;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{CustomField, Customs, FIELDS, Writer, path};
use sindico_domain::lead_form::{Proof, TRAP, suspicions};
use sindico_domain::{FieldErrors, Refusal};
use sindico_outbound::sign;
use sindico_store::Error;
use sindico_store::control::{members, throttle};
use sindico_store::migrate::tenant::target;
use url::Url;

/// The field with the form's proof.
const PROOF: &str = "proof";

/// A form that is there.
struct Opened {
    company_id: i64,
    data: TenantConnection,
    form: LeadForm,
    /// The custom fields that it asks for.
    asked: Customs,
}

/// The form of this key in the tenant of the request's host.
async fn open(app: &App, parts: &Parts, key: &str) -> ApiResult<Opened> {
    let company = resolve(app, parts).map_err(|_| not_found())?;
    let served = company.is_served()
        && company
            .schema_version
            .is_none_or(|version| version >= target());
    let Some(route) = company.route.clone().filter(|_| served) else {
        return Err(not_found());
    };
    let data = app.pools().tenant(route, Sight::whole());
    // What can't be a key need not be looked for.
    if key.len() > 64 || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(not_found());
    }
    let form = forms::by_key(&data, key).await?.ok_or_else(not_found)?;
    let asked = match form.wish.asks_customs() {
        true => form.wish.customs(&customs::read(&data).await?),
        false => Customs::default(),
    };
    Ok(Opened {
        company_id: company.id,
        data,
        form,
        asked,
    })
}

/// A form for everybody
///
/// A page that makes a lead, without a script.
#[utoipa::path(get, path = "/f/{key}/", tag = "lead-forms",
    params(("key" = String, Path, description = "The form's key")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "No active form of this host's tenant"),
    ))]
pub async fn show(State(app): State<App>, Path(key): Path<String>, parts: Parts) -> ApiResult {
    let opened = open(&app, &parts, &key).await?;
    let view = View::of(&parts);
    let proof = proof_of(&opened.form, app.now())?;
    let content = page(&view, &opened, &Map::new(), &FieldErrors::new(), &proof);
    Ok(respond(StatusCode::OK, &view, &opened.form, &content))
}

/// Send a form
///
/// As its page does, as a plain form of a site that is listed, or as JSON. Custom fields are `custom_fields`, an object
/// of keys and values as in leads; in a plain form `custom_fields.<key>`, of several options
/// `custom_fields.<key>.<option>`. What the form does not ask for is ignored. What may be spam is answered as all else.
#[utoipa::path(post, path = "/f/{key}/", tag = "lead-forms",
    params(("key" = String, Path, description = "The form's key")),
    request_body(content = Object),
    responses(
        (status = 201, description = "Received, for JSON"),
        (status = 200, description = "Received: the page that says so", body = String, content_type = "text/html"),
        (status = 303, description = "Received: on to the form's own page"),
        (status = 400, description = "What is wrong, by field"),
        (status = 404, description = "No active form of this host's tenant"),
        (status = 429, description = "Too many from this address"),
    ))]
pub async fn submit(
    State(app): State<App>,
    Path(key): Path<String>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let opened = open(&app, &parts, &key).await?;
    let form = &opened.form;
    let kind = parts.headers.get(CONTENT_TYPE);
    let by_program = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let view = View::of(&parts);
    // It counts whether it is taken or not: who fills forms by hundreds has no use for errors either.
    let reserved =
        throttle::lead_form(app.store(), (opened.company_id, form.id), info.client).await;
    let taken = match reserved {
        Ok(_) => {
            let people = (!by_program).then_some(view.language);
            take(&app, &opened, &info, (&parts, people), &body.0).await
        }
        Err(error) => Err(error.into()),
    };
    match taken.map_err(ApiError::into_inner) {
        Ok(()) if by_program => {
            Ok((StatusCode::CREATED, Json(json!({"state": "received"}))).into_response())
        }
        Ok(()) => Ok(thank(&view, form)),
        Err(error) if by_program => Err(error.into()),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let proof = proof_of(form, app.now())?;
            let content = page(&view, &opened, &body.0, &errors, &proof);
            Ok(respond(StatusCode::BAD_REQUEST, &view, form, &content))
        }
        Err(Error::Refused(Refusal::TooManyRequests(seconds))) => {
            let answer = ApiError::from(Refusal::TooManyRequests(seconds)).into_response();
            let content =
                html! { h1 { (form.wish.title) } (notice(Tone::Warn, view.t(w::TOO_MANY), None)) };
            let mut response = respond(
                answer.status(),
                &view,
                form,
                &still(&view, &form.wish.title, &content),
            );
            for (name, value) in answer.headers() {
                response.headers_mut().entry(name).or_insert(value.clone());
            }
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// What was typed into a field.
pub(super) fn typed<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

async fn take(
    app: &App,
    opened: &Opened,
    info: &RequestInfo,
    (parts, people): (&Parts, Option<Language>),
    body: &Map<String, Value>,
) -> ApiResult<()> {
    let (form, asked) = (&opened.form, &opened.asked);
    let (mut sent, mut errors) = asked::read(form, asked, body, people);
    let agreed = body
        .get("consent")
        .is_some_and(|value| *value == true || value.as_str().is_some_and(|text| !text.is_empty()));
    if !form.wish.consent.is_empty() && !agreed {
        errors.add("consent", "Agree to it, or we may not keep what you send.");
    }
    let owner: Vec<i64> = form.wish.owner.into_iter().collect();
    let known = members::active(app.store(), opened.company_id, &owner).await?;
    let record = match lead(form, (&sent, asked), &known, app.now()) {
        Ok(record) => Some(record),
        Err(wrong) => {
            errors.merge(wrong);
            None
        }
    };
    let Some(record) = record.filter(|_| errors.is_empty()) else {
        return Err(errors.into());
    };
    // What waits for somebody to look is kept as the rules have read it.
    if let Some(values) = record.customs().filter(|values| !values.is_empty()) {
        sent.insert(FIELDS.to_owned(), values.to_json());
    } else {
        sent.remove(FIELDS);
    }
    let (proof, nonce) = read_proof(form, typed(body, PROOF), app.now());
    let listed = parts
        .headers
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    let listed = listed.is_some_and(|origin| form.wish.origins.iter().any(|one| one == origin));
    let against = suspicions(
        proof,
        listed,
        typed(body, TRAP),
        &asked::prose(&sent, asked, &record),
    );
    let probe = Probe {
        name: typed(&sent, "name").to_owned(),
        email: typed(&sent, "email").to_owned(),
        phone: typed(&sent, "phone").to_owned(),
        document: String::new(),
        except: None,
    };
    let mut alike = !duplicates::alike(&opened.data, Kind::Lead, &probe)
        .await?
        .is_empty();
    alike |= !duplicates::alike(&opened.data, Kind::Customer, &probe)
        .await?
        .is_empty();
    let actor = Actor {
        user_id: None,
        name: format!("form: {}", form.wish.title),
        address: Some(info.client),
        request_id: info.id.to_string(),
        support: None,
    };
    // Visitors are asked for what the form asks.
    let by = By {
        actor: &actor,
        now: app.now(),
        writer: Writer::Exempt,
    };
    let assigning = assigning(app, &opened.data, None).await?;
    let arrival = Arrival {
        form,
        record,
        sent: &sent,
        suspicions: &against,
        nonce,
        alike,
        assigning: &assigning,
    };
    if !against.is_empty() {
        forms::forget_old(&opened.data, form.id, app.now()).await?;
    }
    // Sent twice is received once, and told the same.
    forms::arrive(&opened.data, by, arrival).await?;
    app.news().tell(opened.company_id);
    Ok(())
}

/// A proof that this form was opened now: good once, for a day.
fn proof_of(form: &LeadForm, now: jiff::Timestamp) -> Result<String, Error> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let (nonce, at) = (hex::encode(bytes), now.as_second());
    let signature = sign(&[&form.secret], &nonce, at, &form.key);
    let signature = signature
        .ok_or_else(|| Error::Internal("the secret of a form can't be read".to_owned()))?;
    Ok(format!("{nonce}.{at}.{signature}"))
}

/// What a proof says, and what makes it good once.
fn read_proof<'a>(
    form: &LeadForm,
    text: &'a str,
    now: jiff::Timestamp,
) -> (Proof, Option<&'a str>) {
    if text.is_empty() {
        return (Proof::Missing, None);
    }
    let mut parts = text.splitn(3, '.');
    let (Some(nonce), Some(at), Some(signature)) = (parts.next(), parts.next(), parts.next())
    else {
        return (Proof::Wrong, None);
    };
    let Ok(at) = at.parse::<i64>() else {
        return (Proof::Wrong, None);
    };
    let right = sign(&[&form.secret], nonce, at, &form.key);
    use subtle::ConstantTimeEq;
    match right.is_some_and(|right| bool::from(right.as_bytes().ct_eq(signature.as_bytes()))) {
        true => (Proof::Open(now.as_second().saturating_sub(at)), Some(nonce)),
        false => (Proof::Wrong, None),
    }
}

fn thank(view: &View, form: &LeadForm) -> Response {
    if let Ok(to) = HeaderValue::try_from(form.wish.redirect.as_str())
        && !form.wish.redirect.is_empty()
    {
        let mut response = respond(StatusCode::SEE_OTHER, view, form, &html! {});
        response.headers_mut().insert(LOCATION, to);
        return response;
    }
    let thanks = match form.wish.thanks.as_str() {
        "" => view.t(w::THANKS),
        thanks => thanks,
    };
    let content = html! { h1 { (form.wish.title) } (notice(Tone::Ok, thanks, None)) };
    respond(
        StatusCode::OK,
        view,
        form,
        &still(view, &form.wish.title, &content),
    )
}

fn respond(status: StatusCode, view: &View, form: &LeadForm, content: &Markup) -> Response {
    let mut response = (status, Html(content.clone().into_string())).into_response();
    let frames = match form.wish.origins.is_empty() {
        true => "'none'".to_owned(),
        false => form.wish.origins.join(" "),
    };
    // Where the answer of a form leads to counts as where it is sent to (CSP 3, 6.4.2).
    let onward = Url::parse(&form.wish.redirect).map(|url| url.origin().ascii_serialization());
    let policy = format!(
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self' {}; frame-ancestors {frames}",
        onward.unwrap_or_default()
    );
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(CONTENT_SECURITY_POLICY, &policy);
    set(CONTENT_LANGUAGE, view.language.tag());
    set(REFERRER_POLICY, "same-origin");
    set(VARY, "accept-language, cookie");
    response
}

fn page(
    view: &View,
    opened: &Opened,
    body: &Map<String, Value>,
    errors: &FieldErrors,
    proof: &str,
) -> Markup {
    let language = view.language;
    let form = &opened.form;
    let wish = &form.wish;
    let wrong = |path: &str| -> Vec<String> {
        let messages = errors.at(path).iter();
        messages.map(|text| translate(language, text)).collect()
    };
    let of = |name: &'static str| {
        let field = match name {
            "name" => Field::text(name, view.t(w::NAME)).attr("autocomplete", "name"),
            "company" => Field::text(name, view.t(w::COMPANY)).attr("autocomplete", "organization"),
            "email" => Field::email(name, view.t(w::EMAIL)),
            "phone" => Field::phone(name, view.t(w::PHONE)).attr("autocomplete", "tel"),
            _ => Field::textarea(name, view.t(w::NOTES)),
        };
        let field = match wish.requires(name) {
            true => field.required(),
            false => field,
        };
        let field = field.value(typed(body, name)).errors(wrong(name));
        html! { @if wish.asks(name) { (field.render(language)) } }
    };
    let custom = |field: &CustomField| {
        let name = path(&field.key);
        let asked = Asked {
            language,
            field,
            id: format!("f-{name}"),
            typed: body.get(FIELDS),
            errors: wrong(&name),
            must: wish.requires_custom(field),
        };
        asked.render()
    };
    let title = match errors.is_empty() {
        true => wish.title.clone(),
        false => format!("{}: {}", view.t(w::WRONG), wish.title),
    };
    let content = html! {
        h1 { (wish.title) }
        @if !wish.intro.is_empty() { p { (wish.intro) } }
        @if !errors.is_empty() { (notice(Tone::Danger, view.t(w::WRONG_FIELDS), None)) }
        form.form method="post" action={ "/f/" (form.key) "/" } {
            input type="hidden" name=(PROOF) value=(proof);
            // Nobody sees it, and no reader of screens reads it.
            div hidden aria-hidden="true" {
                label for="f-trap" { (view.t(w::TRAP)) }
                input type="text" id="f-trap" name=(TRAP) tabindex="-1" autocomplete="off";
            }
            @for name in ["name", "company", "email", "phone"] { (of(name)) }
            @for field in opened.asked.of(Kind::Lead) { (custom(field)) }
            (of("notes"))
            @if !wish.consent.is_empty() {
                (Field::checkbox("consent", wish.consent.clone()).value("on").errors(wrong("consent"))
                    .checked(!typed(body, "consent").is_empty()).required().render(language))
            }
            (button(view.t(w::SEND)).primary().wide())
        }
    };
    still(view, &title, &content)
}
