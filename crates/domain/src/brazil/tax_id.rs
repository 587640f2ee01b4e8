//! CPF and CNPJ, with their check digits. Since July 2026 a CNPJ may have letters in its first twelve
//! places; the value of each is its ASCII code minus 48 (Receita Federal, Instrução Normativa RFB
//! 2.229/2024).

use std::fmt;
use std::str::FromStr;

/// A CPF (a person's) or a CNPJ (a company's).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxId(String);

impl TaxId {
    /// Without punctuation: 11 digits, or 14 characters.
    pub fn normal(&self) -> &str {
        &self.0
    }

    /// The CPF that begins with these 9 digits, or the CNPJ that begins with these 12 digits and capital
    /// letters: completed by its check digits. `None` when there is none.
    pub fn completed(body: &str) -> Option<Self> {
        let most = match body.len() {
            9 => 11,
            12 => 9,
            _ => return None,
        };
        if !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let first = check(body.as_bytes(), most);
        let one = format!("{body}{}", char::from(first));
        let second = check(one.as_bytes(), most);
        format!("{one}{}", char::from(second)).parse().ok()
    }

    /// Whether it is a person's.
    pub fn is_cpf(&self) -> bool {
        self.0.len() == 11
    }
}

impl FromStr for TaxId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare: String = text
            .chars()
            .filter(|c| !matches!(c, '.' | '-' | '/' | ' '))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let bytes = bare.as_bytes();
        let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
        let (name, body, most) = match bytes.len() {
            11 if digits(bytes) => ("CPF", 9, 11),
            14 if bare.is_ascii()
                && digits(&bytes[12..])
                && bytes.iter().all(u8::is_ascii_alphanumeric) =>
            {
                ("CNPJ", 12, 9)
            }
            _ => {
                return Err(
                    "A CPF has 11 digits, a CNPJ 14 characters that end with two digits."
                        .to_owned(),
                );
            }
        };
        let same = bytes.iter().all(|b| *b == bytes[0]);
        let (first, second) = (check(&bytes[..body], most), check(&bytes[..=body], most));
        if same || bytes[body] != first || bytes[body + 1] != second {
            return Err(format!(
                "The check digits of this {name} are wrong: look for a typing error."
            ));
        }
        Ok(Self(bare))
    }
}

/// The check digit of what stands before it: modulo 11, with weights from 2 up to `most` from the right,
/// and then from 2 again. A remainder below 2 gives 0.
fn check(body: &[u8], most: u32) -> u8 {
    let weights = (2..=most).cycle();
    let sum: u32 = body
        .iter()
        .rev()
        .zip(weights)
        .map(|(b, weight)| u32::from(b - b'0') * weight)
        .sum();
    match sum % 11 {
        0 | 1 => b'0',
        rest => b'0' + u8::try_from(11 - rest).unwrap_or(0),
    }
}

impl fmt::Display for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.0;
        if self.is_cpf() {
            write!(f, "{}.{}.{}-{}", &t[..3], &t[3..6], &t[6..9], &t[9..])
        } else {
            write!(
                f,
                "{}.{}.{}/{}-{}",
                &t[..2],
                &t[2..5],
                &t[5..8],
                &t[8..12],
                &t[12..]
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn official_samples() {
        // The alphanumeric one is the sample of the Receita Federal; the others are published numbers.
        for (text, normal) in [
            ("12.ABC.345/01DE-35", "12ABC34501DE35"),
            ("12abc34501de35", "12ABC34501DE35"),
            ("33.000.167/0001-01", "33000167000101"),
            ("00.000.000/0001-91", "00000000000191"),
            ("11.222.333/0001-81", "11222333000181"),
            ("529.982.247-25", "52998224725"),
            ("111.444.777-35", "11144477735"),
            ("12345678909", "12345678909"),
        ] {
            let id: TaxId = text.parse().unwrap();
            assert_eq!(id.normal(), normal);
            assert_eq!(id.to_string().parse::<TaxId>().unwrap(), id);
        }
        for text in [
            "",
            "529.982.247-26",
            "111.111.111-11",
            "00.000.000/0000-00",
            "12.ABC.345/01DE-36",
            "12.ABC.345/01D-35",
            "12.ABC.345/01DE-3A",
            "1234567890",
            "ÀBCDEFGHIJKL35",
        ] {
            assert!(text.parse::<TaxId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_has_its_check_digits_is_read(body in "[0-9]{9}|[0-9A-Z]{12}") {
            prop_assume!(body.bytes().any(|b| b != body.as_bytes()[0]));
            let id = TaxId::completed(&body).unwrap();
            prop_assert!(id.normal().starts_with(&body));
            prop_assert_eq!(id.is_cpf(), body.len() == 9);
            prop_assert_eq!(id.to_string().parse::<TaxId>().unwrap(), id);
        }

        /// Each number of a body has exactly one pair of check digits.
        #[test]
        fn other_check_digits_are_refused(body in "[0-9]{9}|[0-9A-Z]{12}", pair in "[0-9]{2}") {
            let right = TaxId::completed(&body);
            let other = format!("{body}{pair}");
            prop_assume!(right.is_none_or(|right| right.normal() != other));
            prop_assert!(other.parse::<TaxId>().is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            let _ = text.parse::<TaxId>();
            let _ = TaxId::completed(&text);
        }
    }
}
