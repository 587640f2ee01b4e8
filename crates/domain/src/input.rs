//! Reads fields out of a JSON object and collects every error on the way, so that a caller
//! learns of all wrong fields at once. Forms arrive here as objects of strings, so each parser
//! takes both the JSON type and its text.

use crate::FieldErrors;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The outcome of reading one value: the parsed value, or what is wrong with it.
pub type Parsed<T> = Result<T, String>;

/// Reads the fields of one object.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    errors: FieldErrors,
}

impl<'a> Fields<'a> {
    /// Starts reading `map`.
    pub fn new(map: &'a Map<String, Value>) -> Self {
        Self {
            map,
            errors: FieldErrors::new(),
        }
    }

    /// The field, parsed; `None` when it is absent, or wrong (and then noted).
    pub fn read<T>(&mut self, name: &str, parse: impl FnOnce(&Value) -> Parsed<T>) -> Option<T> {
        let value = self.map.get(name)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.errors.add(name, message);
                None
            }
        }
    }

    /// Like [`Fields::read`], and notes an error when the field is absent.
    pub fn require<T>(&mut self, name: &str, parse: impl FnOnce(&Value) -> Parsed<T>) -> Option<T> {
        if !self.map.contains_key(name) {
            self.errors.add(name, "This field is required.");
        }
        self.read(name, parse)
    }

    /// Reads the object under `name`; `None` when it is absent or not an object.
    pub fn nested<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        match self.map.get(name)? {
            Value::Object(map) => {
                let mut inner = Fields::new(map);
                let value = read(&mut inner);
                self.errors.nest(name, inner.errors);
                Some(value)
            }
            Value::Null => {
                self.errors.add(name, "This field may not be null.");
                None
            }
            _ => {
                self.errors.add(name, "Expected an object.");
                None
            }
        }
    }

    /// Notes an error found by the caller.
    pub fn error(&mut self, path: &str, message: impl Into<String>) {
        self.errors.add(path, message);
    }

    /// All errors noted so far.
    pub fn finish(self) -> FieldErrors {
        self.errors
    }
}

/// Text of this many characters after trimming. NUL is refused, since PostgreSQL can't store it.
pub fn text(length: RangeInclusive<usize>) -> impl Fn(&Value) -> Parsed<String> {
    move |value| {
        let raw = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null => return Err("This field may not be null.".into()),
            _ => return Err("Expected text.".into()),
        };
        if raw.contains('\0') {
            return Err("Null characters are not allowed.".into());
        }
        let trimmed = raw.trim();
        let count = trimmed.chars().count();
        if count == 0 && *length.start() > 0 {
            return Err("This field may not be blank.".into());
        }
        if count < *length.start() {
            return Err(format!("Use at least {} characters.", length.start()));
        }
        if count > *length.end() {
            return Err(format!("Use at most {} characters.", length.end()));
        }
        Ok(trimmed.to_owned())
    }
}

/// Text that another parser then reads; its error is the message.
pub fn parsed<T: FromStr>(length: RangeInclusive<usize>) -> impl Fn(&Value) -> Parsed<T>
where
    T::Err: ToString,
{
    let text = text(length);
    move |value| text(value)?.parse().map_err(|e: T::Err| e.to_string())
}

/// One word of a closed set.
pub fn choice<T: FromStr<Err = String>>(value: &Value) -> Parsed<T> {
    match value {
        Value::String(word) => word.trim().parse(),
        Value::Null => Err("This field may not be null.".into()),
        // The set's own message, which lists the words.
        _ => "\u{0}".parse(),
    }
}

/// A whole number within the range.
pub fn integer(range: RangeInclusive<i64>) -> impl Fn(&Value) -> Parsed<i64> {
    move |value| {
        let number = match value {
            Value::Number(number) => number.as_i64().or_else(|| {
                // 3.0 is a whole number to most JSON writers.
                number
                    .as_f64()
                    .filter(|f| f.fract() == 0.0 && f.abs() < 9.0e15)
                    .map(|f| f as i64)
            }),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null => return Err("This field may not be null.".into()),
            _ => None,
        };
        match number {
            None => Err("Expected a whole number.".into()),
            Some(n) if n < *range.start() => Err(format!("Use {} or more.", range.start())),
            Some(n) if n > *range.end() => Err(format!("Use {} or less.", range.end())),
            Some(n) => Ok(n),
        }
    }
}

/// `true` or `false`, also in the spellings of HTML forms.
pub fn boolean(value: &Value) -> Parsed<bool> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Ok(true),
            "false" | "0" | "off" | "no" | "" => Ok(false),
            _ => Err("Expected true or false.".into()),
        },
        Value::Number(n) if n.as_i64() == Some(1) => Ok(true),
        Value::Number(n) if n.as_i64() == Some(0) => Ok(false),
        Value::Null => Err("This field may not be null.".into()),
        _ => Err("Expected true or false.".into()),
    }
}

/// A decimal number of at most `digits` digits, `places` of them after the point.
/// Text keeps its decimals exactly; a JSON number is read through its shortest text.
pub fn decimal(digits: u32, places: u32) -> impl Fn(&Value) -> Parsed<Decimal> {
    move |value| {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null => return Err("This field may not be null.".into()),
            _ => return Err("Expected a number, for example \"1299.90\".".into()),
        };
        let wrong = || "Expected a number, for example \"1299.90\".".to_owned();
        let number = if text.len() > 64 {
            return Err(format!("Use at most {digits} digits."));
        } else if text.contains(['e', 'E']) {
            Decimal::from_scientific(&text).map_err(|_| wrong())?
        } else {
            Decimal::from_str_exact(&text).map_err(|_| wrong())?
        };
        let number = number.normalize();
        if number.scale() > places {
            return Err(format!("Use at most {places} decimal places."));
        }
        let whole = digits - places;
        if number.trunc().abs() >= Decimal::from(10u64.pow(whole)) {
            return Err(format!("Use at most {whole} digits before the point."));
        }
        let mut number = number;
        number.rescale(places);
        Ok(number)
    }
}

/// A day as `YYYY-MM-DD`, from the year 1 on (PostgreSQL has no year 0).
pub fn date(value: &Value) -> Parsed<Date> {
    let wrong = || "Expected a date as YYYY-MM-DD.".to_owned();
    match value {
        Value::String(text) => {
            let text = text.trim();
            let shaped = text.len() == 10
                && text.bytes().enumerate().all(|(i, b)| match i {
                    4 | 7 => b == b'-',
                    _ => b.is_ascii_digit(),
                });
            let date = Date::strptime("%Y-%m-%d", text).map_err(|_| wrong())?;
            if shaped && date.year() > 0 {
                Ok(date)
            } else {
                Err(wrong())
            }
        }
        Value::Null => Err("This field may not be null.".into()),
        _ => Err(wrong()),
    }
}

/// An instant as RFC 3339, in the years 1 to 9999.
pub fn instant(value: &Value) -> Parsed<jiff::Timestamp> {
    let wrong = || "Expected an instant as RFC 3339, such as 2026-11-23T12:00:00Z.".to_owned();
    let instant: jiff::Timestamp = text(1..=40)(value)?.parse().map_err(|_| wrong())?;
    // PostgreSQL's timestamps begin later than those of this program (manual, 8.5).
    if instant.to_zoned(jiff::tz::TimeZone::UTC).year() < 1 {
        return Err(wrong());
    }
    Ok(kept(instant))
}

/// An instant as PostgreSQL keeps it: to the microsecond (manual, 8.5). What is written down of a change has to be what
/// is found again.
pub fn kept(instant: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// `null` (or, from a form, nothing) as `None`, anything else as `inner` reads it.
pub fn nullable<T>(
    inner: impl FnOnce(&Value) -> Parsed<T>,
) -> impl FnOnce(&Value) -> Parsed<Option<T>> {
    move |value| match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        other => inner(other).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn money_keeps_two_decimals() {
        let money = decimal(12, 2);
        for (input, expected) in [
            (json!("1299.9"), "1299.90"),
            (json!(1299.90), "1299.90"),
            (json!(0), "0.00"),
            (json!("9999999999.99"), "9999999999.99"),
            (json!(1e3), "1000.00"),
        ] {
            assert_eq!(money(&input).unwrap().to_string(), expected, "{input}");
        }
        for input in [
            json!("1.999"),
            json!("10000000000.00"),
            json!("NaN"),
            json!(""),
            json!([]),
            json!("1,5"),
            json!(1e300),
        ] {
            assert!(money(&input).is_err(), "{input}");
        }
    }

    #[test]
    fn dates_are_strict() {
        assert!(date(&json!("2026-02-28")).is_ok());
        for input in [
            "2026-02-30",
            "2026-2-3",
            "28/02/2026",
            "2026-02-28T00:00:00Z",
            "+026-01-01",
            "0000-01-01",
        ] {
            assert!(date(&json!(input)).is_err(), "{input}");
        }
    }

    proptest! {
        /// No value, however odd, makes a parser panic.
        #[test]
        fn parsers_never_panic(s in ".*", n in any::<f64>(), i in any::<i64>()) {
            for value in [json!(s), json!(n), json!(i), json!([s]), json!({"a": s}), Value::Null] {
                let _ = text(1..=10)(&value);
                let _ = integer(1..=10)(&value);
                let _ = decimal(12, 2)(&value);
                let _ = date(&value);
                let _ = boolean(&value);
                let _ = choice::<crate::tenant::Plan>(&value);
            }
        }

        #[test]
        fn decimals_round_trip(cents in 0i64..=999_999_999_999) {
            let d = Decimal::new(cents, 2);
            prop_assert_eq!(decimal(12, 2)(&json!(d.to_string())).unwrap(), d);
        }
    }
}
