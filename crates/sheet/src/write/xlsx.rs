//! XLSX: one sheet, its texts within the cells, so that nothing has to be remembered until the end.

use crate::Cell;
use jiff::civil::{DateTime, Time, date};
use std::fmt::Write as _;
use std::io::{self, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Excel's limit on the letters of a cell.
const LONGEST: usize = 32_767;

/// Excel's limit on rows.
const ROWS: u64 = 1_048_576;

/// The head of every part.
const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;

const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

const BOOK_RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;

/// Styles by number: plain, day, day and time, head. 14 and 22 are shown as the reader's country does;
/// 49 is text.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/><xf numFmtId="22" xfId="0" applyNumberFormat="1"/><xf fontId="1" xfId="0" applyFont="1"/><xf numFmtId="49" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>"#;

const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>"#;

/// Writes rows. The first one is the head.
pub struct XlsxWriter<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    text: String,
    rows: u64,
}

impl<W: Write> XlsxWriter<W> {
    /// Begins a file with a sheet of this name.
    ///
    /// # Errors
    /// As what is written to has them; so with the others.
    pub fn new(to: W, sheet: &str) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(to);
        let sheet: String = sheet
            .chars()
            .filter(|letter| !"[]:*?/\\".contains(*letter))
            .take(31)
            .collect();
        let mut name = String::new();
        escape(&mut name, if sheet.is_empty() { "1" } else { &sheet });
        let book = format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>"#
        );
        for (part, text) in [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS),
            ("xl/styles.xml", STYLES),
            ("xl/worksheets/sheet1.xml", SHEET),
        ] {
            zip.start_file(part, options())?;
            zip.write_all(XML.as_bytes())?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(Self {
            zip,
            text: String::new(),
            rows: 0,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// See [`XlsxWriter::new`]; more rows than a sheet may have.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if self.rows == ROWS {
            return Err(io::Error::other("a sheet has no more rows"));
        }
        self.rows += 1;
        let out = &mut self.text;
        out.clear();
        let _ = write!(out, r#"<row r="{}">"#, self.rows);
        let head = if self.rows == 1 { r#" s="3""# } else { "" };
        for (n, cell) in cells.iter().enumerate() {
            if matches!(cell, Cell::Empty) {
                continue;
            }
            out.push_str(r#"<c r=""#);
            column(out, n);
            let _ = write!(out, "{}\"", self.rows);
            match cell {
                Cell::Empty => {}
                Cell::Text(text) | Cell::Failed(text) => {
                    out.push_str(head);
                    out.push_str(r#" t="inlineStr"><is><t xml:space="preserve">"#);
                    escape(out, shortened(text));
                    out.push_str("</t></is></c>");
                }
                Cell::Number(number) => {
                    let _ = write!(out, "><v>{number}</v></c>");
                }
                Cell::Flag(flag) => {
                    let _ = write!(out, r#" t="b"><v>{}</v></c>"#, u8::from(*flag));
                }
                Cell::When(when) => day(out, *when),
            }
        }
        out.push_str("</row>");
        self.zip.write_all(out.as_bytes())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// See [`XlsxWriter::new`].
    pub fn finish(mut self) -> io::Result<W> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        Ok(self.zip.finish()?.into_inner())
    }
}

fn options() -> SimpleFileOptions {
    // Quick rather than small: it is the larger part of an export's work.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .last_modified_time(zip::DateTime::default())
}

/// A day as the number that Excel knows it by; text before its calendar begins to agree with ours.
fn day(out: &mut String, when: DateTime) {
    let whole = when.time() == Time::midnight();
    if when.date() < date(1900, 3, 1) {
        out.push_str(r#" t="inlineStr"><is><t>"#);
        out.push_str(&crate::cell::when_text(when));
        out.push_str("</t></is></c>");
        return;
    }
    let since = when.duration_since(date(1899, 12, 30).at(0, 0, 0, 0));
    let seconds = since.as_secs();
    let style = if whole { 1 } else { 2 };
    let _ = match whole {
        true => write!(out, r#" s="{style}"><v>{}</v></c>"#, seconds / 86_400),
        false => write!(
            out,
            r#" s="{style}"><v>{:.9}</v></c>"#,
            seconds as f64 / 86_400.0
        ),
    };
}

/// The letters of a column.
fn column(out: &mut String, n: usize) {
    let (more, last) = (n / 26, n % 26);
    if more > 0 {
        column(out, more - 1);
    }
    out.push(char::from(b'A' + u8::try_from(last).unwrap_or(0)));
}

/// As much of a text as a cell may have; Excel counts in UTF-16.
fn shortened(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > LONGEST {
            return &text[..at];
        }
    }
    text
}

/// Text between tags. What XML has no letters for is written as Excel does.
fn escape(out: &mut String, text: &str) {
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // So that text which looks like such a mark stays what it is.
            '_' if text[at..].starts_with("_x") => out.push_str("_x005F_"),
            '\t' | '\n' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
}
