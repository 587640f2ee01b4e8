//! Where values come from: the environment, then `.env`, then the default.

use super::list;
use sindico_web::ToldSetting;
use std::collections::HashMap;
use std::str::FromStr;

/// A value that is wrong, in one line that names the setting; a secret's value is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// The source of settings.
#[derive(Debug, Clone, Default)]
pub struct Env(HashMap<String, String>);

impl Env {
    /// The environment of the process over the file `.env` of the current folder.
    ///
    /// # Errors
    /// When `.env` is there but can't be read.
    pub fn of_process() -> Result<Self, SettingError> {
        let mut values = HashMap::new();
        match dotenvy::from_filename_iter(".env") {
            Ok(pairs) => {
                for pair in pairs {
                    let (name, value) = pair.map_err(|error| SettingError {
                        name: ".env".to_owned(),
                        problem: match error {
                            dotenvy::Error::LineParse(_, at) => {
                                format!("a line can't be read, at its character {at}; write NAME=\"value\"")
                            }
                            other => other.to_string(),
                        },
                    })?;
                    values.insert(name, value);
                }
            }
            Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(SettingError {
                    name: ".env".to_owned(),
                    problem: error.to_string(),
                });
            }
        }
        for (name, value) in std::env::vars_os() {
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                values.insert(name, value);
            }
        }
        Ok(Self(values))
    }

    /// Exactly these values, for tests.
    #[cfg(test)]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    /// Whether the setting was given a value.
    pub fn is_set(&self, name: &str) -> bool {
        self.0
            .get(list::find(name).name)
            .is_some_and(|value| !value.trim().is_empty())
    }

    /// Gives a setting a value if it has none.
    pub fn set_default(&mut self, name: &str, value: &str) {
        if !self.0.contains_key(list::find(name).name) {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Takes a setting's value away.
    pub fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The value, else the default. A setting that is set to nothing is empty on purpose.
    pub fn text(&self, name: &str) -> String {
        let setting = list::find(name);
        self.0
            .get(name)
            .map_or(setting.default, String::as_str)
            .trim()
            .to_owned()
    }

    /// The value, read by its type's parser; an empty one is the default.
    ///
    /// # Errors
    /// One line that names the setting.
    pub fn parse<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, SettingError> {
        let mut text = self.text(name);
        if text.is_empty() {
            text = list::find(name).default.to_owned();
        }
        text.parse().map_err(|_| self.wrong(name, expected))
    }

    /// The comma-separated values, each read by its type's parser.
    ///
    /// # Errors
    /// One line that names the setting.
    pub fn list<T: FromStr>(&self, name: &str, expected: &str) -> Result<Vec<T>, SettingError> {
        self.text(name)
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| self.wrong(name, expected)))
            .collect()
    }

    /// An error that repeats the value unless it is a secret.
    pub fn wrong(&self, name: &str, expected: &str) -> SettingError {
        let problem = if list::find(name).secret {
            format!("expected {expected}")
        } else {
            format!("{:?} is not {expected}", self.text(name))
        };
        SettingError {
            name: name.to_owned(),
            problem,
        }
    }

    /// A look into these values, for secrets that are kept in the environment.
    pub fn lookup(&self) -> sindico_secrets::Lookup {
        let values = self.0.clone();
        std::sync::Arc::new(move |name| values.get(name).map(|value| value.as_str().into()))
    }

    /// All settings as they may be told to an operator; of secrets, only whether they are set.
    pub fn told(&self) -> Vec<ToldSetting> {
        let settings = list::TOPICS
            .iter()
            .flat_map(|topic| topic.settings.iter().map(move |s| (topic.title, s)));
        settings
            .map(|(topic, setting)| ToldSetting {
                topic,
                name: setting.name,
                meaning: setting.meaning,
                value: (!setting.secret).then(|| self.text(setting.name)),
                is_set: self.is_set(setting.name),
            })
            .collect()
    }

    /// Names that look like settings of ours but are none: most likely a slip of the pen.
    pub fn unknown(&self) -> Vec<String> {
        let ours = ["SINDICO_", "CONTROL_PLANE_"];
        let known = |name: &str| {
            list::TOPICS
                .iter()
                .flat_map(|topic| topic.settings)
                .any(|setting| setting.name == name)
        };
        let mut names: Vec<String> = self
            .0
            .keys()
            .filter(|name| ours.iter().any(|prefix| name.starts_with(prefix)) && !known(name))
            .cloned()
            .collect();
        names.sort();
        names
    }
}
