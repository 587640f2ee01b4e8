//! Which styles of a workbook show a number as a day: XLSX has no other way to say that it is one.

use super::package::{Package, attribute, spent, wrong};
use crate::Error;
use quick_xml::events::Event;
use std::collections::HashMap;
use std::io::{Read, Seek};

/// As many styles as are remembered; Excel has no more.
const MOST: usize = 65_490;

const EVENT: usize = 64 << 10;

/// Whether the style of this number shows a day.
pub(super) fn days<R: Read + Seek>(
    package: &mut Package<R>,
    name: &str,
) -> Result<Vec<bool>, Error> {
    let Some(mut part) = package.part(name, EVENT)? else {
        return Ok(Vec::new());
    };
    let mut formats: HashMap<u32, bool> = HashMap::new();
    let (mut styles, mut inside, mut buffer) = (Vec::new(), false, Vec::new());
    loop {
        buffer.clear();
        part.get_mut().begin();
        let event = part.read_event_into(&mut buffer).map_err(wrong)?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let number = |name: &str| -> Result<u32, Error> {
                    Ok(attribute(tag, name)?
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(0))
                };
                match tag.local_name().as_ref() {
                    "numFmt" => {
                        let code = attribute(tag, "formatCode")?.unwrap_or_default();
                        formats.insert(number("numFmtId")?, is_day(&code));
                    }
                    "cellXfs" => inside = matches!(event, Event::Start(_)),
                    "xf" if inside => {
                        let id = number("numFmtId")?;
                        let built_in = matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
                        styles.push(formats.get(&id).copied().unwrap_or(built_in));
                    }
                    _ => {}
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => inside = false,
            Event::DocType(_) => return Err(Error::Workbook("it has a DTD".to_owned())),
            Event::Eof => break,
            _ => {}
        }
        if styles.len() > MOST || formats.len() > MOST {
            return Err(Error::Bomb);
        }
    }
    let spent = spent(&mut part);
    drop(part);
    package.spend(spent)?;
    Ok(styles)
}

/// Whether a format has days or hours in it, beside quoted text, escaped letters and colours.
fn is_day(code: &str) -> bool {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    for letter in code.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            'y' | 'Y' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'm' | 'M' if !quoted && !bracket => {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn formats_of_days_are_known_from_others() {
        for day in ["dd/mm/yyyy", "yyyy-mm-dd hh:mm", "[$-416]d\\ mmm", "h:mm"] {
            assert!(is_day(day), "{day}");
        }
        for other in ["0.00", "\"day\" 0", "[Red]0", "#,##0.00_d", "General"] {
            assert!(!is_day(other), "{other}");
        }
    }
}
