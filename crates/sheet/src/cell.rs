//! What is in a cell.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

/// A cell. CSV has text only; XLSX knows numbers, days and truth from text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number, exactly as it was written.
    Number(Decimal),
    /// A day, or a day and a time as a clock on the wall shows it.
    When(DateTime),
    /// True or false.
    Flag(bool),
    /// What a formula failed with, such as `#REF!`.
    Failed(String),
}

impl Cell {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// As a person would type it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Failed(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::When(when) => when_text(*when),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// A day alone unless it has a time.
pub(crate) fn when_text(when: DateTime) -> String {
    if when.time() == jiff::civil::Time::midnight() {
        when.date().to_string()
    } else {
        when.to_string()
    }
}
