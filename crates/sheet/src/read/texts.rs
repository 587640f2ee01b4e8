//! The texts that a workbook keeps in one table, in one piece of memory.

use super::package::{Package, letter, spent, wrong};
use crate::{Error, Limits};
use quick_xml::events::Event;
use std::io::{Read, Seek};

/// The table of texts.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn read<R: Read + Seek>(
        package: &mut Package<R>,
        name: &str,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut texts = Self::default();
        let Some(mut part) = package.part(name, 2 * limits.cell)? else {
            return Ok(texts);
        };
        let (mut buffer, mut inside, mut phonetic, mut start) = (Vec::new(), false, false, 0);
        loop {
            buffer.clear();
            part.get_mut().begin();
            match part.read_event_into(&mut buffer).map_err(wrong)? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "si" => start = texts.all.len(),
                    "t" => inside = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::Empty(tag) if tag.local_name().as_ref() == "si" => texts.end()?,
                Event::End(tag) => match tag.local_name().as_ref() {
                    "t" => inside = false,
                    "rPh" => phonetic = false,
                    "si" => texts.end()?,
                    _ => {}
                },
                Event::Text(text) if inside => texts.all.push_str(&text.xml10_content()),
                Event::CData(text) if inside => texts.all.push_str(&text.xml10_content()),
                Event::GeneralRef(one) if inside => texts.all.push_str(&letter(&one)?),
                Event::DocType(_) => return Err(Error::Workbook("it has a DTD".to_owned())),
                Event::Eof => break,
                _ => {}
            }
            // A place in the table costs memory as well, even that of an empty text.
            if texts.all.len() + 4 * texts.ends.len() > limits.texts {
                return Err(Error::Bomb);
            }
            if texts.all.len() - start.min(texts.all.len()) > limits.cell {
                return Err(Error::Bomb);
            }
        }
        let spent = spent(&mut part);
        drop(part);
        package.spend(spent)?;
        Ok(texts)
    }

    fn end(&mut self) -> Result<(), Error> {
        let end = u32::try_from(self.all.len()).map_err(|_| Error::Bomb)?;
        self.ends.push(end);
        Ok(())
    }

    pub(super) fn get(&self, n: usize) -> Option<&str> {
        let end = *self.ends.get(n)? as usize;
        let start = match n {
            0 => 0,
            n => self.ends[n - 1] as usize,
        };
        self.all.get(start..end)
    }
}
