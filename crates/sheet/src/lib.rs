//! Spreadsheets, row by row: CSV and XLSX are read and written in bounded memory, whatever a file says of
//! itself. What the rows mean is the caller's to know.

mod cell;
mod error;
mod formula;
mod limits;
mod read;
mod write;

pub use cell::Cell;
pub use error::Error;
pub use limits::Limits;
pub use read::{Format, Row, read};
pub use write::{CsvWriter, XlsxWriter};
