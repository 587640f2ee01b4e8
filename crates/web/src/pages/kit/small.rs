//! The small things: badge, keys, avatar, person, progress, notice.

use super::icon::icon;
use super::tone::Tone;
use maud::{Markup, html};

/// A state or a property, in a word.
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// A badge with an icon.
pub fn badge_icon(tone: Tone, name: &str, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (icon(name)) (text) } }
}

/// Keys to press.
pub fn kbd(keys: &str) -> Markup {
    html! { kbd class="kbd" { (keys) } }
}

/// The initials of a name: of its first and its last word.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter(|word| {
        !matches!(
            word.to_lowercase().as_str(),
            "de" | "da" | "do" | "das" | "dos" | "e"
        )
    });
    let first = words.next();
    let last = words.next_back();
    [first, last]
        .into_iter()
        .flatten()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The mark of a person: their initials, in a colour that follows from the name. Their name stands beside
/// it, or is its title.
pub fn avatar(name: &str) -> Markup {
    avatar_of(name, "avatar")
}

/// A smaller mark, with the name for those who hover and those who listen.
pub fn avatar_small(name: &str) -> Markup {
    html! {
        span role="img" aria-label=(name) title=(name) class={ "avatar avatar-small " (tone_of(name).class()) } {
            (initials(name))
        }
    }
}

fn avatar_of(name: &str, class: &str) -> Markup {
    html! { span class={ (class) " " (tone_of(name).class()) } aria-hidden="true" { (initials(name)) } }
}

fn tone_of(name: &str) -> Tone {
    let sum: u32 = name.chars().map(u32::from).fold(0, u32::wrapping_add);
    [Tone::Accent, Tone::Info, Tone::Warn, Tone::Ok][(sum % 4) as usize]
}

/// A person: mark and name.
pub fn person(name: &str) -> Markup {
    html! { span class="person" { (avatar(name)) span { (name) } } }
}

/// How far something is: `done` of `all`, with words for both.
pub fn progress(label: &str, done: u64, all: u64, text: &str, tone: Tone) -> Markup {
    // Never more than the whole, whatever was counted.
    let share = (done.min(all) * 100).checked_div(all).unwrap_or(0);
    html! {
        div class={ "progress " (tone.class()) } {
            div class="progress-head" { span { (label) } span class="number quiet" { (text) } }
            svg class="progress-bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="progressbar"
                aria-label=(label) aria-valuemin="0" aria-valuemax="100" aria-valuenow=(share) aria-valuetext=(text) {
                rect class="track" width="100" height="6" {}
                rect width=(share) height="6" {}
            }
        }
    }
}

/// Words to somebody who is on the page: what has happened, or is to be known.
pub fn notice(tone: Tone, title: &str, body: Option<Markup>) -> Markup {
    let role = if tone == Tone::Danger {
        "alert"
    } else {
        "status"
    };
    html! {
        div class={ "notice " (tone.class()) } role=(role) {
            (icon(tone.icon()))
            div class="notice-body" {
                strong { (title) }
                @if let Some(body) = body { div { (body) } }
            }
        }
    }
}

/// A message that goes by itself, with a way back if there is one: `undo` is where a form is posted.
pub fn toast(tone: Tone, text: &str, undo: Option<(&str, &str, &str)>) -> Markup {
    html! {
        template data-toast {
            div class={ "toast " (tone.class()) } {
                (icon(tone.icon()))
                span class="toast-text" { (text) }
                @if let Some((label, action, csrf)) = undo {
                    form method="post" action=(action) {
                        (super::form::csrf_field(csrf))
                        button class="button button-small" type="submit" { (label) }
                    }
                }
            }
        }
    }
}

/// A link to a conversation by WhatsApp with this number (E.164); `None` when it is no such number.
pub fn whatsapp_link(e164: &str) -> Option<String> {
    let digits = e164.strip_prefix('+')?;
    let fits = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("https://wa.me/{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_skip_small_words() {
        for (name, expected) in [
            ("Ana Conceição", "AC"),
            ("José da Silva e Souza", "JS"),
            ("Élio", "É"),
            ("", ""),
            ("  (sem nome) ", "SN"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn progress_stays_within_its_bar() {
        for (done, all, share) in [(0, 0, "0"), (5, 10, "50"), (12, 10, "100")] {
            let text = progress("Lugares", done, all, "", Tone::Accent).0;
            assert!(
                text.contains(&format!("aria-valuenow=\"{share}\"")),
                "{text}"
            );
        }
    }

    #[test]
    fn whatsapp_takes_numbers_alone() {
        assert_eq!(
            whatsapp_link("+5511987654321").as_deref(),
            Some("https://wa.me/5511987654321")
        );
        for wrong in ["11987654321", "+55 11", "+55119876543210000", "+<script>1"] {
            assert_eq!(whatsapp_link(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_are_escaped() {
        for text in [
            badge(Tone::Ok, "<b>").0,
            notice(Tone::Info, "<b>", None).0,
            toast(Tone::Ok, "<b>", Some(("<b>", "\"<b>", "<b>"))).0,
            person("<b>").0,
        ] {
            assert!(!text.contains("<b>"), "{text}");
        }
        assert!(notice(Tone::Danger, "x", None).0.contains("role=\"alert\""));
    }
}
