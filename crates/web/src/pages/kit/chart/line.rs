//! Lines: a chart of one or more, and one without any words for a tile.

use super::{Caption, Point, Series, at, ceiling, color, figure};
use crate::pages::language::Language;
use maud::{Markup, html};
use std::fmt::Write as _;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 190.0;
const FOOT: f64 = 22.0;
const HEAD: f64 = 18.0;
const SIDE: f64 = 16.0;

/// Lines over labels; a single one has its area filled.
pub fn line(language: Language, caption: &Caption<'_>, lines: &[Series]) -> Markup {
    let values = lines.iter().flat_map(|series| &series.points);
    let top = ceiling(values.map(Point::drawn).fold(0.0, f64::max));
    let labels = lines.first().map_or(&[][..], |series| &series.points);
    let foot = HEIGHT - FOOT;
    let step = (WIDTH - 2.0 * SIDE) / labels.len().saturating_sub(1).max(1) as f64;
    let x = |index: usize| at(SIDE + step * index as f64);
    let y = |value: f64| at(HEAD + (foot - HEAD) * (1.0 - value / top));
    // Words that touch are not read: some are left out when there are many.
    let every = labels.len().div_ceil(12).max(1);
    let drawing = html! {
        @for part in 0..=4 {
            @let line = at(HEAD + (foot - HEAD) * f64::from(part) / 4.0);
            line class=(if part == 4 { "axis" } else { "grid-line" }) x1="0" x2=(WIDTH) y1=(line) y2=(line) {}
        }
        @for (index, series) in lines.iter().enumerate() {
            @let places: Vec<_> = series.points.iter().enumerate().map(|(i, p)| (x(i), y(p.drawn()))).collect();
            g class=(color(index)) {
                @if let ([_], [(first, _), .., (last, _)]) = (lines, places.as_slice()) {
                    path class="area" d={ (path(&places)) "L" (last) " " (foot) "L" (first) " " (foot) "Z" } {}
                }
                path class="line" d=(path(&places)) {}
                @for (point, (x, y)) in series.points.iter().zip(&places) {
                    circle class="dot" cx=(x) cy=(y) r="3" { title { (point.label) ": " (point.text) } }
                }
            }
        }
        @for (index, point) in labels.iter().enumerate().step_by(every) {
            text x=(x(index)) y=(HEIGHT - 6.0) text-anchor="middle" { (point.label) }
        }
    };
    figure(language, caption, (WIDTH, HEIGHT), &drawing, lines)
}

/// The course of a number, without words: what it means stands beside it.
pub fn sparkline(title: &str, values: &[f64]) -> Markup {
    let values: Vec<_> = values
        .iter()
        .map(|v| Point::new("", *v, "").drawn())
        .collect();
    let largest = values.iter().copied().fold(0.0, f64::max).max(1e-9);
    let step = 100.0 / values.len().saturating_sub(1).max(1) as f64;
    let place = |(index, value): (usize, &f64)| {
        (at(step * index as f64), at(22.0 - 20.0 * value / largest))
    };
    let places: Vec<_> = values.iter().enumerate().map(place).collect();
    html! {
        svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=(title) {
            @if let [(first, _), .., (last, _)] = places.as_slice() {
                path class="area" d={ (path(&places)) "L" (last) " 24L" (first) " 24Z" } {}
                path class="line" d=(path(&places)) {}
            }
        }
    }
}

fn path(places: &[(f64, f64)]) -> String {
    let mut text = String::new();
    for (index, (x, y)) in places.iter().enumerate() {
        let _ = write!(text, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
    }
    text
}
