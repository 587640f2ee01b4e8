//! Telephones, kept in the form of ITU-T E.164.

use std::fmt;
use std::str::FromStr;

/// Area codes that are in use (Anatel, Plano Geral de Códigos Nacionais).
const AREAS: [u8; 67] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 24, 27, 28, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 51, 53, 54, 55, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71, 73, 74, 75, 77,
    79, 81, 82, 83, 84, 85, 86, 87, 88, 89, 91, 92, 93, 94, 95, 96, 97, 98, 99,
];

/// A telephone number: Brazil's, or any other country's with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// `+5511987654321`.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// Whether it is a Brazilian mobile phone's.
    pub fn is_mobile(&self) -> bool {
        self.0.len() == 14 && self.0.starts_with("+55")
    }

    /// The address at which WhatsApp opens a talk.
    pub fn whatsapp_link(&self) -> String {
        format!("https://wa.me/{}", &self.0[1..])
    }
}

impl FromStr for Phone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let known =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | ' ' | '/');
        if !text.chars().all(known) || text.matches('+').count() > 1 {
            return Err("Write a telephone with digits only, such as (11) 98765-4321.".to_owned());
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let foreign = text.starts_with('+').then_some(digits.as_str());
        let foreign = foreign.or_else(|| digits.strip_prefix("00"));
        match foreign {
            Some(number) => match number.strip_prefix("55") {
                Some(national) => brazilian(national),
                None if (8..=15).contains(&number.len()) && !number.starts_with('0') => {
                    Ok(Self(format!("+{number}")))
                }
                None => Err("A telephone with its country's code has 8 to 15 digits.".to_owned()),
            },
            None => match (digits.len(), digits.strip_prefix("55")) {
                // 55 is an area, too: only the length tells.
                (12 | 13, Some(national)) => brazilian(national),
                _ => brazilian(&digits),
            },
        }
    }
}

/// Area and number, perhaps after a 0 and a carrier's code.
fn brazilian(digits: &str) -> Result<Phone, String> {
    let national = match digits.strip_prefix('0') {
        Some(rest) if rest.len() >= 12 => &rest[2..],
        Some(rest) => rest,
        None => digits,
    };
    if national.len() < 10 {
        return Err("The area code (DDD) is missing: write (11) 98765-4321.".to_owned());
    }
    let (area, number) = national.split_at(2);
    if !area.parse().is_ok_and(|area: u8| AREAS.contains(&area)) {
        return Err(format!("There is no area code (DDD) {area}."));
    }
    let first = number.as_bytes()[0];
    let number =
        match (number.len(), first) {
            (8, b'2'..=b'5') | (9, b'9') => number.to_owned(),
            // A mobile of before 2016, without its ninth digit.
            (8, b'6'..=b'9') => format!("9{number}"),
            _ => return Err(
                "A telephone has 8 digits after its area code (DDD), a mobile 9 that begin with 9."
                    .to_owned(),
            ),
        };
    Ok(Phone(format!("+55{area}{number}")))
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.strip_prefix("+55") {
            Some(national) => {
                let (area, number) = national.split_at(2);
                let (begin, end) = number.split_at(number.len() - 4);
                write!(f, "({area}) {begin}-{end}")
            }
            None => f.write_str(&self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn written_in_any_way() {
        for (text, e164) in [
            ("(11) 98765-4321", "+5511987654321"),
            ("11987654321", "+5511987654321"),
            ("+55 11 98765-4321", "+5511987654321"),
            ("5511987654321", "+5511987654321"),
            ("0055 11 98765 4321", "+5511987654321"),
            ("011 98765-4321", "+5511987654321"),
            ("0 15 11 98765-4321", "+5511987654321"),
            ("(11) 8765-4321", "+5511987654321"),
            ("(11) 3456-7890", "+551134567890"),
            ("55 3222-1111", "+555532221111"),
            ("+1 415 555 2671", "+14155552671"),
            ("+351 912 345 678", "+351912345678"),
        ] {
            assert_eq!(
                text.parse::<Phone>().map(|p| p.e164().to_owned()),
                Ok(e164.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "98765-4321",
            "(10) 98765-4321",
            "(11) 1234-5678",
            "(11) 88765-4321",
            "+55",
            "ramal 12",
            "+1",
            "11 9+8765",
        ] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
        let phone: Phone = "11987654321".parse().unwrap();
        assert!(phone.is_mobile());
        assert_eq!(phone.to_string(), "(11) 98765-4321");
        assert_eq!(phone.whatsapp_link(), "https://wa.me/5511987654321");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(area in proptest::sample::select(&AREAS[..]), number in "[2-5][0-9]{7}|9[0-9]{8}") {
            let phone: Phone = format!("{area}{number}").parse().unwrap();
            prop_assert_eq!(phone.to_string().parse::<Phone>().unwrap(), phone.clone());
            prop_assert_eq!(phone.e164().parse::<Phone>().unwrap(), phone);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}", digits in "[+0-9 ()-]{0,20}") {
            let _ = text.parse::<Phone>();
            if let Ok(phone) = digits.parse::<Phone>() {
                prop_assert!(phone.e164().len() <= 16);
                prop_assert_eq!(phone.e164().parse::<Phone>().unwrap(), phone);
            }
        }
    }
}
