//! Bars: upright ones side by side, and a funnel of lying ones.

use super::{Caption, Point, Series, at, ceiling, color, figure};
use crate::pages::language::Language;
use maud::{Markup, html};

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 190.0;
const FOOT: f64 = 22.0;
const HEAD: f64 = 18.0;

/// Upright bars, one group a label; `goal` is a line across with its name.
pub fn bars(
    language: Language,
    caption: &Caption<'_>,
    series: &[Series],
    goal: Option<(f64, &str)>,
) -> Markup {
    let goal = goal.filter(|(value, _)| value.is_finite() && *value > 0.0);
    let values = series.iter().flat_map(|series| &series.points);
    let least = goal.map_or(0.0, |(value, _)| value);
    let top = ceiling(values.map(Point::drawn).fold(least, f64::max));
    // The goal is named above the bars, where none of them reaches.
    let head = HEAD + if goal.is_some() { 16.0 } else { 0.0 };
    let room = HEIGHT - FOOT - head;
    let y = |value: f64| at(head + room * (1.0 - value / top));
    let labels = series.first().map_or(&[][..], |series| &series.points);
    let step = WIDTH / labels.len().max(1) as f64;
    let width = (step * 0.62 / series.len().max(1) as f64).min(56.0);
    let middle = |group: usize| step * (group as f64 + 0.5);
    // The first bar of a group starts half a group before its middle.
    let start = |group, index: usize| {
        at(middle(group) + width * (index as f64 - series.len() as f64 / 2.0) + 1.0)
    };
    let drawing = html! {
        @for part in 0..=4 {
            @let line = at(head + room * f64::from(part) / 4.0);
            line class=(if part == 4 { "axis" } else { "grid-line" }) x1="0" x2=(WIDTH) y1=(line) y2=(line) {}
        }
        @for (index, series) in series.iter().enumerate() {
            g class=(color(index)) { @for (group, point) in series.points.iter().enumerate() {
                @let top = y(point.drawn());
                rect class="bar" x=(start(group, index)) y=(top) width=(at(width - 2.0)) height=(at(HEIGHT - FOOT - top)) rx="2" {
                    title { (point.label) ": " (point.text) }
                }
            } }
        }
        @for (group, point) in labels.iter().enumerate() {
            text x=(at(middle(group))) y=(HEIGHT - 6.0) text-anchor="middle" { (point.label) }
            // One series has room for its numbers.
            @if series.len() == 1 && labels.len() <= 6 {
                text class="value" x=(at(middle(group))) y=(at(y(point.drawn()) - 5.0)) text-anchor="middle" { (point.text) }
            }
        }
        @if let Some((value, name)) = goal {
            line class="goal" x1="0" x2=(WIDTH) y1=(y(value)) y2=(y(value)) {}
            text class="value" x=(WIDTH) y="11" text-anchor="end" { (name) }
        }
    };
    figure(language, caption, (WIDTH, HEIGHT), &drawing, series)
}

/// Stages from the first to the last, each as wide as what is left in it, with its share of the one before.
pub fn funnel(language: Language, caption: &Caption<'_>, stages: &Series) -> Markup {
    lying(language, caption, stages, true)
}

/// Lying bars of things that do not follow from each other: without shares of the one before.
pub fn rows(language: Language, caption: &Caption<'_>, rows: &Series) -> Markup {
    lying(language, caption, rows, false)
}

fn lying(language: Language, caption: &Caption<'_>, stages: &Series, shares: bool) -> Markup {
    const ROW: f64 = 34.0;
    const BAR: f64 = 22.0;
    const NAME: f64 = 104.0;
    const NUMBER: f64 = 88.0;
    let points = &stages.points;
    let largest = points.iter().map(Point::drawn).fold(0.0, f64::max);
    let room = WIDTH - NAME - NUMBER;
    let width = |point: &Point| {
        if largest > 0.0 {
            at(room * point.drawn() / largest)
        } else {
            0.0
        }
    };
    let share = |index: usize| {
        let before = points.get(index.checked_sub(1)?)?.drawn();
        (shares && before > 0.0).then(|| (points[index].drawn() / before * 100.0).round())
    };
    let drawing = html! {
        g class="chart-1" { @for (index, point) in points.iter().enumerate() {
            @let top = ROW * index as f64 + (ROW - BAR) / 2.0;
            @let middle = at(top + BAR / 2.0 + 4.0);
            text class="value" x="0" y=(middle) { (point.label) }
            rect class="bar-track" x=(NAME) y=(top) width=(room) height=(BAR) rx="3" {}
            rect class="bar" x=(NAME) y=(top) width=(width(point)) height=(BAR) rx="3" { title { (point.label) ": " (point.text) } }
            text class="value" x=(WIDTH - NUMBER + 10.0) y=(middle) { (point.text) }
            @if let Some(share) = share(index) { text x=(WIDTH) y=(middle) text-anchor="end" { (share) "%" } }
        } }
    };
    let height = ROW * points.len().max(1) as f64;
    figure(
        language,
        caption,
        (WIDTH, height),
        &drawing,
        std::slice::from_ref(stages),
    )
}
