//! The kinds of records.

use super::field::Field;
use super::{activity, customer, goal, lead, opportunity};
use crate::access::capability::Resource;
use crate::words::words;

words! {
    /// A kind of record, by the name of its table.
    Kind { /// Whom the company sells to.
        Customer = "customer", /// Who may become a customer.
        Lead = "lead", /// A sale that may come about.
        Opportunity = "opportunity", /// Something to be done, or that was done.
        Activity = "activity", /// What is to be sold in a month.
        SalesGoal = "sales_goal" }
}

impl Kind {
    /// Its fields, in the order in which they are shown.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Customer => customer::FIELDS,
            Self::Lead => lead::FIELDS,
            Self::Opportunity => opportunity::FIELDS,
            Self::Activity => activity::FIELDS,
            Self::SalesGoal => goal::FIELDS,
        }
    }

    /// The position of the field with this name.
    pub fn position(self, name: &str) -> Option<usize> {
        self.fields().iter().position(|field| field.name == name)
    }

    /// What the permission to use it is given for.
    pub fn resource(self) -> Resource {
        match self {
            Self::Customer => Resource::Customers,
            Self::Lead => Resource::Leads,
            Self::Opportunity => Resource::Opportunities,
            Self::Activity => Resource::Activities,
            Self::SalesGoal => Resource::SalesGoals,
        }
    }

    /// Where its records are: `/api/customers/`.
    pub fn path(self) -> &'static str {
        match self {
            Self::Customer => "/api/customers/",
            Self::Lead => "/api/leads/",
            Self::Opportunity => "/api/opportunities/",
            Self::Activity => "/api/activities/",
            Self::SalesGoal => "/api/sales-goals/",
        }
    }

    /// The order of its list unless told.
    pub fn default_sort(self) -> &'static str {
        match self {
            Self::Customer => "name",
            Self::Lead | Self::Opportunity => "-id",
            Self::Activity => "due_at",
            Self::SalesGoal => "-period",
        }
    }

    /// What its list can be sorted by, each also the other way round with a minus sign.
    pub fn sorts(self) -> &'static [super::field::SortKey] {
        match self {
            Self::Customer => customer::SORTS,
            Self::Lead => lead::SORTS,
            Self::Opportunity => opportunity::SORTS,
            Self::Activity => activity::SORTS,
            Self::SalesGoal => goal::SORTS,
        }
    }

    /// Whether searches look at it.
    pub fn is_searched(self) -> bool {
        self != Self::SalesGoal
    }
}
