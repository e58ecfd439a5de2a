//! Draws bars over time as SVG that takes its colours from the style sheet, so that it is
//! right in the dark and in the light and needs no inline style.
//!
//! Every chart has a title and a description; the page shows the same numbers as a table.

use std::fmt::{self, Write};

use askama::filters::HtmlSafe;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// When, as the page says it.
    pub(crate) label: String,
    /// How many.
    pub(crate) count: u64,
}

/// Bars over time with a scale.
pub(crate) struct Bars<'a> {
    /// What is counted.
    pub(crate) title: &'a str,
    /// The numbers in a sentence.
    pub(crate) description: &'a str,
    /// From the oldest to the newest.
    pub(crate) bars: &'a [Bar],
}

/// The same as a thumbnail without words.
pub(crate) struct Spark<'a> {
    /// What is counted, for readers of the page's text.
    pub(crate) title: &'a str,
    /// From the oldest to the newest.
    pub(crate) counts: &'a [u64],
}

impl HtmlSafe for Bars<'_> {}
impl HtmlSafe for Spark<'_> {}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 40.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;

/// The smallest of 1, 2, 5, 10, 20, 50, … that is not below `most`.
fn ceiling(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 5] {
            if unit.saturating_mul(step) >= most {
                return unit.saturating_mul(step);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a pixel is coarser than 2^52")]
fn ratio(count: u64, most: u64) -> f64 {
    if most == 0 { 0.0 } else { count as f64 / most as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "there are a few dozen bars")]
fn slot(index: usize, count: usize, width: f64) -> (f64, f64) {
    let each = width / count.max(1) as f64;
    (index as f64 * each, each)
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => f.write_str("&amp;")?,
            '<' => f.write_str("&lt;")?,
            '>' => f.write_str("&gt;")?,
            '"' => f.write_str("&quot;")?,
            _ => f.write_char(c)?,
        }
    }
    Ok(())
}

impl fmt::Display for Bars<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = ceiling(self.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1));
        let (plot_width, plot_height) = (WIDTH - LEFT, HEIGHT - BOTTOM - TOP);
        write!(f, "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>")?;
        write_escaped(f, self.title)?;
        f.write_str("</title><desc>")?;
        write_escaped(f, self.description)?;
        f.write_str("</desc>")?;
        for (part, value) in [(0.0, most), (0.5, most / 2), (1.0, 0)] {
            let y = TOP + plot_height * part;
            write!(f, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")?;
            if value != 0 || part > 0.9 {
                write!(
                    f,
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
                    LEFT - 8.0,
                    y + 4.0
                )?;
            }
        }
        f.write_str("<g class=\"bars\">")?;
        for (index, bar) in self.bars.iter().enumerate() {
            let (x, each) = slot(index, self.bars.len(), plot_width);
            let height = plot_height * ratio(bar.count, most);
            write!(
                f,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"2\"><title>",
                LEFT + x + each * 0.12,
                TOP + plot_height - height,
                each * 0.76
            )?;
            write_escaped(f, &bar.label)?;
            write!(f, ": {}</title></rect>", bar.count)?;
        }
        f.write_str("</g>")?;
        let every = self.bars.len().div_ceil(8).max(1);
        for (index, bar) in self.bars.iter().enumerate().step_by(every) {
            let (x, each) = slot(index, self.bars.len(), plot_width);
            write!(
                f,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">",
                LEFT + x + each / 2.0,
                HEIGHT - 6.0
            )?;
            write_escaped(f, &bar.label)?;
            f.write_str("</text>")?;
        }
        f.write_str("</svg>")
    }
}

impl fmt::Display for Spark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        f.write_str("<svg class=\"spark\" viewBox=\"0 0 132 28\" role=\"img\"><title>")?;
        write_escaped(f, self.title)?;
        f.write_str("</title>")?;
        for (index, count) in self.counts.iter().enumerate() {
            let (x, each) = slot(index, self.counts.len(), 132.0);
            // A day without hits keeps a hair line, so that the time scale stays visible.
            let height = (26.0 * ratio(*count, most)).max(1.0);
            let (y, width) = (27.0 - height, each * 0.72);
            write!(
                f,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1\"/>"
            )?;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_on_a_round_number_above_the_highest_bar() {
        for (most, end) in [(0, 1), (1, 1), (3, 5), (5, 5), (6, 10), (101, 200), (4_999, 5_000)] {
            assert_eq!(ceiling(most), end);
        }
    }

    #[test]
    fn a_chart_names_itself_and_escapes_what_it_is_told() {
        let bars = [Bar { label: "<b>".into(), count: 3 }, Bar { label: "11-21".into(), count: 0 }];
        let svg = Bars { title: "Hits & more", description: "\"3\"", bars: &bars }.to_string();
        assert!(svg.contains("<title>Hits &amp; more</title><desc>&quot;3&quot;</desc>"));
        assert!(svg.contains("&lt;b&gt;: 3") && !svg.contains("<b>"));
        assert!(!svg.contains("style="), "an inline style would break the content security policy");
        assert!(!Bars { title: "", description: "", bars: &[] }.to_string().contains("NaN"));
        assert!(!Spark { title: "", counts: &[0, 0] }.to_string().contains("NaN"));
    }
}
