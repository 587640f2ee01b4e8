//! Changes of what is set up (pipelines, reasons), in the change set of the write.

use super::Work;
use crate::customs;
use crate::held::Held;
use crate::pipelines;
use serde_json::{Value, json};
use sindico_db::{Result, Statement};
use sindico_domain::crm::custom::{Customs, KINDS};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Kind, Rules};

sindico_db::statements! { "setup":
    RECORD = "INSERT INTO setup_change (change_set_id, what, record_id, before, after)
        SELECT $1, c.what, c.record_id, c.before, c.after
        FROM jsonb_to_recordset($2) AS c (what text, record_id bigint, before jsonb, after jsonb)";
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

impl Work<'_> {
    /// What the company has set up, which the rules of this kind go by; read once a transaction.
    pub(crate) async fn rules(&self, kind: Kind) -> Result<Rules<'_>> {
        let pipelines = match kind {
            Kind::Opportunity => self.pipelines().await?,
            _ => Pipelines::contract(),
        };
        let customs = match KINDS.contains(&kind) {
            true => self.customs().await?,
            false => Customs::none(),
        };
        Ok(Rules {
            pipelines,
            customs,
            writer: self.by.writer,
        })
    }

    async fn pipelines(&self) -> Result<&Pipelines> {
        if let Some(read) = self.pipelines.get() {
            return Ok(read);
        }
        let read = pipelines::read_in(&self.tx).await?;
        Ok(self.pipelines.get_or_init(|| read))
    }

    /// The company's custom fields.
    pub(crate) async fn customs(&self) -> Result<&Customs> {
        if let Some(read) = self.customs.get() {
            return Ok(read);
        }
        let read = customs::read_in(&self.tx).await?;
        Ok(self.customs.get_or_init(|| read))
    }

    /// Notes what was done to something that is set up.
    pub(crate) fn note_setup(&mut self, before: Option<&Held>, after: Option<&Held>) -> Result<()> {
        let Some((what, id)) = after.or(before).map(Held::named) else {
            return Ok(());
        };
        let state = |held: Option<&Held>| held.map(Held::to_json).transpose();
        self.setups.push(json!({
            "what": what, "record_id": id, "before": state(before)?, "after": state(after)?,
        }));
        Ok(())
    }

    /// Puts what was noted into this change set.
    pub(super) async fn record_setups(&mut self, change_set: i64) -> Result<()> {
        let setups = Value::Array(std::mem::take(&mut self.setups));
        self.tx.execute(&RECORD, &[&change_set, &setups]).await?;
        Ok(())
    }
}
