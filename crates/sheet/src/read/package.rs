//! A workbook is a ZIP of XML parts. What they unpack to is counted, and so is what one event of the XML
//! would put into memory.

use crate::{Error, Limits};
use quick_xml::Reader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart};
use quick_xml::{XmlVersion, escape};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::read::ZipFile;

/// Parts that a workbook may have. An honest one has a few dozens.
const PARTS: u16 = 4_000;

/// A part may unpack to so many times its size, once it is larger than a few honest sheets.
const RATIO: u64 = 200;
const SMALL: u64 = 8 << 20;

/// The ZIP, and how much may still be unpacked.
pub(super) struct Package<R> {
    zip: ZipArchive<R>,
    left: u64,
}

/// A part that is read.
pub(super) type Part<'a, R> = Reader<Counted<BufReader<ZipFile<'a, R>>>>;

impl<R: Read + Seek> Package<R> {
    pub(super) fn open(mut file: R, limits: &Limits) -> Result<Self, Error> {
        check_tail(&mut file)?;
        let zip = ZipArchive::new(file).map_err(|error| Error::Workbook(error.to_string()))?;
        Ok(Self {
            zip,
            left: limits.unpacked,
        })
    }

    /// A part of this name, whose events may be so long; `None` when there is none.
    pub(super) fn part(&mut self, name: &str, event: usize) -> Result<Option<Part<'_, R>>, Error> {
        let Some(n) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let part = self
            .zip
            .by_index(n)
            .map_err(|error| Error::Workbook(error.to_string()))?;
        let most = self
            .left
            .min(SMALL.max(part.compressed_size().saturating_mul(RATIO)));
        let counted = Counted {
            inner: BufReader::new(part),
            left: most,
            event: event as u64,
            room: event as u64,
            spent: None,
        };
        Ok(Some(Reader::from_reader(counted)))
    }

    /// What a part has unpacked to can't be unpacked again.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or(Error::Bomb)?;
        Ok(())
    }
}

/// A directory of a million parts would be in memory before anybody could count it.
fn check_tail<R: Read + Seek>(file: &mut R) -> Result<(), Error> {
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(end.saturating_sub(66_000)))?;
    let mut tail = Vec::new();
    file.take(66_000).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let mut ends = 0;
    for (n, mark) in tail.windows(4).enumerate() {
        match mark {
            b"PK\x05\x06" => {
                ends += 1;
                let count = tail.get(n + 10..n + 12).and_then(|at| at.try_into().ok());
                if count.is_none_or(|count| u16::from_le_bytes(count) > PARTS) {
                    return Err(Error::Bomb);
                }
            }
            b"PK\x06\x07" => return Err(Error::Workbook("a ZIP of 64 bits".to_owned())),
            _ => {}
        }
    }
    match ends {
        0 => Err(Error::Workbook("its end is missing".to_owned())),
        _ => Ok(()),
    }
}

/// Counts what is read.
pub(super) struct Counted<R> {
    inner: R,
    left: u64,
    event: u64,
    room: u64,
    spent: Option<u64>,
}

impl<R> Counted<R> {
    /// The next event begins.
    pub(super) fn begin(&mut self) {
        self.room = self.event;
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 || self.room == 0 {
            return Err(std::io::Error::other(BOMB));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        let bytes = n as u64;
        self.left = self.left.saturating_sub(bytes);
        self.room = self.room.saturating_sub(bytes);
        self.spent = Some(self.spent.unwrap_or_default() + bytes);
        self.inner.consume(n);
    }
}

const BOMB: &str = "it unpacks to too much";

/// How much of a part was unpacked.
pub(super) fn spent<R: Read>(part: &mut Part<'_, R>) -> u64 {
    part.get_mut().spent.unwrap_or_default()
}

/// What the XML's reader says, in our words.
pub(super) fn wrong(error: quick_xml::Error) -> Error {
    match error.to_string() {
        text if text.contains(BOMB) => Error::Bomb,
        text => Error::Workbook(text),
    }
}

/// The text of an attribute.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Error> {
    for found in tag.attributes() {
        let found: Attribute<'_> = found.map_err(|error| Error::Workbook(error.to_string()))?;
        if found.key.local_name().as_ref() == name {
            let text = found
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(wrong)?;
            return Ok(Some(text.into_owned()));
        }
    }
    Ok(None)
}

/// The letter that `&...;` stands for. A file of ours defines none.
pub(super) fn letter(reference: &BytesRef<'_>) -> Result<String, Error> {
    let found = reference.resolve_char_ref().map_err(wrong)?;
    if let Some(letter) = found {
        return Ok(letter.to_string());
    }
    match escape::resolve_predefined_entity(reference) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Error::Workbook("an entity that is not known".to_owned())),
    }
}
