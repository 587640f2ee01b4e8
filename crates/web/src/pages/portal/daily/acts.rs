//! What my day's buttons do: complete, put off, dismiss, take. Each comes back to `/today/`.

use super::support::text;
use crate::contract::Body;
use crate::contract::error::{ApiResult, invalid, not_found};
use crate::contract::resource::Id;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::portal::crm::Crm;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;
use sindico_crm::activities::{self, Outcome};
use sindico_crm::records;
use sindico_db::idempotency::Once;
use sindico_domain::crm::draft::Draft;
use sindico_domain::crm::{Datum, Kind, UserRef};
use sindico_domain::precondition::Precondition;

/// The hour of a day that "tomorrow" means.
const MORNING: i8 = 9;

fn back(page: &Page, once: Option<Once<Value>>, notice: &str) -> ApiResult {
    let once = once.ok_or_else(not_found)?;
    Ok(page.done("/today/", &Notice::new(notice, once.change_set)))
}

/// `POST /today/{id}/done/`.
pub(super) async fn done(crm: Crm, page: Page, Id(id): Id, _: Body) -> ApiResult {
    let any = (&Precondition::default(), None);
    let once = activities::complete(&crm.data, crm.by(), id, &Outcome::default(), any).await?;
    back(&page, once, "completed")
}

/// `POST /today/{id}/snooze/`.
pub(super) async fn snooze(crm: Crm, page: Page, Id(id): Id, body: Body) -> ApiResult {
    let until = match text(&body.0, "until") {
        "hour" => page.now + SignedDuration::from_hours(1),
        "tomorrow" => tomorrow(&page),
        _ => return Err(invalid("Put off by an hour, or until tomorrow.")),
    };
    let any = (&Precondition::default(), None);
    let once = activities::snooze(&crm.data, crm.by(), id, until, any).await?;
    back(&page, once, "snoozed")
}

fn tomorrow(page: &Page) -> Timestamp {
    let date = page.now.to_zoned(page.zone.clone()).date();
    let morning = date.saturating_add(1.day()).at(MORNING, 0, 0, 0);
    let zoned = morning.to_zoned(page.zone.clone());
    zoned.map_or(page.now, |zoned| zoned.timestamp())
}

/// `POST /today/{id}/dismiss/`.
pub(super) async fn dismiss(crm: Crm, page: Page, Id(id): Id, _: Body) -> ApiResult {
    let any = (&Precondition::default(), None);
    let once = activities::mark_reminded(&crm.data, crm.by(), id, any).await?;
    back(&page, once, "dismissed")
}

/// `POST /today/leads/{id}/take/`.
pub(super) async fn take(crm: Crm, page: Page, Id(id): Id, _: Body) -> ApiResult {
    let user = &crm.caller.user;
    let owner = UserRef {
        id: user.id,
        username: user.username.clone(),
    };
    let draft = Draft::one(Kind::Lead, "owner", Datum::User(owner));
    let members = crm.members(&draft).await?;
    let any = Precondition::default();
    let at = (Kind::Lead, id);
    let once = records::change(&crm.data, crm.by(), at, &draft, &members, &any).await?;
    back(&page, once, "taken")
}
