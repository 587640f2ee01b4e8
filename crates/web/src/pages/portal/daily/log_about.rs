//! What a contact can be about: what a search finds, ready to be chosen.

use crate::contract::error::ApiResult;
use crate::pages::page::Page;
use crate::pages::portal::search::beside;
use crate::pages::portal::setup;
use crate::pages::words::work as w;
use crate::portal::crm::Crm;
use sindico_crm::{day, names as titles, records, search};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{Kind, Record};

/// How many hits a search offers.
const HITS: usize = 8;

/// Something that a contact can be about.
pub struct About {
    /// What is sent: `lead-7`.
    pub value: String,
    /// What it is called.
    pub title: String,
    /// What tells it from others of that name.
    pub detail: String,
}

/// Leads and sales that fit; of a customer that fits, the sales. What was chosen already stays in sight.
pub async fn find(
    crm: &Crm,
    page: &Page,
    (about, q): (Option<&str>, &str),
) -> ApiResult<Option<Vec<About>>> {
    let kinds = [Kind::Lead, Kind::Opportunity, Kind::Customer];
    let kinds: Vec<Kind> = kinds
        .into_iter()
        .filter(|kind| crm.may(*kind, Method::Get))
        .collect();
    let mut found = Vec::new();
    if let Some((kind, id)) = about.and_then(read_about)
        && kinds.contains(&kind)
        && let Some(row) = records::find(&crm.data, kind, id).await?
    {
        let rows = [row];
        let names = titles::of(&crm.data, &rows, &kinds).await?;
        found.push(offer(page, &rows[0].record(), &names));
    }
    if q.is_empty() {
        return Ok((!found.is_empty()).then_some(found));
    }
    let hits = search::search(&crm.data, &kinds, q, HITS).await?.results;
    let customers: Vec<i64> = hits
        .iter()
        .filter(|hit| hit.kind == Kind::Customer)
        .map(|hit| hit.id)
        .collect();
    let sales = match kinds.contains(&Kind::Opportunity) {
        true => day::sales_of(&crm.data, &customers).await?,
        false => Vec::new(),
    };
    for hit in &hits {
        if hit.kind == Kind::Customer {
            let of = sales
                .iter()
                .filter(|sale| sale.int("customer") == Some(hit.id));
            found.extend(of.map(|sale| About {
                detail: format!("{} · {}", hit.title, stage_of(page, sale)),
                ..offer(page, sale, &titles::Names::new())
            }));
        } else {
            found.push(About {
                value: format!("{}-{}", hit.kind, hit.id),
                title: hit.title.clone(),
                detail: detail_of(page, hit),
            });
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert(one.value.clone()));
    Ok(Some(found))
}

/// What tells a hit from others of its name; a sale's is its stage.
fn detail_of(page: &Page, hit: &search::Hit) -> String {
    let kind = page.t(match hit.kind {
        Kind::Lead => w::ONE_LEAD,
        _ => w::ONE_OPPORTUNITY,
    });
    match beside(page, hit) {
        text if text.is_empty() => kind.to_owned(),
        text => format!("{kind} · {text}"),
    }
}

fn stage_of(page: &Page, sale: &Record) -> String {
    setup::stage(page, sale.text("stage"))
}

fn offer(page: &Page, record: &Record, names: &titles::Names) -> About {
    let customer = record.int("customer").unwrap_or_default();
    let detail = match record.kind {
        Kind::Opportunity => match names.get(&(Kind::Customer, customer)) {
            Some(customer) => format!("{customer} · {}", stage_of(page, record)),
            None => stage_of(page, record),
        },
        _ => record.text("company").to_owned(),
    };
    About {
        value: format!("{}-{}", record.kind, record.id),
        title: record.title(),
        detail,
    }
}

/// `lead-7`, `opportunity-7`.
pub fn read_about(value: &str) -> Option<(Kind, i64)> {
    let (kind, id) = value.split_once('-')?;
    let kind: Kind = kind.parse().ok()?;
    let id = id.parse().ok()?;
    matches!(kind, Kind::Lead | Kind::Opportunity).then_some((kind, id))
}
