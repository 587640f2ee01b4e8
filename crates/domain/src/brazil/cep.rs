//! CEP, the postal code.

use std::fmt;
use std::str::FromStr;

/// A CEP: eight digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cep(String);

impl Cep {
    /// Its digits: `01310100`.
    pub fn normal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Cep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "A CEP has 8 digits, such as 01310-100.".to_owned();
        let bare: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | '.' | ' '))
            .collect();
        if bare.len() == 8 && bare.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(bare))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Cep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", &self.0[..5], &self.0[5..])
    }
}

#[cfg(test)]
mod tests {
    use super::Cep;
    use proptest::prelude::*;

    #[test]
    fn written_in_any_way() {
        for text in ["01310-100", "01310100", "01.310-100", " 01310 100 "] {
            let cep: Cep = text.parse().unwrap();
            assert_eq!(
                (cep.normal(), cep.to_string().as_str()),
                ("01310100", "01310-100")
            );
        }
        for text in ["", "0131010", "013101000", "01310-10a", "٠١٢٣٤٥٦٧"] {
            assert!(text.parse::<Cep>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}", digits in "[0-9]{8}") {
            let _ = text.parse::<Cep>();
            let cep: Cep = digits.parse().unwrap();
            prop_assert_eq!(cep.to_string().parse::<Cep>().unwrap(), cep);
        }
    }
}
