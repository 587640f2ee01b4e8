//! Charts, drawn here as SVG: no script draws them, and a table with the same numbers stands beside each.
//! Colours are classes (`chart-1` to `chart-4`), sizes are attributes: the policy allows no inline style.

mod bars;
mod line;

pub use bars::{bars, funnel, rows};
pub use line::{line, sparkline};

use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// A value of a chart.
#[derive(Debug, Clone)]
pub struct Point {
    /// What it is of: a month, a stage, a person.
    pub label: String,
    /// How much, for the drawing.
    pub value: f64,
    /// How much, for people.
    pub text: String,
}

impl Point {
    /// One.
    pub fn new(label: impl Into<String>, value: f64, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value,
            text: text.into(),
        }
    }

    /// Never what SVG can't draw.
    fn drawn(&self) -> f64 {
        if self.value.is_finite() {
            self.value.max(0.0)
        } else {
            0.0
        }
    }
}

/// Values of one kind, in a colour.
#[derive(Debug, Clone)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// They, one a label of the chart.
    pub points: Vec<Point>,
}

/// What a chart is about.
#[derive(Debug, Clone)]
pub struct Caption<'a> {
    /// Its id, unlike any other's on the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What is to be seen in it, in a sentence.
    pub description: &'a str,
    /// What the labels are, as the head of the table's first column.
    pub of: &'a str,
}

/// The drawing with its names, and the table beside it.
fn figure(
    language: Language,
    caption: &Caption<'_>,
    size: (f64, f64),
    drawing: &Markup,
    series: &[Series],
) -> Markup {
    let labels = series.first().map_or(&[][..], |series| &series.points);
    html! {
        figure class="chart" {
            svg viewBox={ "0 0 " (size.0) " " (size.1) } role="img" aria-labelledby={ (caption.id) "-title " (caption.id) "-desc" } {
                title id={ (caption.id) "-title" } { (caption.title) }
                desc id={ (caption.id) "-desc" } { (caption.description) }
                (drawing)
            }
            @if series.len() > 1 { (legend(series)) }
            details class="chart-data" {
                summary { (words::SEE_DATA.in_(language)) span class="visually-hidden" { ": " (caption.title) } }
                table class="table table-keep" {
                    thead { tr { th scope="col" { (caption.of) } @for series in series { th scope="col" class="numeric" { (series.name) } } } }
                    tbody { @for (index, point) in labels.iter().enumerate() {
                        tr {
                            th scope="row" { (point.label) }
                            @for series in series { td class="numeric" { @if let Some(point) = series.points.get(index) { (point.text) } } }
                        }
                    } }
                }
            }
        }
    }
}

fn legend(series: &[Series]) -> Markup {
    html! {
        ul class="legend" aria-hidden="true" {
            @for (index, series) in series.iter().enumerate() {
                li { svg class=(color(index)) viewBox="0 0 10 10" { rect width="10" height="10" rx="2" {} } (series.name) }
            }
        }
    }
}

fn color(index: usize) -> &'static str {
    ["chart-1", "chart-2", "chart-3", "chart-4"][index % 4]
}

/// A round number at or above the largest value, so that lines of the grid stand at round numbers.
fn ceiling(largest: f64) -> f64 {
    if largest <= 0.0 || !largest.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(largest.log10().floor());
    let step = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let factor = step.into_iter().find(|step| step * power >= largest);
    factor.unwrap_or(10.0) * power
}

/// A coordinate with one place: more is weight without a difference.
fn at(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'static> = Caption {
        id: "c",
        title: "<Ganhos>",
        description: "Sobe.",
        of: "Mês",
    };

    fn series(values: &[f64]) -> Series {
        let points = values.iter().map(|v| Point::new("<m>", *v, "<n>"));
        Series {
            name: "<Valor>".to_owned(),
            points: points.collect(),
        }
    }

    #[test]
    fn ceilings_are_round_and_above() {
        for (largest, expected) in [
            (0.0, 1.0),
            (7.0, 8.0),
            (10.0, 10.0),
            (11.0, 15.0),
            (99_000.0, 100_000.0),
        ] {
            assert_eq!(ceiling(largest), expected);
        }
        assert_eq!(ceiling(f64::NAN), 1.0);
    }

    /// Whatever the numbers are, what is drawn is drawable, named, escaped and told again in a table.
    #[test]
    fn every_chart_has_names_and_a_table() {
        for values in [
            &[][..],
            &[0.0],
            &[f64::NAN, 1.0],
            &[f64::INFINITY, -4.0, 3.0],
            &[1.0, 2.0, 3.0],
        ] {
            let pt = Language::Portuguese;
            for chart in [
                bars(
                    pt,
                    &CAPTION,
                    &[series(values), series(values)],
                    Some((2.0, "Meta")),
                ),
                line(pt, &CAPTION, &[series(values)]),
                funnel(pt, &CAPTION, &series(values)),
            ] {
                let text = chart.0;
                assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
                assert!(text.contains("role=\"img\" aria-labelledby=\"c-title c-desc\""));
                assert!(text.contains("<title id=\"c-title\">&lt;Ganhos&gt;</title>"));
                assert!(
                    text.contains("<table") && !text.contains("<m>") && !text.contains("style=")
                );
            }
            assert!(!sparkline("x", values).0.contains("NaN"));
        }
    }
}
