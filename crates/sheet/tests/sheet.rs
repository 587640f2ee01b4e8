//! Files are read as they were written, and hostile ones are refused in bounded time and memory.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use sindico_sheet::{Cell, CsvWriter, Error, Format, Limits, XlsxWriter, read};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

type Rows = Vec<(u64, Vec<Cell>)>;

fn rows_of(bytes: &[u8], limits: &Limits) -> Result<(Format, Rows), Error> {
    let mut rows = Vec::new();
    let format = read(Cursor::new(bytes), limits, &mut |row| {
        rows.push((row.line, row.cells.to_vec()));
        true
    })?;
    Ok((format, rows))
}

fn all(bytes: &[u8]) -> (Format, Rows) {
    rows_of(bytes, &Limits::default()).unwrap()
}

fn refusal(bytes: &[u8]) -> Error {
    rows_of(bytes, &Limits::default()).unwrap_err()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn csv(rows: &[Vec<Cell>], delimiter: char) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new(), delimiter, ',').unwrap();
    rows.iter().for_each(|row| writer.row(row).unwrap());
    writer.finish().unwrap()
}

fn xlsx(rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut writer = XlsxWriter::new(Vec::new(), "Clientes").unwrap();
    rows.iter().for_each(|row| writer.row(row).unwrap());
    writer.finish().unwrap()
}

/// A workbook whose only sheet is this.
fn book(sheet: &str, texts: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in [
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>"#,
        ),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/s.xml", sheet),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(part.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn every_encoding_is_known_by_itself() {
    let words = "nome;cidade\r\nJoão;São Paulo\r\n";
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let units = mark
            .then_some(0xFEFF)
            .into_iter()
            .chain(words.encode_utf16());
        units
            .flat_map(|unit: u16| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let windows: Vec<u8> = words
        .chars()
        .map(|letter| u32::from(letter) as u8)
        .collect();
    for (bytes, name) in [
        (words.as_bytes().to_vec(), "UTF-8"),
        ([b"\xEF\xBB\xBF", words.as_bytes()].concat(), "UTF-8"),
        (utf16(false, true), "UTF-16LE"),
        (utf16(true, true), "UTF-16BE"),
        (utf16(false, false), "UTF-16LE"),
        (utf16(true, false), "UTF-16BE"),
        (windows, "windows-1252"),
    ] {
        let (format, rows) = all(&bytes);
        assert_eq!(
            format,
            Format::Csv {
                encoding: name,
                delimiter: ';'
            }
        );
        assert_eq!(
            rows[1],
            (2, vec![text("João"), text("São Paulo")]),
            "{name}"
        );
    }
}

/// A letter at the end of a block of the file is no broken one.
#[test]
fn letters_may_be_divided_by_blocks() {
    let long = "a".to_owned() + &"ã".repeat(60_000);
    let (format, rows) = all(format!("x,y\n{long},1").as_bytes());
    assert_eq!(
        format,
        Format::Csv {
            encoding: "UTF-8",
            delimiter: ','
        }
    );
    assert_eq!(rows[1].1[0], text(&long));
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let (_, rows) = all(b"\r\n\na;b\n\"two\nlines\";c\n\n\nd;e\r\nf;g\rh;i");
    let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 8, 9, 10]);
    for (sample, delimiter) in [
        ("a\tb\n1\t2", '\t'),
        ("a,b;c\n1,2;3\n4,5\n", ','),
        ("a;b\n1,5;2,5", ';'),
    ] {
        let (format, _) = all(sample.as_bytes());
        assert_eq!(
            format,
            Format::Csv {
                encoding: "UTF-8",
                delimiter
            }
        );
    }
}

#[test]
fn what_a_spreadsheet_would_run_is_made_harmless_and_read_back() {
    for risky in [
        "=1+1", "+55 11 9", "-2", "@x", "\t=1", "\r=1", "'=1", "''=1", "＝1",
    ] {
        let row = vec![text(risky), text("b")];
        let written = csv(std::slice::from_ref(&row), ';');
        let content = String::from_utf8(written.clone()).unwrap();
        let start = content.trim_start_matches(['\u{feff}', '"']);
        assert!(start.starts_with('\''), "{content:?}");
        assert_eq!(all(&written).1[0].1, row);
        let written = xlsx(std::slice::from_ref(&row));
        assert_eq!(all(&written).1[0].1, row);
    }
    // A number stays one.
    let minus = csv(&[vec![Cell::Number(Decimal::new(-15, 1)), text("b")]], ';');
    assert_eq!(minus, "\u{feff}-1,5;b\r\n".as_bytes());
}

#[test]
fn numbers_days_and_truth_keep_their_types_in_a_workbook() {
    let row = vec![
        text("Valor"),
        Cell::Number(Decimal::new(123_456, 2)),
        Cell::When(date(2026, 11, 23).at(0, 0, 0, 0)),
        Cell::When(date(2026, 11, 23).at(9, 30, 15, 0)),
        Cell::Flag(true),
    ];
    assert_eq!(all(&xlsx(&[row.clone(), row.clone()])).1[1], (2, row));
}

#[test]
fn broken_files_say_what_is_wrong_and_where() {
    assert!(matches!(refusal(b""), Error::Empty));
    assert!(matches!(refusal(b"\n\n;;\n"), Error::Empty));
    assert!(matches!(
        refusal(b"\xFF\xFEa\0\n\0\0\xD8a\0"),
        Error::Encoding(2)
    ));
    assert!(matches!(refusal(b"a;b\nc\0;d"), Error::NotASheet));
    assert!(matches!(refusal(b"%PDF-1.4"), Error::NotASheet));
    assert!(matches!(
        refusal(b"\xD0\xCF\x11\xE0\xA1\xB1"),
        Error::OldWorkbook
    ));
    assert!(matches!(
        refusal(b"PK\x03\x04 and no more"),
        Error::Workbook(_)
    ));
    let half = xlsx(&[vec![text("a")]]);
    assert!(matches!(
        refusal(&half[..half.len() / 2]),
        Error::Workbook(_)
    ));
    let open = format!("a;b\n1;2\n\"{}", "x\n".repeat(600_000));
    assert!(matches!(refusal(open.as_bytes()), Error::Long { line: 3 }));
    let few = Limits {
        rows: 2,
        ..Limits::default()
    };
    assert!(matches!(rows_of(b"a\nb\nc", &few), Err(Error::Rows(1))));
}

#[test]
fn a_million_columns_are_refused() {
    let wide = ["x,y\n", &",".repeat(1_000_000)].concat();
    assert!(matches!(
        refusal(wide.as_bytes()),
        Error::Columns { line: 2, most: 500 }
    ));
    let cells = "<c><v>1</v></c>".repeat(1_000_000);
    let wide = book(
        &format!("<sheetData><row>{cells}</row></sheetData>"),
        "<sst/>",
    );
    assert!(matches!(
        refusal(&wide),
        Error::Columns { line: 1, most: 500 }
    ));
    let far = book(
        r#"<sheetData><row><c r="ZZZZZZZZZZZZZZZZ1"><v>1</v></c></row></sheetData>"#,
        "<sst/>",
    );
    assert!(
        rows_of(&far, &Limits::default()).is_ok_and(|(_, rows)| rows.len() == 1)
            || matches!(refusal(&far), Error::Columns { .. })
    );
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = " ".repeat(20 << 20);
    // As one text, between tags, in the table of texts, and as the name of a tag.
    for (sheet, texts) in [
        (
            format!("<sheetData><row><c t=\"str\"><v>{zeros}</v></c></row></sheetData>"),
            "<sst/>".to_owned(),
        ),
        (
            format!("<sheetData>{zeros}</sheetData>"),
            "<sst/>".to_owned(),
        ),
        (
            "<sheetData/>".to_owned(),
            format!("<sst><si><t>{zeros}</t></si></sst>"),
        ),
        (
            "<sheetData/>".to_owned(),
            format!("<sst>{}</sst>", "<si/>".repeat(9 << 20)),
        ),
        (format!("<{}>", "a".repeat(10 << 20)), "<sst/>".to_owned()),
    ] {
        assert!(matches!(refusal(&book(&sheet, &texts)), Error::Bomb));
    }
    let entities = r#"<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sheetData/>"#;
    assert!(matches!(
        refusal(&book(entities, "<sst/>")),
        Error::Workbook(_)
    ));
    let unknown = "<sheetData><row><c t=\"str\"><v>&b;</v></c></row></sheetData>";
    assert!(matches!(
        refusal(&book(unknown, "<sst/>")),
        Error::Workbook(_)
    ));
}

#[test]
fn cells_of_the_wrong_kind_are_refused_or_read_as_text() {
    let sheet = |cell: &str| {
        book(
            &format!("<sheetData><row>{cell}</row></sheetData>"),
            "<sst><si><t>a</t></si></sst>",
        )
    };
    assert_eq!(all(&sheet(r#"<c t="s"><v>0</v></c>"#)).1[0].1, [text("a")]);
    assert!(matches!(
        refusal(&sheet(r#"<c t="s"><v>9</v></c>"#)),
        Error::Workbook(_)
    ));
    assert!(matches!(
        refusal(&sheet(r#"<c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>"#)),
        Error::Workbook(_)
    ));
    assert_eq!(all(&sheet("<c><v>many</v></c>")).1[0].1, [text("many")]);
    assert_eq!(
        all(&sheet(r#"<c t="e"><v>#REF!</v></c>"#)).1[0].1,
        [Cell::Failed("#REF!".to_owned())]
    );
    assert_eq!(
        all(&sheet("<c><v>0.30000000000000004</v></c>")).1[0].1,
        [Cell::Number(Decimal::new(3, 1))]
    );
    // What a formula came to is read, the formula is not.
    assert_eq!(
        all(&sheet("<c><f>1+1</f><v>2</v></c>")).1[0].1,
        [Cell::Number(Decimal::new(2, 0))]
    );
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        "[^\u{0}]{1,12}".prop_map(Cell::Text),
        "['=+@;,\"\r\n\t _x0-9A-F-]{1,9}".prop_map(Cell::Text),
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<Cell>>> {
    prop::collection::vec(prop::collection::vec(cell(), 1..5), 1..8).prop_map(|mut rows| {
        // Empty rows, and empty cells at the end of one, are not told apart from none.
        for row in &mut rows {
            row.push(text("end"));
        }
        rows
    })
}

proptest! {
    #[test]
    fn csv_is_read_as_it_was_written(rows in table(), delimiter in prop::sample::select(vec![',', ';', '\t'])) {
        // The first line tells the delimiter.
        let head = vec![text("a"), text("b"), text("c"), text("d"), text("e"), text("f")];
        let rows = [vec![head], rows].concat();
        if let Ok((Format::Csv { delimiter: found, .. }, read)) = rows_of(&csv(&rows, delimiter), &Limits::default()) {
            if found == delimiter {
                let read: Vec<Vec<Cell>> = read.into_iter().map(|(_, cells)| cells).collect();
                prop_assert_eq!(read, rows);
            }
        } else {
            prop_assert!(false, "not read");
        }
    }

    #[test]
    fn workbooks_are_read_as_they_were_written(rows in table()) {
        let (_, read) = all(&xlsx(&rows));
        let read: Vec<Vec<Cell>> = read.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = rows_of(&bytes, &Limits::default());
    }

    /// A workbook that is damaged somewhere.
    #[test]
    fn no_damage_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = book(r#"<sheetData><row><c t="s"><v>0</v></c></row></sheetData>"#, "<sst><si><t>a</t></si></sst>");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = rows_of(&bytes, &Limits::default());
    }

    #[test]
    fn no_sheet_panics(sheet in "[<>/=\"&;cvrtsA-Z0-9 ]{0,200}") {
        let _ = rows_of(&book(&sheet, "<sst/>"), &Limits::default());
        let _ = rows_of(&book("<sheetData/>", &sheet), &Limits::default());
    }
}
