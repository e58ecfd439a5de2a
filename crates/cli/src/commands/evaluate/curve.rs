//! Recall over false alarms, drawn.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

use super::Judged;
use super::cases::Label;
use super::report::genuine_scores;

/// The smallest share of false alarms that is drawn.
const LEAST: f64 = 1e-4;

/// For each threshold the share of false alarms and of scams caught.
fn points(genuine: &[u32], scams: &[u32]) -> Vec<(f64, f64)> {
    let mut cuts: Vec<u32> = genuine.iter().chain(scams).copied().filter(|it| *it > 0).collect();
    cuts.sort_unstable_by(|a, b| b.cmp(a));
    cuts.dedup();
    let share =
        |all: &[u32], cut: u32| all.iter().filter(|it| **it >= cut).count() as f64 / all.len().max(1) as f64;
    cuts.iter().map(|cut| (share(genuine, *cut).max(LEAST), share(scams, *cut))).collect()
}

/// Sets with fewer scams are not drawn: each case would be a step of its own.
const FEWEST: usize = 25;

/// Draws a line for each source and language that has scams enough.
pub(crate) fn draw(file: &Path, judged: &[Judged], genuine: &[String]) -> anyhow::Result<()> {
    let genuine = genuine_scores(judged, genuine);
    let mut sets: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
    for it in judged.iter().filter(|it| it.label == Label::Scam) {
        sets.entry((&it.source, &it.language)).or_default().push(it.score);
    }
    sets.retain(|_, scams| scams.len() >= FEWEST);
    let area = SVGBackend::new(file, (900, 560)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Recall over false alarms", ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d((LEAST..1.0).log_scale(), 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("share of genuine text that is alarmed")
        .y_desc("share of scams caught")
        .x_label_formatter(&|it| format!("{} %", 100.0 * it))
        .y_label_formatter(&|it| format!("{:.0} %", 100.0 * it))
        .draw()?;
    for (nth, ((source, language), scams)) in sets.iter().enumerate() {
        let colour = Palette99::pick(nth).to_rgba();
        let line = LineSeries::new(points(&genuine, scams), colour.stroke_width(2));
        chart
            .draw_series(line)?
            .label(format!("{source}, {language} ({})", scams.len()))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    area.present().map_err(|cause| anyhow!("cannot write {}: {cause}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_rises_with_the_alarms_that_are_allowed() {
        let points = points(&[50, 0, 0, 0], &[90, 50, 20]);
        assert_eq!(points.len(), 3);
        assert!(points.windows(2).all(|it| it[0].0 <= it[1].0 && it[0].1 <= it[1].1), "{points:?}");
        assert_eq!(points[0], (LEAST, 1.0 / 3.0));
        assert_eq!(points[2], (0.25, 1.0));
    }
}
