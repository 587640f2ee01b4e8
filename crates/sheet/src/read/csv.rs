//! CSV: quoted as RFC 4180 says, with whatever delimiter and letters it has.

use super::encoding::{Text, detect};
use super::{Format, Row, Taking};
use crate::formula::bare;
use crate::{Cell, Error, Limits};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::io::{Read, Seek};

/// Candidates, the likeliest last: of two that fit alike the later one is taken.
const DELIMITERS: [u8; 4] = [b'|', b'\t', b',', b';'];

/// Lines that are looked at to find the delimiter.
const LOOKED_AT: usize = 20;

pub(super) fn read<R: Read + Seek>(
    mut file: R,
    limits: &Limits,
    take: &mut dyn FnMut(Row<'_>) -> bool,
) -> Result<Format, Error> {
    let encoding = detect(&mut file)?;
    let mut text = Text::new(file, encoding);
    let delimiter = delimiter(text.peek(1)?);
    let mut taking = Taking {
        limits,
        take,
        rows: 0,
    };
    let mut records = Records::new(text, delimiter, limits);
    let mut cells = Vec::new();
    while let Some(line) = records.next(&mut cells)? {
        taking.row(line, &mut cells)?;
    }
    if taking.rows == 0 {
        return Err(Error::Empty);
    }
    Ok(Format::Csv {
        encoding: encoding.name(),
        delimiter: char::from(delimiter),
    })
}

fn parser(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// The delimiter that makes the most lines as wide as the first, and more than one column.
fn delimiter(sample: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let widths = widths(sample, delimiter);
        let first = widths.first().copied().unwrap_or(1);
        let alike = widths.iter().filter(|width| **width == first).count();
        if first > 1 { (alike, first) } else { (0, 0) }
    };
    let best = DELIMITERS.into_iter().max_by_key(|one| score(*one));
    match best {
        Some(best) if score(best) > (0, 0) => best,
        _ => b',',
    }
}

fn widths(mut sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut parser = parser(delimiter);
    let (mut out, mut ends) = (vec![0; sample.len() + 1], vec![0; sample.len() + 2]);
    let (mut outlen, mut width, mut widths) = (0, 0, Vec::new());
    while widths.len() < LOOKED_AT {
        let (result, read, written, ended) =
            parser.read_record(sample, &mut out[outlen..], &mut ends[width..]);
        sample = &sample[read..];
        outlen += written;
        width += ended;
        match result {
            ReadRecordResult::Record => {
                widths.push(width);
                (outlen, width) = (0, 0);
            }
            // The last line of the sample may be a part of one.
            _ if !widths.is_empty() || sample.is_empty() && width == 0 => break,
            ReadRecordResult::InputEmpty => {}
            _ => break,
        }
    }
    widths
}

/// The records of a text.
struct Records<'a, R> {
    text: Text<R>,
    parser: Reader,
    limits: &'a Limits,
    out: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
    /// Whether the last byte that was read ended a line as old Macs did, unless a line feed follows.
    carriage: bool,
}

impl<'a, R: Read> Records<'a, R> {
    fn new(text: Text<R>, delimiter: u8, limits: &'a Limits) -> Self {
        Self {
            text,
            parser: parser(delimiter),
            limits,
            out: vec![0; 4096.min(limits.row)],
            // One more than is allowed, so that one too many is seen.
            ends: vec![0; limits.columns + 1],
            line: 1,
            carriage: false,
        }
    }

    /// The line of the next record, whose cells are put there.
    fn next(&mut self, cells: &mut Vec<Cell>) -> Result<Option<u64>, Error> {
        cells.clear();
        self.skip()?;
        let line = self.line;
        let (mut outlen, mut width) = (0, 0);
        loop {
            let input = self.text.peek(self.line)?;
            let (result, read, written, ended) =
                self.parser
                    .read_record(input, &mut self.out[outlen..], &mut self.ends[width..]);
            let read_now = &input[..read];
            self.line += read_now.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.carriage = match read_now.last() {
                Some(last) => *last == b'\r',
                None => self.carriage,
            };
            self.text.start += read;
            outlen += written;
            width += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.out.len() >= self.limits.row => {
                    return Err(Error::Long { line });
                }
                ReadRecordResult::OutputFull => {
                    let room = (2 * self.out.len()).min(self.limits.row);
                    self.out.resize(room, 0);
                }
                ReadRecordResult::OutputEndsFull => return Err(self.too_wide(line)),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        if width > self.limits.columns {
            return Err(self.too_wide(line));
        }
        let mut start = 0;
        for end in &self.ends[..width] {
            let bytes = &self.out[start..*end];
            start = *end;
            if bytes.len() > self.limits.cell {
                return Err(Error::Long { line });
            }
            let text = std::str::from_utf8(bytes).map_err(|_| Error::Encoding(line))?;
            cells.push(match bare(text) {
                "" => Cell::Empty,
                text => Cell::Text(text.to_owned()),
            });
        }
        Ok(Some(line))
    }

    /// Goes over ends of lines, so that it is known on which one a record begins.
    fn skip(&mut self) -> Result<(), Error> {
        loop {
            match self.text.peek(self.line)?.first() {
                Some(b'\n') => {
                    self.line += 1;
                    self.carriage = false;
                }
                Some(b'\r') => {
                    self.line += u64::from(self.carriage);
                    self.carriage = true;
                }
                _ => {
                    self.line += u64::from(self.carriage);
                    self.carriage = false;
                    return Ok(());
                }
            }
            self.text.start += 1;
        }
    }

    fn too_wide(&self, line: u64) -> Error {
        Error::Columns {
            line,
            most: self.limits.columns,
        }
    }
}
