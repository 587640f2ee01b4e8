//! XLSX: the first sheet that is shown, cell by cell.

use super::package::{Package, attribute, letter, wrong};
use super::texts::Texts;
use super::{Format, Row, Taking, styles};
use crate::{Cell, Error, Limits};
use jiff::Unit;
use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, ToSpan};
use quick_xml::events::{BytesStart, Event};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::io::{Read, Seek};

const EVENT: usize = 64 << 10;

/// As many sheets as are looked through.
const SHEETS: usize = 1_000;

pub(super) fn read<R: Read + Seek>(
    file: R,
    limits: &Limits,
    take: &mut dyn FnMut(Row<'_>) -> bool,
) -> Result<Format, Error> {
    let mut package = Package::open(file, limits)?;
    let book = book(&mut package)?;
    let path = target(&mut package, &book.id)?;
    let days = styles::days(&mut package, "xl/styles.xml")?;
    let texts = Texts::read(&mut package, "xl/sharedStrings.xml", limits)?;
    let mut sheet = Sheet {
        days,
        texts,
        epoch: book.epoch,
        taking: Taking {
            limits,
            take,
            rows: 0,
        },
        cells: Vec::new(),
        bytes: 0,
    };
    sheet.read(&mut package, &path)?;
    if sheet.taking.rows == 0 {
        return Err(Error::Empty);
    }
    Ok(Format::Xlsx { sheet: book.name })
}

struct Book {
    name: String,
    id: String,
    /// The day zero of its numbers.
    epoch: Date,
}

/// The first sheet that is shown.
fn book<R: Read + Seek>(package: &mut Package<R>) -> Result<Book, Error> {
    let missing = || Error::Workbook("it has no sheet".to_owned());
    let mut part = package
        .part("xl/workbook.xml", EVENT)?
        .ok_or_else(missing)?;
    let (mut buffer, mut epoch, mut sheets) = (Vec::new(), date(1899, 12, 30), Vec::new());
    loop {
        buffer.clear();
        part.get_mut().begin();
        match part.read_event_into(&mut buffer).map_err(wrong)? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "workbookPr" => {
                    let old_mac = attribute(&tag, "date1904")?;
                    if old_mac.is_some_and(|said| said == "1" || said == "true") {
                        epoch = date(1904, 1, 1);
                    }
                }
                "sheet" if sheets.len() < SHEETS => {
                    let hidden = attribute(&tag, "state")?.is_some_and(|state| state != "visible");
                    let name = attribute(&tag, "name")?.unwrap_or_default();
                    let id = attribute(&tag, "id")?.unwrap_or_default();
                    sheets.push((hidden, name, id));
                }
                _ => {}
            },
            Event::DocType(_) => return Err(Error::Workbook("it has a DTD".to_owned())),
            Event::Eof => break,
            _ => {}
        }
    }
    // Of two that fit, the first: false sorts before true, and the sort is stable.
    let first = sheets.into_iter().min_by_key(|(hidden, ..)| *hidden);
    let (_, name, id) = first.ok_or_else(missing)?;
    Ok(Book { name, id, epoch })
}

/// The part that a relation of the workbook leads to.
fn target<R: Read + Seek>(package: &mut Package<R>, id: &str) -> Result<String, Error> {
    let missing = || Error::Workbook("its sheet is missing".to_owned());
    let mut part = package
        .part("xl/_rels/workbook.xml.rels", EVENT)?
        .ok_or_else(missing)?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        part.get_mut().begin();
        match part.read_event_into(&mut buffer).map_err(wrong)? {
            Event::Start(tag) | Event::Empty(tag)
                if tag.local_name().as_ref() == "Relationship"
                    && attribute(&tag, "Id")?.is_some_and(|found| found == id) =>
            {
                let target = attribute(&tag, "Target")?.ok_or_else(missing)?;
                return Ok(match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                });
            }
            Event::DocType(_) => return Err(Error::Workbook("it has a DTD".to_owned())),
            Event::Eof => return Err(missing()),
            _ => {}
        }
    }
}

/// What a cell says of itself.
#[derive(Default)]
struct Said {
    ty: String,
    style: usize,
    text: String,
    inside: bool,
}

struct Sheet<'a> {
    days: Vec<bool>,
    texts: Texts,
    epoch: Date,
    taking: Taking<'a>,
    cells: Vec<Cell>,
    bytes: usize,
}

impl Sheet<'_> {
    fn read<R: Read + Seek>(&mut self, package: &mut Package<R>, path: &str) -> Result<(), Error> {
        let limits = self.taking.limits;
        let mut part = package
            .part(path, 2 * limits.cell)?
            .ok_or_else(|| Error::Workbook("its sheet is missing".to_owned()))?;
        let (mut buffer, mut said, mut line) = (Vec::new(), Said::default(), 0);
        loop {
            buffer.clear();
            part.get_mut().begin();
            match part.read_event_into(&mut buffer).map_err(wrong)? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "row" => line = self.begin_row(&tag, line)?,
                    "c" => said = self.begin_cell(&tag, line)?,
                    "v" | "t" => said.inside = true,
                    // Readings beside Japanese text.
                    "rPh" => {
                        let end = tag.to_end().into_owned();
                        let mut skipped = Vec::new();
                        part.read_to_end_into(end.name(), &mut skipped)
                            .map_err(wrong)?;
                    }
                    _ => {}
                },
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "row" => line = self.begin_row(&tag, line)?,
                    "c" => {
                        self.begin_cell(&tag, line)?;
                        self.cells.push(Cell::Empty);
                    }
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "row" => self.taking.row(line, &mut self.cells)?,
                    "c" => self.end_cell(std::mem::take(&mut said), line)?,
                    "v" | "t" => said.inside = false,
                    "sheetData" => break,
                    _ => {}
                },
                Event::Text(text) if said.inside => said.text.push_str(&text.xml10_content()),
                Event::CData(text) if said.inside => said.text.push_str(&text.xml10_content()),
                Event::GeneralRef(one) if said.inside => said.text.push_str(&letter(&one)?),
                Event::DocType(_) => return Err(Error::Workbook("it has a DTD".to_owned())),
                Event::Eof => break,
                _ => {}
            }
            if said.text.len() > limits.cell {
                return Err(Error::Long { line });
            }
        }
        Ok(())
    }

    fn begin_row(&mut self, tag: &BytesStart<'_>, before: u64) -> Result<u64, Error> {
        self.cells.clear();
        self.bytes = 0;
        let said = attribute(tag, "r")?.and_then(|text| text.parse().ok());
        Ok(said.unwrap_or(before + 1))
    }

    /// Cells that are not there are empty.
    fn begin_cell(&mut self, tag: &BytesStart<'_>, line: u64) -> Result<Said, Error> {
        let column = attribute(tag, "r")?.and_then(|place| column(&place));
        let column = column.unwrap_or(self.cells.len());
        let most = self.taking.limits.columns;
        if column >= most {
            return Err(Error::Columns { line, most });
        }
        if column < self.cells.len() {
            return Err(Error::Workbook(format!("row {line} has a cell twice")));
        }
        self.cells.resize(column, Cell::Empty);
        Ok(Said {
            ty: attribute(tag, "t")?.unwrap_or_default(),
            style: attribute(tag, "s")?
                .and_then(|text| text.parse().ok())
                .unwrap_or(usize::MAX),
            ..Said::default()
        })
    }

    fn end_cell(&mut self, said: Said, line: u64) -> Result<(), Error> {
        let cell = self.cell(said)?;
        self.bytes += match &cell {
            Cell::Text(text) => text.len(),
            _ => 0,
        };
        if self.bytes > self.taking.limits.row {
            return Err(Error::Long { line });
        }
        self.cells.push(cell);
        Ok(())
    }

    fn cell(&self, said: Said) -> Result<Cell, Error> {
        let text = said.text;
        if text.is_empty() {
            return Ok(Cell::Empty);
        }
        Ok(match said.ty.as_str() {
            "s" => {
                let at = text.trim().parse().ok();
                let found = at.and_then(|n| self.texts.get(n));
                let found = found.ok_or_else(|| {
                    Error::Workbook("a cell has a text that is not there".to_owned())
                })?;
                shared(found)
            }
            "str" | "inlineStr" => shared(&text),
            "b" => Cell::Flag(text.trim() == "1" || text.trim() == "true"),
            "e" => Cell::Failed(text),
            "d" => match text.trim().trim_end_matches('Z').parse::<DateTime>() {
                Ok(when) => Cell::When(when),
                Err(_) => Cell::Text(text),
            },
            _ => match number(text.trim()) {
                Some(number) if self.days.get(said.style).copied().unwrap_or(false) => {
                    when(self.epoch, number).map_or(Cell::Number(number), Cell::When)
                }
                Some(number) => Cell::Number(number),
                None => Cell::Text(text),
            },
        })
    }
}

/// Text, with the control characters that XML has no letters for.
fn shared(text: &str) -> Cell {
    match text {
        "" => Cell::Empty,
        text if text.contains("_x") => Cell::Text(unescape(text)),
        text => Cell::Text(text.to_owned()),
    }
}

/// `_x000D_` is a carriage return.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, mark) = rest.split_at(at);
        out.push_str(before);
        let code = mark.get(2..6).filter(|_| mark.get(6..7) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let letter = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        match letter {
            Some(letter) => {
                out.push(letter);
                rest = &mark[7..];
            }
            None => {
                out.push_str("_x");
                rest = &mark[2..];
            }
        }
    }
    out + rest
}

/// Numbers are binary in a workbook: `0.1 + 0.2` is written with all its digits. Fifteen are what Excel
/// shows.
fn number(text: &str) -> Option<Decimal> {
    let exact = text.parse::<Decimal>().ok();
    let exact = exact.or_else(|| Decimal::from_scientific(text).ok())?;
    let digits = exact
        .mantissa()
        .unsigned_abs()
        .checked_ilog10()
        .unwrap_or(0)
        + 1;
    let short = match digits > 15 {
        true => exact.round_sf(15).unwrap_or(exact),
        false => exact,
    };
    Some(short.normalize())
}

/// Days since the workbook's day zero.
fn when(epoch: Date, number: Decimal) -> Option<DateTime> {
    let days = number.trunc().to_i64()?;
    let seconds = ((number - number.trunc()) * Decimal::from(86_400)).round();
    let day = epoch
        .checked_add(days.checked_abs()?.min(3_000_000).days() * days.signum())
        .ok()?;
    let time = SignedDuration::from_secs(seconds.to_i64()?);
    let when = day.at(0, 0, 0, 0).checked_add(time).ok()?;
    when.round(Unit::Second).ok()
}

/// The number of a cell's column: `C7` is in 2.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0_usize;
    for letter in letters {
        let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(digit)?;
    }
    column.checked_sub(1)
}
