//! What a file is: told by what is in it, and by its name only where that says no more than the content does.

use super::name::FileName;

/// The most of a file's start that has to be looked at.
const LOOK: usize = 8 << 10;

/// What can be shown of a file inside of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preview {
    /// A picture.
    Image,
    /// A document that browsers show with a program of their own.
    Pdf,
    /// Text.
    Text,
}

/// The type of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media(String);

/// Files of one make: what their content is found to be, and what the end of the name says it is more closely.
struct Family {
    /// As their content is named by the crate that looks; the first is what they are without a name that says more.
    found: &'static [&'static str],
    /// Ends of names, with what they mean.
    ends: &'static [(&'static str, &'static str)],
    /// Whether a name without any of these ends will do.
    nameless: bool,
}

const fn one(
    found: &'static [&'static str],
    ends: &'static [(&'static str, &'static str)],
) -> Family {
    Family {
        found,
        ends,
        nameless: true,
    }
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const ODP: &str = "application/vnd.oasis.opendocument.presentation";

/// All that is taken. What is not here is refused.
#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    one(&["application/pdf"], &[("pdf", "application/pdf")]),
    one(&["image/png"], &[("png", "image/png")]),
    one(&["image/jpeg"], &[("jpg", "image/jpeg"), ("jpeg", "image/jpeg"), ("jfif", "image/jpeg")]),
    one(&["image/gif"], &[("gif", "image/gif")]),
    one(&["image/webp"], &[("webp", "image/webp")]),
    one(&["image/heif"], &[("heic", "image/heic"), ("heif", "image/heif")]),
    // A package is a ZIP: which, is told by its first entries, which are not always where they are looked for.
    one(&["application/zip", DOCX, XLSX, PPTX, ODT, ODS, ODP], &[("zip", "application/zip"), ("docx", DOCX), ("xlsx", XLSX),
        ("pptx", PPTX), ("odt", ODT), ("ods", ODS), ("odp", ODP)]),
    // A store of several streams, as old office files are, and installers: only with a name that says which.
    Family { found: &["application/x-ole-storage", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
        ends: &[("doc", "application/msword"), ("xls", "application/vnd.ms-excel"), ("ppt", "application/vnd.ms-powerpoint"),
            ("msg", "application/vnd.ms-outlook")], nameless: false },
    one(&["application/rtf"], &[("rtf", "application/rtf")]),
    one(&["audio/mpeg"], &[("mp3", "audio/mpeg")]),
    one(&["audio/x-wav"], &[("wav", "audio/wav")]),
    one(&["audio/ogg", "audio/opus"], &[("ogg", "audio/ogg"), ("oga", "audio/ogg"), ("opus", "audio/ogg")]),
    one(&["audio/aac"], &[("aac", "audio/aac")]),
    one(&["audio/amr"], &[("amr", "audio/amr")]),
    one(&["audio/x-flac"], &[("flac", "audio/flac")]),
    one(&["video/webm"], &[("webm", "video/webm"), ("weba", "audio/webm")]),
    // One box for pictures that move and for sound alone.
    one(&["video/mp4", "video/x-m4v", "audio/m4a", "video/quicktime"], &[("mp4", "video/mp4"), ("m4v", "video/mp4"),
        ("m4a", "audio/mp4"), ("mov", "video/quicktime"), ("qt", "video/quicktime")]),
];

/// Texts, by the ends of their names; without one it is plain.
#[rustfmt::skip]
const TEXTS: &[(&str, &str)] = &[
    ("txt", "text/plain"), ("", "text/plain"), ("log", "text/plain"), ("md", "text/markdown"), ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"), ("vcf", "text/vcard"), ("ics", "text/calendar"), ("json", "application/json"),
    ("xml", "application/xml"), ("eml", "message/rfc822"), ("ofx", "application/x-ofx"),
];

/// Ends of names of what runs, or of pages: whatever is in it.
#[rustfmt::skip]
const RUNS: &[&str] = &[
    "exe", "dll", "com", "scr", "msi", "msp", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "wsf", "wsh", "hta", "cpl", "jar", "apk",
    "app", "dmg", "deb", "rpm", "sh", "bash", "js", "mjs", "jse", "py", "pl", "rb", "php", "lnk", "url", "reg", "inf", "html", "htm",
    "xhtml", "xht", "shtml", "svg", "svgz", "swf", "chm", "iso", "img", "docm", "xlsm", "pptm", "dotm", "xltm", "xlam",
];

const REFUSED: &str =
    "This sort of file is not taken. Send documents, pictures, texts, sound, video or a ZIP.";

impl Media {
    /// What a file is that begins like this and is called so.
    ///
    /// # Errors
    /// What is not taken, in words.
    pub fn of(start: &[u8], name: &FileName) -> Result<Self, String> {
        let start = &start[..start.len().min(LOOK)];
        let end = name.extension();
        if start.is_empty() {
            return Err("The file is empty.".to_owned());
        }
        if RUNS.contains(&end.as_str()) {
            return Err(REFUSED.to_owned());
        }
        let found = infer::get(start).map(|found| found.mime_type());
        let family = FAMILIES
            .iter()
            .find(|family| found.is_some_and(|found| family.found.contains(&found)));
        if let Some(family) = family {
            return family.media(&end, found.unwrap_or_default());
        }
        match found {
            Some("text/html" | "text/x-shellscript" | "application/postscript") => {
                Err(REFUSED.to_owned())
            }
            _ if is_text(start) => text(&end),
            _ => Err(REFUSED.to_owned()),
        }
    }

    /// As it is sent: `image/png`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What can be shown of a file of this type.
    pub fn preview(media: &str) -> Option<Preview> {
        match media {
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Some(Preview::Image),
            "application/pdf" => Some(Preview::Pdf),
            "text/plain" | "text/markdown" | "text/csv" | "text/tab-separated-values" => {
                Some(Preview::Text)
            }
            _ => None,
        }
    }
}

impl Family {
    fn media(&self, end: &str, found: &str) -> Result<Media, String> {
        if let Some((_, media)) = self.ends.iter().find(|(known, _)| *known == end) {
            return Ok(Media((*media).to_owned()));
        }
        let said = FAMILIES
            .iter()
            .flat_map(|family| family.ends)
            .chain(TEXTS)
            .any(|(known, _)| *known == end && !end.is_empty());
        if said {
            return Err(contradiction(end));
        }
        if !self.nameless {
            return Err(REFUSED.to_owned());
        }
        let close = self
            .ends
            .iter()
            .find(|(_, media)| *media == found)
            .or(self.ends.first());
        Ok(Media(close.map_or(found, |(_, media)| media).to_owned()))
    }
}

fn contradiction(end: &str) -> String {
    format!("What is in the file is not what its name says: .{end}.")
}

fn text(end: &str) -> Result<Media, String> {
    if let Some((_, media)) = TEXTS.iter().find(|(known, _)| *known == end) {
        return Ok(Media((*media).to_owned()));
    }
    match FAMILIES
        .iter()
        .flat_map(|family| family.ends)
        .any(|(known, _)| *known == end)
    {
        true => Err(contradiction(end)),
        false => Err(REFUSED.to_owned()),
    }
}

/// Whether this begins a text, of whatever encoding has no zeros: no byte of it is a control that texts do not have.
fn is_text(start: &[u8]) -> bool {
    start
        .iter()
        .all(|byte| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0";
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0";

    fn of(start: &[u8], name: &str) -> Result<String, String> {
        Media::of(start, &FileName::sent(name)).map(|media| media.0)
    }

    #[test]
    fn content_tells_what_a_file_is() {
        for (start, name, media) in [
            (PNG, "a.png", "image/png"),
            (PNG, "a", "image/png"),
            (PNG, "foto v1.2", "image/png"),
            (
                b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice(),
                "A.JPEG",
                "image/jpeg",
            ),
            (b"GIF89a\x01\0", "a.gif", "image/gif"),
            (b"%PDF-1.7\n%\xe2\xe3", "contrato.pdf", "application/pdf"),
            (b"%PDF-1.7\nonly letters", "contrato.pdf", "application/pdf"),
            (ZIP, "a.zip", "application/zip"),
            (ZIP, "a.docx", DOCX),
            (ZIP, "a.ods", ODS),
            (OLE, "a.doc", "application/msword"),
            (OLE, "a.xls", "application/vnd.ms-excel"),
            (b"a;b\r\n1;2\r\n", "a.csv", "text/csv"),
            (b"preco: 10 \xa3", "a.txt", "text/plain"),
            (b"MZ is where I live", "a.txt", "text/plain"),
            (
                b"<?xml version=\"1.0\"?><nfeProc/>",
                "nota.xml",
                "application/xml",
            ),
            (b"ID3\x03\0\0", "a.mp3", "audio/mpeg"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "a.mp4", "video/mp4"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "a.m4a", "audio/mp4"),
            (b"OggS\0\x02", "voz.opus", "audio/ogg"),
        ] {
            assert_eq!(of(start, name).as_deref(), Ok(media), "{name}");
        }
    }

    #[test]
    fn what_runs_and_what_contradicts_itself_is_refused() {
        for (start, name) in [
            (b"MZ\x90\0\x03\0".as_slice(), "setup.exe"),
            (b"MZ\x90\0\x03\0", "a.pdf"),
            (b"MZ\x90\0\x03\0", "a"),
            (b"\x7fELF\x02\x01", "a.txt"),
            (PNG, "a.pdf"),
            (PNG, "a.html"),
            (PNG, "a.txt"),
            (ZIP, "a.jar"),
            (ZIP, "a.apk"),
            (ZIP, "a.png"),
            (ZIP, "a.xlsm"),
            (OLE, "a.msi"),
            (OLE, "a"),
            (b"<html><script>alert(1)</script>", "a.txt"),
            (b"<!DOCTYPE html><p>", "a"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
            (b"#!/bin/sh\nrm -rf /", "a.txt"),
            (b"alert(1)", "a.js"),
            (b"alert(1)", "a.pdf"),
            (b"text with \0 in it", "a.txt"),
            (b"\x1f\x8b\x08\0", "a.tar.gz"),
            (b"", "a.txt"),
        ] {
            assert!(of(start, name).is_err(), "{name}: {:?}", of(start, name));
        }
    }

    proptest! {
        /// Whatever comes: what is shown inside of pages is what its own content says, and nothing that runs.
        #[test]
        fn nothing_is_shown_that_is_not_what_it_says(start in proptest::collection::vec(any::<u8>(), 0..64), name in "\\PC{0,20}(\\.[a-z]{1,5})?") {
            if let Ok(media) = of(&start, &name) {
                prop_assert!(!media.contains("html") && !media.contains("svg") && !media.contains("script"));
                if Media::preview(&media) == Some(Preview::Text) {
                    prop_assert!(!start.contains(&0));
                }
            }
        }
    }
}
