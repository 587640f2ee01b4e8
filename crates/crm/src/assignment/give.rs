//! Giving: in the transaction that makes the leads. Which rules fit is asked of PostgreSQL, whose the turn is under
//! the lock of the rule's row: two at once take two turns, and what is taken back takes no turn.

use super::{FIND, Rules, viewpoint};
use crate::list::Viewpoint;
use crate::list::{Filter, Sql};
use crate::model;
use crate::work::{By, Work};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sindico_db::{Result, Statement, TenantConnection, TenantTransaction};
use sindico_domain::assignment::{Rule, turn};
use sindico_domain::crm::{Datum, Kind, Record, UserRef};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use utoipa::ToSchema;

sindico_db::statements! { "assignment.give":
    MEMBERS = "SELECT team_id, user_id FROM team_member WHERE team_id = ANY ($1) ORDER BY team_id, user_id";
    TURNS = "INSERT INTO assignment_turn (rule_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING";
    LOCK = "SELECT rule_id, last_user FROM assignment_turn WHERE rule_id = ANY ($1) ORDER BY rule_id FOR UPDATE";
    LOOK = "SELECT rule_id, last_user FROM assignment_turn WHERE rule_id = ANY ($1)";
    TOOK = "UPDATE assignment_turn SET last_user = $2 WHERE rule_id = $1";
}

/// Leads get their owners without another version: nobody has seen them yet.
static OWN: LazyLock<Statement> = LazyLock::new(|| Statement {
    name: "assignment.own",
    sql: Box::leak(
        format!(
            "UPDATE lead SET owner_id = o.given_to, owner_username = o.called
             FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS o (given_lead, given_to, called)
             WHERE id = o.given_lead RETURNING {}",
            model::of(Kind::Lead).columns
        )
        .into_boxed_str(),
    ),
});

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &[*OWN]].concat()
}

/// What is needed to give leads away beside the tenant's data.
#[derive(Debug, Clone, Default)]
pub struct Assigning {
    /// The active members among those whom the rules name, with their names.
    pub members: HashMap<i64, String>,
    /// Who gets what no rule gives.
    pub otherwise: Option<UserRef>,
    /// Where days begin.
    pub zone: Option<TimeZone>,
}

/// Who got a lead, by which rule.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Given {
    rule: i64,
    name: String,
    user: i64,
}

/// What the rules would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The rule that would give it, if one would.
    pub rule: Option<i64>,
    /// Its name.
    pub name: String,
    /// Who would get it.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
}

/// Whose each rule's leads are, in turn; those of nobody active are left out.
struct Hands {
    of: BTreeMap<i64, Vec<i64>>,
}

impl Hands {
    async fn read(
        tx: &TenantTransaction,
        rules: &[Rule],
        members: &HashMap<i64, String>,
    ) -> Result<Self> {
        let teams: Vec<i64> = rules.iter().filter_map(|rule| rule.team).collect();
        let mut in_teams: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        if !teams.is_empty() {
            for row in tx.rows(&MEMBERS, &[&teams]).await? {
                in_teams.entry(row.get(0)).or_default().push(row.get(1));
            }
        }
        let mut of = BTreeMap::new();
        for rule in rules {
            let team = rule.team.and_then(|team| in_teams.get(&team));
            let mut people: Vec<i64> = Vec::new();
            for user in rule.users.iter().chain(team.into_iter().flatten()) {
                if members.contains_key(user) && !people.contains(user) {
                    people.push(*user);
                }
            }
            if people.is_empty() {
                people.extend(rule.fallback.filter(|user| members.contains_key(user)));
            }
            if !people.is_empty() {
                of.insert(rule.id, people);
            }
        }
        Ok(Self { of })
    }
}

async fn active(tx: &TenantTransaction) -> Result<Vec<Rule>> {
    let rules = Rules::read(tx.row(&FIND, &[]).await?.as_ref())?;
    Ok(rules.rules.into_iter().filter(|rule| rule.active).collect())
}

/// Which of the rules each of these leads fits, in their order.
async fn fitting(
    tx: &TenantTransaction,
    rules: &[Rule],
    ids: &[i64],
    at: &Viewpoint,
) -> Result<HashMap<i64, Vec<i64>>> {
    let filters: Vec<Filter> = rules
        .iter()
        .map(|rule| Filter::of(&rule.tree(), at))
        .collect();
    let mut sql = Sql::default();
    let ids_at = sql.bind(&ids);
    let conditions: Vec<String> = filters.iter().map(|filter| filter.sql(&mut sql)).collect();
    let text = format!(
        "SELECT id, ARRAY[{}]::boolean[] FROM lead t WHERE id = ANY ({ids_at}::bigint[])",
        conditions.join(", ")
    );
    // Whatever the one who makes it sees of it.
    let rows = tx.write_sql(&text, &sql.params).await?;
    let mut found = HashMap::new();
    for row in &rows {
        let fits: Vec<Option<bool>> = row.get(1);
        let rules = rules
            .iter()
            .zip(fits)
            .filter(|(_, fits)| *fits == Some(true));
        found.insert(row.get(0), rules.map(|(rule, _)| rule.id).collect());
    }
    Ok(found)
}

impl Work<'_> {
    /// The rules that leads are given by which nobody was named for.
    pub(crate) async fn giving(&self, open: Option<&Assigning>) -> Result<Vec<Rule>> {
        match open {
            Some(_) => active(&self.tx).await,
            None => Ok(Vec::new()),
        }
    }

    /// Whose a new record is whatever any rule says: without rules a lead is from the start of who gets the rest, and
    /// need not be written twice.
    pub(crate) fn own_at_once(
        &self,
        record: &mut Record,
        open: Option<&Assigning>,
        giving: &[Rule],
    ) {
        match open {
            None => self.own(record),
            Some(assigning) if giving.is_empty() => {
                if let Some(rest) = &assigning.otherwise {
                    record.set("owner", Datum::User(rest.clone()));
                }
            }
            Some(_) => {}
        }
    }

    /// Gives leads that were just made, and are nobody's, to whom the rules say, else to who gets the rest.
    pub(crate) async fn assign(
        &mut self,
        made: Vec<Record>,
        assigning: &Assigning,
        rules: &[Rule],
    ) -> Result<Vec<Record>> {
        if rules.is_empty() {
            return Ok(made);
        }
        let ids: Vec<i64> = made.iter().map(|lead| lead.id).collect();
        let mut owners: BTreeMap<i64, UserRef> = BTreeMap::new();
        if !ids.is_empty() {
            let zone = assigning.zone.clone().unwrap_or(TimeZone::UTC);
            let at = viewpoint(self.by, &zone);
            let fits = fitting(&self.tx, rules, &ids, &at).await?;
            let hands = Hands::read(&self.tx, rules, &assigning.members).await?;
            let by = |id: &i64| {
                let fits = fits.get(id).into_iter().flatten();
                fits.copied().find(|rule| hands.of.contains_key(rule))
            };
            let chosen: Vec<(i64, i64)> =
                ids.iter().filter_map(|id| Some((*id, by(id)?))).collect();
            for (lead, rule, user) in self.turns(&chosen, &hands).await? {
                let username = assigning.members.get(&user).cloned().unwrap_or_default();
                owners.insert(lead, UserRef { id: user, username });
                let name = rules.iter().find(|one| one.id == rule);
                let name = name.map(|one| one.name.clone()).unwrap_or_default();
                self.given.insert(lead, Given { rule, name, user });
            }
        }
        if let Some(rest) = &assigning.otherwise {
            for id in &ids {
                owners.entry(*id).or_insert_with(|| rest.clone());
            }
        }
        self.own_all(made, &owners).await
    }

    /// Takes a turn for each lead; the rules' rows stay locked until the end.
    async fn turns(&self, chosen: &[(i64, i64)], hands: &Hands) -> Result<Vec<(i64, i64, i64)>> {
        let mut ids: Vec<i64> = chosen.iter().map(|(_, rule)| *rule).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.tx.execute(&TURNS, &[&ids]).await?;
        let rows = self.tx.rows(&LOCK, &[&ids]).await?;
        let mut last: HashMap<i64, Option<i64>> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut taken = Vec::with_capacity(chosen.len());
        for (lead, rule) in chosen {
            let had = last.get(rule).copied().flatten();
            let people = hands.of.get(rule).map(Vec::as_slice).unwrap_or_default();
            if let Some(user) = turn(people, had) {
                last.insert(*rule, Some(user));
                taken.push((*lead, *rule, user));
            }
        }
        for id in &ids {
            self.tx
                .execute(&TOOK, &[id, &last.get(id).copied().flatten()])
                .await?;
        }
        Ok(taken)
    }

    async fn own_all(
        &self,
        made: Vec<Record>,
        owners: &BTreeMap<i64, UserRef>,
    ) -> Result<Vec<Record>> {
        if owners.is_empty() {
            return Ok(made);
        }
        let leads: Vec<i64> = owners.keys().copied().collect();
        let users: Vec<i64> = owners.values().map(|user| user.id).collect();
        let names: Vec<&str> = owners.values().map(|user| user.username.as_str()).collect();
        let rows = self.tx.write(&OWN, &[&leads, &users, &names]).await?;
        let model = model::of(Kind::Lead);
        let owned = rows.iter().map(|row| model.record(row));
        let mut owned: HashMap<i64, Record> = owned.map(|lead| (lead.id, lead)).collect();
        let of = |lead: Record| owned.remove(&lead.id).unwrap_or(lead);
        Ok(made.into_iter().map(of).collect())
    }

    /// Which rules gave what, for the change set.
    pub(crate) fn told_given(&mut self) -> Option<Value> {
        let given = std::mem::take(&mut self.given);
        let told: Map<String, Value> = given
            .into_iter()
            .map(|(lead, given)| (lead.to_string(), json!(given)))
            .collect();
        (!told.is_empty()).then_some(Value::Object(told))
    }
}

/// What the rules would do with this lead, or with one like it: nothing is written, and no turn is taken.
///
/// # Errors
/// What the rules of leads refuse; or the tenant's place can't be reached.
pub async fn preview(
    data: &TenantConnection,
    by: By<'_>,
    lead: Result<i64, Record>,
    assigning: &Assigning,
) -> Result<Option<Preview>> {
    // Taken back when it is dropped.
    let mut work = Work::begin(data, by).await?;
    let id = match lead {
        Ok(id) => match work.lock(Kind::Lead, id).await? {
            Some(lead) => lead.id,
            None => return Ok(None),
        },
        Err(mut lead) => {
            lead.set("owner", Datum::Null);
            work.create(lead).await?.id
        }
    };
    let rules = active(&work.tx).await?;
    let zone = assigning.zone.clone().unwrap_or(TimeZone::UTC);
    let fits = fitting(&work.tx, &rules, &[id], &viewpoint(by, &zone)).await?;
    let hands = Hands::read(&work.tx, &rules, &assigning.members).await?;
    let mut fits = fits.get(&id).into_iter().flatten();
    let rule = fits.find(|rule| hands.of.contains_key(rule)).copied();
    let ids: Vec<i64> = rule.into_iter().collect();
    let last = work.tx.row(&LOOK, &[&ids]).await?;
    let last = last.and_then(|row| row.get::<_, Option<i64>>(1));
    let people = rule.and_then(|rule| hands.of.get(&rule));
    let user = people.and_then(|people| turn(people, last));
    let name = rules.iter().find(|one| Some(one.id) == rule);
    Ok(Some(Preview {
        rule,
        name: name.map(|one| one.name.clone()).unwrap_or_default(),
        user,
        username: user
            .and_then(|user| assigning.members.get(&user).cloned())
            .unwrap_or_default(),
    }))
}
