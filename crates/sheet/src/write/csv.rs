//! CSV as RFC 4180 has it: UTF-8 with its mark, so that Excel knows it; lines end with CR LF.

use crate::Cell;
use crate::formula::is_risky;
use std::borrow::Cow;
use std::io::{Result, Write};

/// Writes rows.
pub struct CsvWriter<W> {
    to: W,
    delimiter: char,
    decimal: char,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file. Numbers have this sign before their decimals.
    ///
    /// # Errors
    /// As what is written to has them; so with the others.
    pub fn new(mut to: W, delimiter: char, decimal: char) -> Result<Self> {
        to.write_all("\u{feff}".as_bytes())?;
        Ok(Self {
            to,
            delimiter,
            decimal,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// See [`CsvWriter::new`].
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                write!(self.to, "{}", self.delimiter)?;
            }
            let text: Cow<'_, str> = match cell {
                Cell::Text(text) | Cell::Failed(text) if is_risky(text) => {
                    format!("'{text}").into()
                }
                Cell::Text(text) | Cell::Failed(text) => text.into(),
                Cell::Number(number) if self.decimal != '.' => {
                    let sign = self.decimal.encode_utf8(&mut [0; 4]).to_owned();
                    number.to_string().replace('.', &sign).into()
                }
                cell => cell.text().into(),
            };
            // A line of one empty cell would be none.
            let quoted = text.contains([self.delimiter, '"', '\r', '\n'])
                || text.starts_with(' ')
                || text.ends_with(' ')
                || cells.len() == 1 && text.is_empty();
            match quoted {
                true => write!(self.to, "\"{}\"", text.replace('"', "\"\""))?,
                false => self.to.write_all(text.as_bytes())?,
            }
        }
        self.to.write_all(b"\r\n")
    }

    /// Ends the file.
    ///
    /// # Errors
    /// See [`CsvWriter::new`].
    pub fn finish(mut self) -> Result<W> {
        self.to.flush()?;
        Ok(self.to)
    }

    /// What was written to, so that what has come may be taken from it.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.to
    }
}
