//! What is in a file, on its way out: read piece by piece, told as what it is, and run by nobody.

use super::super::crm::Crm;
use crate::contract::error::ApiResult;
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sindico_crm::attachments::{self as files, Attachment, PIECE};
use sindico_db::TenantConnection;
use sindico_domain::attachment::Preview;
use std::io;
use std::ops::RangeInclusive;

/// Nothing in it is run, and nothing is loaded for it.
const LOCKED: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
/// The same for what browsers show with a program of their own, which they keep out of a sandbox: what comes is
/// told to be a PDF, and taken for nothing else.
const OF_PDF: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// What RFC 8187 leaves as it is in a name.
const IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Answers with a file: as a download, or as what can be shown of it.
pub(super) async fn respond(crm: &Crm, file: Attachment, shown: Option<Preview>) -> ApiResult {
    let tag = format!("\"{}\"", file.sha256);
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(ETAG, &tag);
    // It is asked each time whether one may still read it.
    set(CACHE_CONTROL, "private, no-cache");
    let policy = match shown {
        Some(Preview::Pdf) => OF_PDF,
        _ => LOCKED,
    };
    set(CONTENT_SECURITY_POLICY, policy);
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(ACCEPT_RANGES, "bytes");
    let way = if shown.is_some() {
        "inline"
    } else {
        "attachment"
    };
    set(CONTENT_DISPOSITION, &disposition(way, &file.name));
    let known = crm.headers.get_all(IF_NONE_MATCH).iter();
    let known = known.filter_map(|value| value.to_str().ok());
    if known.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim().trim_start_matches("W/");
        one == "*" || one == tag
    }) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = u64::try_from(file.size).unwrap_or_default();
    // A part of something else than what the client has is none.
    let same = crm.headers.get(IF_RANGE);
    let same = same.is_none_or(|value| value.as_bytes() == tag.as_bytes());
    let range = crm.headers.get(RANGE).filter(|_| same);
    let range = range.and_then(|value| value.to_str().ok());
    let (status, part) = match range.map_or(Asked::Whole, |range| asked(range, size)) {
        Asked::Whole => (StatusCode::OK, 0..=size.saturating_sub(1)),
        Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Asked::Nothing => {
            let value = format!("bytes */{size}");
            return Ok(refused(&value));
        }
    };
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let value = format!("bytes {}-{}/{size}", part.start(), part.end());
        set(CONTENT_RANGE, &value);
    }
    let media = match shown {
        Some(Preview::Text) => text_type(&crm.data, &file).await?,
        _ => file.media_type.clone(),
    };
    set(CONTENT_TYPE, &media);
    set(CONTENT_LENGTH, &(part.end() + 1 - part.start()).to_string());
    let body = Body::from_stream(pieces(crm.data.clone(), file, part));
    Ok((status, headers, body).into_response())
}

fn refused(range: &str) -> Response {
    let told = crate::contract::error::detail(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "There are no such bytes in this file.",
    );
    let mut response = told;
    if let Ok(value) = HeaderValue::try_from(range) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

/// Plain text, whatever sort of text it is, in the encoding that its start is in.
async fn text_type(data: &TenantConnection, file: &Attachment) -> ApiResult<String> {
    let start = files::piece(data, file, 0).await?.unwrap_or_default();
    let is_utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        // The piece may end within a letter.
        Err(error) => error.error_len().is_none(),
    };
    let charset = if is_utf8 { "utf-8" } else { "windows-1252" };
    Ok(format!("text/plain; charset={charset}"))
}

/// These bytes of a file, a piece at a time. One that is not there breaks the answer off: nobody takes a part for
/// the whole.
fn pieces(
    data: TenantConnection,
    file: Attachment,
    part: RangeInclusive<u64>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let end = *part.end();
    stream::try_unfold(*part.start(), move |at| {
        let (data, file) = (data.clone(), file.clone());
        async move {
            if at > end || file.size == 0 {
                return Ok(None);
            }
            let n = i32::try_from(at / PIECE as u64).map_err(io::Error::other)?;
            let read = files::piece(&data, &file, n).await;
            let piece = read.map_err(io::Error::other)?;
            let piece = piece.ok_or_else(|| io::Error::other("a piece of a file is gone"))?;
            let first = u64::from(n.unsigned_abs()) * PIECE as u64;
            let last = end.min(first + piece.len() as u64 - 1);
            let bytes = usize::try_from(at - first)
                .ok()
                .zip(usize::try_from(last - first).ok());
            let part = bytes.and_then(|(from, to)| piece.get(from..=to));
            let part = part.ok_or_else(|| io::Error::other("a piece of a file is short"))?;
            Ok(Some((Bytes::copy_from_slice(part), last + 1)))
        }
    })
}

/// What a `Range` asks for (RFC 9110, 14).
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// All of it; also where several parts are asked for, or nothing that is understood.
    Whole,
    /// From the first to the second byte.
    Part(RangeInclusive<u64>),
    /// Bytes behind the end.
    Nothing,
}

fn asked(range: &str, size: u64) -> Asked {
    let Some((from, to)) = range
        .strip_prefix("bytes=")
        .filter(|range| !range.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let last = size.saturating_sub(1);
    match (number(from), number(to)) {
        (Some(from), _) if from >= size => Asked::Nothing,
        (Some(from), None) if to.is_empty() => Asked::Part(from..=last),
        (Some(from), Some(to)) if to >= from => Asked::Part(from..=to.min(last)),
        (None, Some(0)) if from.is_empty() => Asked::Nothing,
        (None, Some(end)) if from.is_empty() && size > 0 => {
            Asked::Part(size.saturating_sub(end)..=last)
        }
        _ => Asked::Whole,
    }
}

/// What is done with a file, and its name: for old clients in ASCII, for all others as it is (RFC 6266, RFC 8187).
fn disposition(way: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || " -_.()".contains(c) => c,
            _ => '_',
        })
        .collect();
    let exact = utf8_percent_encode(name, IN_NAMES);
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_is_a_part_that_is_there() {
        for (range, expected) in [
            ("bytes=0-9", Asked::Part(0..=9)),
            ("bytes=90-", Asked::Part(90..=99)),
            ("bytes=90-1000", Asked::Part(90..=99)),
            ("bytes=-10", Asked::Part(90..=99)),
            ("bytes=-1000", Asked::Part(0..=99)),
            ("bytes=99-99", Asked::Part(99..=99)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-1", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
        ] {
            assert_eq!(asked(range, 100), expected, "{range}");
        }
        assert_eq!(asked("bytes=0-", 0), Asked::Nothing);
        assert_eq!(asked("bytes=-5", 0), Asked::Whole);
    }

    #[test]
    fn names_are_told_twice() {
        assert_eq!(
            disposition("attachment", "preço \"final\".pdf"),
            "attachment; filename=\"pre_o _final_.pdf\"; filename*=UTF-8''pre%C3%A7o%20%22final%22.pdf"
        );
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_its_header(name in "\\PC{0,40}") {
            let value = disposition("inline", &name);
            prop_assert!(HeaderValue::try_from(value.as_str()).is_ok());
            prop_assert_eq!(value.matches('"').count(), 2);
            prop_assert_eq!(value.matches(';').count(), 2);
        }

        #[test]
        fn no_range_reads_beyond_the_end(range in "bytes=[0-9]{0,4}-[0-9]{0,4}|\\PC{0,20}", size in 0u64..2_000) {
            if let Asked::Part(part) = asked(&range, size) {
                prop_assert!(part.start() <= part.end() && *part.end() < size);
            }
        }
    }
}
