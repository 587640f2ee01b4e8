//! Reading: what kind of file it is, and its rows one after another.

mod csv;
mod encoding;
mod package;
mod styles;
mod texts;
mod xlsx;

use crate::{Cell, Error, Limits};
use std::io::{Read, Seek, SeekFrom};

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Csv {
        /// `UTF-8`, `UTF-16LE`, `UTF-16BE` or `windows-1252`.
        encoding: &'static str,
        /// What stands between two cells.
        delimiter: char,
    },
    /// A workbook.
    Xlsx {
        /// The name of the sheet that was read: the first one that is shown.
        sheet: String,
    },
}

/// A row that has something in it.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line of the text on which it begins, or its number in the sheet; from 1.
    pub line: u64,
    /// Its cells, without empty ones at the end.
    pub cells: &'a [Cell],
}

/// Takes the rows of a file, one at a time. Empty rows are left out. `take` says whether it wants more.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn read<R: Read + Seek>(
    mut file: R,
    limits: &Limits,
    take: &mut dyn FnMut(Row<'_>) -> bool,
) -> Result<Format, Error> {
    let mut start = [0; 8];
    let n = fill(&mut file, &mut start)?;
    file.seek(SeekFrom::Start(0))?;
    match &start[..n] {
        [] => Err(Error::Empty),
        [b'P', b'K', 3, 4, ..] => xlsx::read(file, limits, take),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(Error::OldWorkbook),
        [b'P', b'K', ..] | [b'%', b'P', b'D', b'F', ..] | [0x89, b'P', ..] | [0x1F, 0x8B, ..] => {
            Err(Error::NotASheet)
        }
        _ => csv::read(file, limits, take),
    }
}

/// Gives rows on, counted and without what is empty.
pub(crate) struct Taking<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) take: &'a mut dyn FnMut(Row<'_>) -> bool,
    pub(crate) rows: u64,
}

impl Taking<'_> {
    pub(crate) fn row(&mut self, line: u64, cells: &mut Vec<Cell>) -> Result<(), Error> {
        while cells.last().is_some_and(Cell::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        self.rows += 1;
        if self.rows > self.limits.rows {
            return Err(Error::Rows(self.limits.rows - 1));
        }
        match (self.take)(Row { line, cells }) {
            true => Ok(()),
            false => Err(Error::Stopped),
        }
    }
}

/// Reads until the buffer is full or there is no more.
pub(crate) fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..])? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}
