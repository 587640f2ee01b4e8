//! What a field is.

use super::kind::Kind;

/// A field of a kind of record. Its name is the one in the API; its column has the same, but for those
/// that refer to something ([`Field::columns`]).
#[derive(Debug)]
pub struct Field {
    /// The name in the API.
    pub name: &'static str,
    /// What it holds.
    pub ty: FieldType,
    /// What a new record has there unless it is told.
    pub default: Default,
    /// Who writes it.
    pub access: Access,
    /// Whether lists can be filtered by it.
    pub filter: bool,
    /// Whether it tells something about a person (LGPD).
    pub pii: bool,
    /// For people who read the documentation.
    pub about: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text of at most so many characters; empty when there is none.
    Text(usize),
    /// An e-mail address; empty when there is none.
    Email,
    /// A telephone as it was written, at most 40 characters.
    Phone,
    /// CPF or CNPJ as it was written; check digits are verified.
    TaxId,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The code of a stage: of which pipeline, is for the rules to look at.
    Stage,
    /// The id of a pipeline.
    Pipeline,
    /// A whole number in this range.
    Integer(i64, i64),
    /// Money, of at most 14 digits, two of them after the point.
    Money,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// True or false.
    Flag,
    /// The id of another record of the same tenant.
    Ref(Kind),
    /// The id of an active member of the tenant; their name is shown beside it.
    User,
    /// Up to 50 short words.
    Tags,
    /// Addresses.
    Addresses,
    /// Further e-mail addresses, telephones and WhatsApp numbers.
    Contacts,
    /// The values of the company's own fields, by their keys.
    Custom,
}

/// What a new record has in a field that it was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// It has to be told.
    Required,
    /// Nothing: empty text, no number, an empty list.
    Empty,
    /// This word.
    Word(&'static str),
    /// Zero.
    Zero,
    /// The first pipeline.
    FirstPipeline,
    /// False.
    No,
}

/// Who writes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever may change the record.
    Input,
    /// The rules; what is sent is ignored, so that clients may send back what they read.
    Derived,
    /// Nobody: PostgreSQL computes this expression.
    Computed(&'static str),
}

/// Something that a list can be sorted by.
#[derive(Debug)]
pub struct SortKey {
    /// The name in `?sort=`.
    pub name: &'static str,
    /// The expression that an index of the table has, never NULL.
    pub expression: &'static str,
    /// Its type, so that a cursor's text becomes one again.
    pub sql_type: &'static str,
}

impl Field {
    /// A field that anybody writes and that may be left out.
    pub const fn new(name: &'static str, ty: FieldType, about: &'static str) -> Self {
        Self {
            name,
            ty,
            default: Default::Empty,
            access: Access::Input,
            filter: false,
            pii: false,
            about,
        }
    }

    /// It has to be told.
    pub const fn required(mut self) -> Self {
        self.default = Default::Required;
        self
    }

    /// With this default.
    pub const fn or(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// Lists can be filtered by it.
    pub const fn filtered(mut self) -> Self {
        self.filter = true;
        self
    }

    /// It tells something about a person.
    pub const fn personal(mut self) -> Self {
        self.pii = true;
        self
    }

    /// What the company writes down beside all this ([`super::custom`]).
    pub const fn custom() -> Self {
        let about = "What the company writes down besides, by the keys of its custom fields: see /api/custom-fields/. Of what is not there, nothing is told.";
        Self::new(super::custom::FIELDS, FieldType::Custom, about).personal()
    }

    /// The rules write it.
    pub const fn derived(mut self) -> Self {
        self.access = Access::Derived;
        self
    }

    /// PostgreSQL computes it.
    pub const fn computed(mut self, sql: &'static str) -> Self {
        self.access = Access::Computed(sql);
        self
    }

    /// Whether it is kept in a column.
    pub fn is_stored(&self) -> bool {
        !matches!(self.access, Access::Computed(_))
    }

    /// The columns (or expressions) that it is read from.
    pub fn columns(&self) -> Vec<String> {
        match (self.access, self.ty) {
            (Access::Computed(sql), _) => vec![sql.to_owned()],
            (_, FieldType::Ref(_)) => vec![format!("{}_id", self.name)],
            (_, FieldType::User) => {
                vec![
                    format!("{}_id", self.name),
                    format!("{}_username", self.name),
                ]
            }
            (_, FieldType::Custom) => vec!["custom".to_owned()],
            _ => vec![self.name.to_owned()],
        }
    }

    /// The column that filters look at.
    pub fn column(&self) -> String {
        match self.ty {
            FieldType::Ref(_) | FieldType::User => format!("{}_id", self.name),
            FieldType::Custom => "custom".to_owned(),
            _ => self.name.to_owned(),
        }
    }
}
