//! Reads a tree; whatever is wrong is named by its path, all of it at once.

use super::span::MOST as DAYS;
use super::{
    Cmp, Condition, DEEPEST, Filter, LONGEST, MOST, Op, Operand, Span, Subject, Test, VALUES,
};
use crate::crm::custom::{Known, PREFIX};
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
    pub fn read<'a>(known: impl Into<Known<'a>>, text: &str) -> Result<Self, Vec<String>> {
        if text.len() > LONGEST {
            return Err(vec![format!("Use at most {LONGEST} bytes.")]);
        }
        let value = serde_json::from_str(text).map_err(|_| {
            let example = r#"{"field": "tags", "op": "has_any", "value": ["vip"]}"#;
            vec![format!("This is not JSON. A filter looks like {example}.")]
        })?;
        Self::tree(known.into(), &value)
    }

    /// Reads a tree; as text too, since forms send nothing else.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn parse<'a>(known: impl Into<Known<'a>>, value: &Value) -> Result<Self, Vec<String>> {
        match value {
            Value::String(text) => Self::read(known, text),
            value => Self::tree(known.into(), value),
        }
    }

    /// What is left of a tree without its conditions on custom fields that are not there, and whether there were any.
    /// A group of which nothing is left goes with them.
    pub fn without_gone<'a>(known: impl Into<Known<'a>>, value: &Value) -> (Option<Value>, bool) {
        let mut gone = false;
        let left = left_of(known.into(), value, &mut gone, 0);
        (left, gone)
    }

    fn tree(known: Known<'_>, value: &Value) -> Result<Self, Vec<String>> {
        let mut reader = Reader {
            known,
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

struct Reader<'a> {
    known: Known<'a>,
    conditions: usize,
    errors: Vec<String>,
}

impl Reader<'_> {
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
        let Some(field) = Subject::find(self.known, name) else {
            let known = Subject::all(self.known);
            let known: Vec<&str> = known.iter().map(|one| &*one.name).collect();
            let said = match name.starts_with(PREFIX) {
                true => "This custom field is not there (any more).",
                false => "There is no such field.",
            };
            let message = format!("{said} Use one of: {}.", known.join(", "));
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
        match test(&field, op, value) {
            Ok(test) => Some(Filter::Is(Condition { field, test })),
            Err(message) => self.wrong(&at(path, "value"), &message),
        }
    }
}

fn left_of(known: Known<'_>, value: &Value, gone: &mut bool, depth: usize) -> Option<Value> {
    // What is deeper than a tree may be is for the reader to refuse.
    let map = value.as_object().filter(|_| depth <= DEEPEST);
    let Some((group, parts)) = map.and_then(|map| match map.len() {
        1 => map.iter().next(),
        _ => None,
    }) else {
        let name = value["field"].as_str().unwrap_or_default();
        let missing = name.starts_with(PREFIX) && known.customs.named(known.kind, name).is_none();
        *gone |= missing;
        return (!missing).then(|| value.clone());
    };
    let mut part = |one: &Value| left_of(known, one, gone, depth + 1);
    let left = match parts {
        Value::Array(all) => {
            let left: Vec<Value> = all.iter().filter_map(&mut part).collect();
            (all.is_empty() || !left.is_empty()).then(|| Value::from(left))
        }
        one => part(one),
    };
    Some(Value::Object(Map::from_iter([(group.clone(), left?)])))
}

fn at(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

fn test(field: &Subject, op: Op, value: &Value) -> Parsed<Test> {
    if op.is_bare() && !value.is_null() {
        return Err(format!("{op} takes no value."));
    }
    let one = |value: &Value| match &field.custom {
        Some(custom) => custom.operand(value),
        None => Operand::parse(field.ty, value),
    };
    let tag = |value: &Value| match &field.custom {
        Some(custom) => custom.word(value),
        None => text(1..=TAG)(value),
    };
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
        Op::HasAny => Test::HasAny(several(value, tag)?),
        Op::HasAll => Test::HasAll(several(value, tag)?),
        Op::HasNone => Test::HasNone(several(value, tag)?),
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
