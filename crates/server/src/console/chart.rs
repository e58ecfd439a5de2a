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

/// One hour of a plan.
#[derive(Clone, Debug)]
pub(crate) struct StaffedHour {
    /// When, as the page says it.
    pub(crate) label: String,
    /// How many are needed; `None` if no number is enough.
    pub(crate) needed: Option<u32>,
    /// How many are planned, if anybody said.
    pub(crate) planned: Option<u32>,
    /// Whether these are too few.
    pub(crate) is_short: bool,
    /// The hour in a sentence.
    pub(crate) told: String,
}

/// Who is planned as bars, who is needed as a line of steps above or across them.
pub(crate) struct Staffed<'a> {
    /// What is shown.
    pub(crate) title: &'a str,
    /// How to read it.
    pub(crate) description: &'a str,
    /// From now on.
    pub(crate) hours: &'a [StaffedHour],
}

impl HtmlSafe for Bars<'_> {}
impl HtmlSafe for Staffed<'_> {}
impl HtmlSafe for Spark<'_> {}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 40.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;
/// The widest bar: a single one is no block.
const WIDEST: f64 = 64.0;

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

/// Where the bar of a slot begins, and how wide it is.
fn bar(index: usize, count: usize) -> (f64, f64) {
    let (x, each) = slot(index, count, WIDTH - LEFT);
    let width = (each * 0.76).min(WIDEST);
    (LEFT + x + (each - width) / 2.0, width)
}

/// So many labels stand side by side; a wide character takes the room of two.
fn labels_that_fit<'a>(labels: impl Iterator<Item = &'a str>) -> usize {
    let width = |it: &str| it.chars().map(|c| if c.is_ascii() { 6 } else { 12 }).sum::<usize>() + 12;
    (680 / labels.map(width).max().unwrap_or(1)).clamp(1, 8)
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

/// The beginning of a plot: its title, its description, and the lines of its scale.
fn begin(f: &mut fmt::Formatter<'_>, title: &str, description: &str, most: u64) -> fmt::Result {
    write!(f, "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>")?;
    write_escaped(f, title)?;
    f.write_str("</title><desc>")?;
    write_escaped(f, description)?;
    f.write_str("</desc>")?;
    for (part, value) in [(0.0, most), (0.5, most / 2), (1.0, 0)] {
        let y = TOP + (HEIGHT - BOTTOM - TOP) * part;
        write!(f, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")?;
        // Half of an odd number is no place for a whole one.
        if (value != 0 || part > 0.9) && !(part == 0.5 && most % 2 == 1) {
            write!(
                f,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
                LEFT - 8.0,
                y + 4.0
            )?;
        }
    }
    Ok(())
}

/// The end of a plot: as many labels of its scale of time as there is room for.
fn end<'a>(
    f: &mut fmt::Formatter<'_>,
    labels: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> fmt::Result {
    let count = labels.len();
    let fit = labels_that_fit(labels.clone());
    for (index, label) in labels.enumerate().step_by(count.div_ceil(fit).max(1)) {
        let (x, each) = slot(index, count, WIDTH - LEFT);
        write!(
            f,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">",
            LEFT + x + each / 2.0,
            HEIGHT - 6.0
        )?;
        write_escaped(f, label)?;
        f.write_str("</text>")?;
    }
    f.write_str("</svg>")
}

impl fmt::Display for Bars<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = ceiling(self.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1));
        let plot_height = HEIGHT - BOTTOM - TOP;
        begin(f, self.title, self.description, most)?;
        f.write_str("<g class=\"bars\">")?;
        for (index, it) in self.bars.iter().enumerate() {
            let (x, width) = bar(index, self.bars.len());
            let height = plot_height * ratio(it.count, most);
            write!(
                f,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\"><title>",
                TOP + plot_height - height,
            )?;
            write_escaped(f, &it.label)?;
            write!(f, ": {}</title></rect>", it.count)?;
        }
        f.write_str("</g>")?;
        end(f, self.bars.iter().map(|bar| bar.label.as_str()))
    }
}

impl fmt::Display for Staffed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let highest = self.hours.iter().flat_map(|it| [it.needed, it.planned]).flatten().max();
        let most = ceiling(u64::from(highest.unwrap_or(0)).max(2));
        let plot_height = HEIGHT - BOTTOM - TOP;
        let y = |count: u32| TOP + plot_height * (1.0 - ratio(u64::from(count), most));
        begin(f, self.title, self.description, most)?;
        f.write_str("<g class=\"bars\">")?;
        for (index, hour) in self.hours.iter().enumerate() {
            let (x, width) = bar(index, self.hours.len());
            // An hour for which nobody said anything keeps a hair line to point at.
            let top = hour.planned.map_or(TOP + plot_height - 1.0, y);
            let class = if hour.is_short { " class=\"short\"" } else { "" };
            write!(
                f,
                "<rect{class} x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" rx=\"2\"><title>",
                TOP + plot_height - top
            )?;
            write_escaped(f, &hour.told)?;
            f.write_str("</title></rect>")?;
            if hour.is_short {
                // Not by colour alone.
                let (middle, above) = (x + width / 2.0, y(hour.needed.unwrap_or(0)).max(TOP + 12.0) - 4.0);
                write!(
                    f,
                    "<text class=\"short\" x=\"{middle:.1}\" y=\"{above:.1}\" text-anchor=\"middle\">!</text>"
                )?;
            }
        }
        f.write_str("</g><path class=\"needed\" d=\"")?;
        let mut on_paper = false;
        for (index, hour) in self.hours.iter().enumerate() {
            let (x, each) = slot(index, self.hours.len(), WIDTH - LEFT);
            if let Some(needed) = hour.needed {
                let (step, from, to) = (if on_paper { 'L' } else { 'M' }, LEFT + x, LEFT + x + each);
                write!(f, "{step}{from:.1} {0:.1}L{to:.1} {0:.1}", y(needed))?;
            }
            on_paper = hour.needed.is_some();
        }
        f.write_str("\"/>")?;
        end(f, self.hours.iter().map(|it| it.label.as_str()))
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

    #[test]
    fn labels_that_are_long_are_fewer_and_a_single_bar_is_no_block() {
        let drawn = |label: &str, count| {
            let bars = vec![Bar { label: label.into(), count: 3 }; count];
            Bars { title: "", description: "", bars: &bars }.to_string()
        };
        let labels = |label: &str, count| drawn(label, count).matches("text-anchor=\"middle\"").count();
        assert_eq!((labels("2026-11", 24), labels("2026-10 to 2026-11", 24)), (8, 5));
        assert_eq!((labels("2026-10 至 2026-11", 24), labels("2026-11", 1)), (5, 1));
        assert!(drawn("2026-11", 1).contains(" width=\"64.0\""));
    }

    #[test]
    fn a_plan_marks_the_hours_that_are_short_not_by_colour_alone() {
        let hour = |needed, planned, is_short| StaffedHour {
            label: "19:00".into(),
            needed,
            planned,
            is_short,
            told: "<19:00>".into(),
        };
        let hours = [hour(Some(2), Some(4), false), hour(Some(6), Some(4), true), hour(None, None, false)];
        let svg = Staffed { title: "Plan", description: "24 hours", hours: &hours }.to_string();
        assert_eq!(svg.matches("class=\"short\"").count(), 2, "a bar and a mark");
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("class=\"needed\"") && svg.contains("&lt;19:00&gt;") && !svg.contains("style="));
        assert!(!Staffed { title: "", description: "", hours: &[] }.to_string().contains("NaN"));
    }
}
