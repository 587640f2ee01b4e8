//! In which letters a text is written, and the same text in UTF-8.

use super::fill;
use crate::Error;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{Read, Seek, SeekFrom};

const BLOCK: usize = 64 << 10;

/// Says how the text is written: by its mark, else by its zeros, else UTF-8 if all of it is, else
/// Windows-1252. The file is at its start afterwards.
pub(super) fn detect<R: Read + Seek>(file: &mut R) -> Result<&'static Encoding, Error> {
    let mut block = vec![0; BLOCK];
    let n = fill(file, &mut block)?;
    let found = match Encoding::for_bom(&block[..n]) {
        Some((encoding, _)) => encoding,
        None => match by_zeros(&block[..n]) {
            Some(encoding) => encoding,
            None => {
                file.seek(SeekFrom::Start(0))?;
                by_letters(file, &mut block)?
            }
        },
    };
    file.seek(SeekFrom::Start(0))?;
    Ok(found)
}

/// Latin letters in UTF-16 have a zero in every other place.
fn by_zeros(sample: &[u8]) -> Option<&'static Encoding> {
    let half = sample.len() / 2;
    let zeros = |first: usize| {
        let places = sample.iter().skip(first).step_by(2);
        places.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    match half {
        0 => None,
        _ if odd * 2 > half && even * 20 < half => Some(UTF_16LE),
        _ if even * 2 > half && odd * 20 < half => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether all of it is UTF-8. A zero is in no text of bytes.
fn by_letters<R: Read>(file: &mut R, block: &mut [u8]) -> Result<&'static Encoding, Error> {
    let (mut kept, mut utf8) = (0, true);
    loop {
        let n = kept + fill(file, &mut block[kept..])?;
        if n == kept {
            return Ok(if utf8 && kept == 0 {
                UTF_8
            } else {
                WINDOWS_1252
            });
        }
        if block[kept..n].contains(&0) {
            return Err(Error::NotASheet);
        }
        kept = 0;
        if utf8 && let Err(error) = std::str::from_utf8(&block[..n]) {
            utf8 = error.error_len().is_none();
            // A letter that the block's end has divided.
            if utf8 {
                kept = n - error.valid_up_to();
                block.copy_within(error.valid_up_to()..n, 0);
            }
        }
    }
}

/// The text in UTF-8.
pub(super) struct Text<R> {
    file: R,
    decoder: Decoder,
    raw: Vec<u8>,
    at: usize,
    end: usize,
    last: bool,
    /// Ready for the reader, from `start`.
    pub(super) ready: Vec<u8>,
    pub(super) start: usize,
}

impl<R: Read> Text<R> {
    pub(super) fn new(file: R, encoding: &'static Encoding) -> Self {
        Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; BLOCK],
            at: 0,
            end: 0,
            last: false,
            ready: Vec::with_capacity(4 * BLOCK),
            start: 0,
        }
    }

    /// What is ready; empty at the end of the text. `line` is told if it breaks.
    pub(super) fn peek(&mut self, line: u64) -> Result<&[u8], Error> {
        while self.start == self.ready.len() && !(self.last && self.at == self.end) {
            self.more(line)?;
        }
        Ok(&self.ready[self.start..])
    }

    fn more(&mut self, line: u64) -> Result<(), Error> {
        if self.at == self.end && !self.last {
            self.at = 0;
            self.end = fill(&mut self.file, &mut self.raw)?;
            self.last = self.end < self.raw.len();
        }
        self.ready.clear();
        self.start = 0;
        let raw = &self.raw[self.at..self.end];
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(raw.len())
            .unwrap_or(4 * BLOCK);
        self.ready.resize(room, 0);
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(raw, &mut self.ready, self.last);
        self.ready.truncate(written);
        self.at += read;
        match result {
            DecoderResult::Malformed(..) => {
                let before = self.ready.iter().filter(|byte| **byte == b'\n').count();
                Err(Error::Encoding(line + before as u64))
            }
            _ => Ok(()),
        }
    }
}
