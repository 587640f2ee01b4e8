//! `/api/privacy/accesses/`: who looked at whose data.

use crate::contract::error::{ApiResult, field};
use crate::contract::query::page;
use crate::contract::{Query, list};
use crate::portal::crm::Crm;
use sindico_crm::privacy::{self, Access};
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::choice;

/// List who looked at whose data
///
/// A row for each record, user and day. Looks of the last seconds follow.
#[utoipa::path(get, path = "/api/privacy/accesses/", tag = "privacy",
    params(
        ("kind" = Option<String>, Query, description = "customer or lead; with `record`"),
        ("record" = Option<i64>, Query, description = "Only at this record of the kind"),
        ("user" = Option<i64>, Query, description = "Only by this user"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses((status = 200, description = "What began last first; `Link` names the next page", body = Vec<Access>)))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let kind = f.read("kind", choice::<Kind>);
    let record = f.read("record", draft::id);
    let user = f.read("user", draft::id);
    let request = page(&mut f);
    f.finish().check(())?;
    let about = match (kind, record) {
        (Some(kind), Some(id)) => Some((kind, id)),
        (None, None) => None,
        (Some(_), None) => return Err(field("record", "Name the record of this kind, too.")),
        (None, Some(_)) => return Err(field("kind", "Say of which kind the record is.")),
    };
    let page = privacy::accesses(&crm.data, about, user, &request).await?;
    Ok(list::respond("/api/privacy/accesses/", &query, &page))
}
