//! `/platform/tenants/{id}/`: provisioning, contract and place of a tenant.

use super::frame::{self, Part, Standing};
use super::provisioning::{newest, part};
use crate::App;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::pages::console::labels;
use crate::pages::kit::{Tone, card, description_list, format, link_button, progress};
use crate::pages::page::Page;
use crate::pages::words::{console as c, tenants as w};
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::tenant::Tenant;
use sindico_store::control::places::{self, Standing as Place};
use sindico_store::migrate::tenant::target;

/// `GET /platform/tenants/{id}/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    let operation = newest(&app, id).await?;
    let standing = frame::find(&app, id).await?;
    let place = places::standing(app.store(), id).await?;
    let tenant = &standing.tenant;
    let content = html! {
        (frame::head(&page, &standing, Part::Summary))
        div class="columns" {
            div class="stack" { (part(&page, tenant, operation.as_ref())) }
            div class="stack" {
                (contract(&page, &standing))
                (where_it_is(&page, tenant, place))
            }
        }
    };
    Ok(page.show(&tenant.name, content))
}

fn contract(page: &Page, standing: &Standing) -> Markup {
    let language = page.language();
    let tenant = &standing.tenant;
    let contract = &tenant.contract;
    let text = |text: String| Some(html! { (text) });
    let facts = [
        (
            page.t(w::PLAN),
            text(page.t(labels::plan(contract.plan)).to_owned()),
        ),
        (
            page.t(w::STATUS),
            Some(labels::contract(language, contract.status)),
        ),
        (
            page.t(w::FEE),
            text(format::money(language, contract.monthly_fee)),
        ),
        (
            page.t(w::START),
            Some(format::date(language, contract.start_date)),
        ),
        (
            page.t(w::END),
            contract.end_date.map(|day| format::date(language, day)),
        ),
        (
            page.t(w::RENEW),
            text(
                page.t(if contract.auto_renew { c::YES } else { c::NO })
                    .to_owned(),
            ),
        ),
        (
            page.t(w::NOTES),
            (!contract.notes.is_empty()).then(|| html! { (contract.notes) }),
        ),
    ];
    let edit = link_button(
        page.t(w::EDIT_CONTRACT),
        format!("/platform/tenants/{}/edit/", tenant.id),
    );
    let edit = edit.small().quiet().icon_only("pencil");
    let body = html! {
        div class="stack" {
            (seats(page, standing))
            (description_list(language, &facts))
        }
    };
    card(page.t(w::CONTRACT), Some(html! { (edit) }), body)
}

/// Seats taken of those in the contract.
pub(super) fn seats(page: &Page, standing: &Standing) -> Markup {
    let language = page.language();
    let seats = standing.tenant.contract.seats;
    let (used, all) = (
        standing.used.unsigned_abs(),
        u64::from(seats.unsigned_abs()),
    );
    let tone = match used >= all {
        true => Tone::Warn,
        false => Tone::Accent,
    };
    let text = w::seats_used(language, used, seats);
    progress(page.t(w::SEATS_LABEL), used, all, &text, tone)
}

/// Where the data live; made anew while the tenant is provisioned.
pub(super) fn where_it_is(page: &Page, tenant: &Tenant, known: Option<Place>) -> Markup {
    let language = page.language();
    let place = &tenant.provisioning;
    let mono = |text: &str| (!text.is_empty()).then(|| html! { span class="mono" { (text) } });
    let schema = match known.map_or(0, |place| place.schema_version) {
        0 => page.t(w::NO_SCHEMA).to_owned(),
        version => w::schema_of(language, version, target()),
    };
    let secret = match place.database_password_secret.as_str() {
        "" => Some(html! { (page.t(w::NO_SECRET)) }),
        reference => mono(reference),
    };
    let portal = (!place.portal_url.is_empty()).then(|| {
        html! {
            @if tenant.is_active && frame::is_web(&place.portal_url) { a href=(place.portal_url) rel="noreferrer" { (place.portal_url) } }
            @else { (place.portal_url) }
        }
    });
    let facts = [
        (
            page.t(w::MODEL),
            Some(html! { (page.t(labels::model(place.isolation_model))) }),
        ),
        (page.t(w::DATABASE), mono(&place.database_name)),
        (page.t(w::ROLE), mono(&place.database_user)),
        (
            page.t(w::HOST),
            mono(&format!("{}:{}", place.database_host, place.database_port)),
        ),
        (page.t(w::ALIAS), mono(&place.database_alias)),
        (page.t(w::SECRET), secret),
        (page.t(w::SCHEMA), Some(html! { (schema) })),
        (page.t(w::PORTAL), portal),
        (
            page.t(w::SINCE),
            place
                .provisioned_at
                .map(|at| format::datetime(language, at, &page.zone)),
        ),
    ];
    let edit = link_button(
        page.t(w::EDIT_PLACE),
        format!("/platform/tenants/{}/place/", tenant.id),
    );
    let edit = edit.small().quiet().icon_only("pencil");
    let facts = description_list(language, &facts);
    html! { div id="tenant-place" { (card(page.t(w::PLACE), Some(html! { (edit) }), facts)) } }
}
