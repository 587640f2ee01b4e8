//! Writing: rows go out as they come, and nothing of them is kept.

mod csv;
mod xlsx;

pub use csv::CsvWriter;
pub use xlsx::XlsxWriter;
