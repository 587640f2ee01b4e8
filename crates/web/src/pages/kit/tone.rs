//! What a colour says.

/// The meaning of a colour; the words beside it say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// Of the house: current, chosen.
    Accent,
    /// It is well.
    Ok,
    /// Look at it.
    Warn,
    /// It is wrong, or destroys.
    Danger,
    /// Good to know.
    Info,
}

impl Tone {
    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Ok => "tone-ok",
            Self::Warn => "tone-warn",
            Self::Danger => "tone-danger",
            Self::Info => "tone-info",
        }
    }

    /// The icon that says the same to those who don't see the colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Neutral | Self::Accent | Self::Info => "info",
            Self::Ok => "circle-check",
            Self::Warn => "triangle-alert",
            Self::Danger => "circle-alert",
        }
    }
}
