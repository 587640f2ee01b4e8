//! Reads a tree; whatever is wrong is named by its path, all of it at once.

use super::span::MOST as DAYS;
use super::{
    Cmp, Condition, DEEPEST, Filter, LONGEST, MOST, Op, Operand, Span, Subject, Test, VALUES,
};
use crate::crm::Kind;
use crate::input::{Parsed, integer, text};
use serde_json::{Map, Value};

/// The longest text to look for, and the longest tag.
const TEXT: usize = 200;
const TAG: usize = 50;

impl Filter {
    /// Reads a tree from the text of an address.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn read(kind: Kind, text: &str) -> Result<Self, Vec<String>> {
        if text.len() > LONGEST {
            return Err(vec![format!("Use at most {LONGEST} bytes.")]);
        }
        let value = serde_json::from_str(text).map_err(|_| {
            let example = r#"{"field": "tags", "op": "has_any", "value": ["vip"]}"#;
            vec![format!("This is not JSON. A filter looks like {example}.")]
        })?;
        Self::tree(kind, &value)
    }

    /// Reads a tree; as text too, since forms send nothing else.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn parse(kind: Kind, value: &Value) -> Result<Self, Vec<String>> {
        match value {
            Value::String(text) => Self::read(kind, text),
            value => Self::tree(kind, value),
        }
    }

    fn tree(kind: Kind, value: &Value) -> Result<Self, Vec<String>> {
        let mut reader = Reader {
            kind,
            conditions: 0,
            errors: Vec::new(),
        };
        let filter = reader.node(value, "", 1);
        if reader.conditions > MOST {
            reader
                .errors
                .push(format!("Use at most {MOST} conditions."));
        }
        match filter {
            Some(filter) if reader.errors.is_empty() => Ok(filter),
            _ => Err(reader.errors),
        }
    }
}

struct Reader {
    kind: Kind,
    conditions: usize,
    errors: Vec<String>,
}

impl Reader {
    fn wrong<T>(&mut self, path: &str, message: &str) -> Option<T> {
        self.errors.push(match path {
            "" => message.to_owned(),
            path => format!("{path}: {message}"),
        });
        None
    }

    fn node(&mut self, value: &Value, path: &str, depth: usize) -> Option<Filter> {
        let Value::Object(map) = value else {
            return self.wrong(path, "Expected an object: a group or a condition.");
        };
        let keys: Vec<&str> = map.keys().map(String::as_str).collect();
        let group = match keys.as_slice() {
            [key @ ("all" | "any" | "not")] => *key,
            keys if keys.contains(&"field") => return self.condition(map, path),
            _ => {
                return self.wrong(
                    path,
                    "Use one of all, any and not, or a condition with field, op and value.",
                );
            }
        };
        if depth > DEEPEST {
            return self.wrong(
                path,
                &format!("Groups may stand at most {DEEPEST} deep in each other."),
            );
        }
        let inner = at(path, group);
        let parts = &map[group];
        if group == "not" {
            let part = self.node(parts, &inner, depth + 1)?;
            return Some(Filter::Not(Box::new(part)));
        }
        let Value::Array(parts) = parts else {
            return self.wrong(&inner, "Expected a list.");
        };
        // Nothing is read beyond it; the message comes at the end.
        if parts.len() > MOST {
            self.conditions = MOST + 1;
            return None;
        }
        let read: Vec<Option<Filter>> = parts
            .iter()
            .enumerate()
            .map(|(n, part)| self.node(part, &format!("{inner}[{n}]"), depth + 1))
            .collect();
        let read: Option<Vec<Filter>> = read.into_iter().collect();
        Some(match group {
            "any" => Filter::Any(read?),
            _ => Filter::All(read?),
        })
    }

    fn condition(&mut self, map: &Map<String, Value>, path: &str) -> Option<Filter> {
        self.conditions += 1;
        if self.conditions > MOST {
            return None;
        }
        if let Some(other) = map
            .keys()
            .find(|key| !["field", "op", "value"].contains(&key.as_str()))
        {
            let other: String = other.chars().take(40).collect();
            return self.wrong(
                path,
                &format!("A condition has field, op and value, and no {other}."),
            );
        }
        let name = map["field"].as_str().unwrap_or_default();
        let Some(field) = Subject::find(self.kind, name) else {
            let known: Vec<&str> = Subject::all(self.kind).iter().map(|one| one.name).collect();
            let message = format!("There is no such field. Use one of: {}.", known.join(", "));
            return self.wrong(&at(path, "field"), &message);
        };
        let op = map.get("op").and_then(Value::as_str).unwrap_or_default();
        let op = op.parse::<Op>().ok().filter(|op| field.ops().contains(op));
        let Some(op) = op else {
            let known: Vec<&str> = field.ops().iter().map(|op| op.as_str()).collect();
            let message = format!("{name} takes one of: {}.", known.join(", "));
            return self.wrong(&at(path, "op"), &message);
        };
        let value = map.get("value").unwrap_or(&Value::Null);
        match test(field, op, value) {
            Ok(test) => Some(Filter::Is(Condition { field, test })),
            Err(message) => self.wrong(&at(path, "value"), &message),
        }
    }
}

fn at(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

fn test(field: Subject, op: Op, value: &Value) -> Parsed<Test> {
    if op.is_bare() && !value.is_null() {
        return Err(format!("{op} takes no value."));
    }
    let one = |value: &Value| Operand::parse(field.ty, value);
    Ok(match op {
        Op::Is => Test::In(vec![one(value)?]),
        Op::IsNot => Test::NotIn(vec![one(value)?]),
        Op::In => Test::In(several(value, one)?),
        Op::NotIn => Test::NotIn(several(value, one)?),
        Op::Contains => Test::Contains(text(1..=TEXT)(value)?),
        Op::StartsWith => Test::StartsWith(text(1..=TEXT)(value)?),
        Op::Lt => Test::Compare(Cmp::Lt, one(value)?),
        Op::Lte => Test::Compare(Cmp::Lte, one(value)?),
        Op::Gt => Test::Compare(Cmp::Gt, one(value)?),
        Op::Gte => Test::Compare(Cmp::Gte, one(value)?),
        Op::Between => between(value, one)?,
        Op::Today => Test::Within(Span::Today),
        Op::ThisWeek => Test::Within(Span::ThisWeek),
        Op::ThisMonth => Test::Within(Span::ThisMonth),
        Op::LastNDays => Test::Within(Span::Last(integer(1..=DAYS)(value)?)),
        Op::NextNDays => Test::Within(Span::Next(integer(1..=DAYS)(value)?)),
        Op::HasAny => Test::HasAny(several(value, text(1..=TAG))?),
        Op::HasAll => Test::HasAll(several(value, text(1..=TAG))?),
        Op::HasNone => Test::HasNone(several(value, text(1..=TAG))?),
        Op::IsEmpty => Test::Empty,
        Op::IsSet => Test::Set,
    })
}

/// A list of values, each once; one alone may stand without its list.
fn several<T: PartialEq>(value: &Value, one: impl Fn(&Value) -> Parsed<T>) -> Parsed<Vec<T>> {
    let alone = std::slice::from_ref(value);
    let values = match value {
        Value::Array(values) => values.as_slice(),
        _ => alone,
    };
    if values.is_empty() {
        return Err("Name at least one value.".to_owned());
    }
    if values.len() > VALUES {
        return Err(format!("Use at most {VALUES} values."));
    }
    let mut read = Vec::new();
    for (n, value) in values.iter().enumerate() {
        let value = one(value).map_err(|message| match values.len() {
            1 => message,
            _ => format!("Number {}: {message}", n + 1),
        })?;
        if !read.contains(&value) {
            read.push(value);
        }
    }
    Ok(read)
}

fn between(value: &Value, one: impl Fn(&Value) -> Parsed<Operand>) -> Parsed<Test> {
    let Some([from, to]) = value.as_array().map(Vec::as_slice) else {
        return Err("Expected a list of two values: from and to.".to_owned());
    };
    let (from, to) = (one(from)?, one(to)?);
    if from.is_after(&to) {
        return Err("Name the smaller value first.".to_owned());
    }
    Ok(Test::Between(from, to))
}
