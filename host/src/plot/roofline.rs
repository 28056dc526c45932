//! Synaptic operations per clock against events per tick.

use super::PlotError;
use super::style::*;
use crate::bench::measure::{ArrayReport, ConfigReport, Measurement};
use plotters::prelude::*;

const HEIGHT: u32 = 460;
/// The legend at the right.
const LEGEND: u32 = 240;
const COLORS: [RGBColor; 6] = [NEURON, OUTPUT, COLD[2], WARM[4], WARM[1], COLD[1]];

/// Each configuration's random networks: whole ticks as filled dots, integration alone as rings, the peak as a dashed line.
pub fn roofline(report: &ArrayReport) -> Result<String, PlotError> {
    let measured: Vec<&ConfigReport> =
        report.configurations.iter().filter(|config| !config.roofline.is_empty()).collect();
    if measured.is_empty() {
        return Err(PlotError::Empty("no random networks were measured"));
    }
    let points = |of: fn(&Measurement) -> f64| {
        measured.iter().flat_map(|config| &config.roofline).map(of).filter(|value| *value > 0.0).collect::<Vec<_>>()
    };
    let events = points(Measurement::events_per_core);
    let rates = points(Measurement::over_ticks);
    let (least, most) = (rates.iter().copied().fold(f64::MAX, f64::min), events.iter().copied().fold(1.0, f64::max));
    let highest = measured.iter().map(|config| config.lanes as f64).fold(1.0, f64::max);

    let mut svg = String::new();
    {
        let subtitle = "random networks, RTL in simulation; dots: whole ticks; rings: from the first event of a tick to the last; dashed: one operation in every lane";
        let title = "Synaptic operations per clock";
        let area = page(SVGBackend::with_string(&mut svg, (WIDTH, TITLE_HEIGHT + HEIGHT)), title, subtitle)?;
        let mut chart = ChartBuilder::on(&area)
            .margin_top(12)
            .margin_left(14)
            .margin_right(LEGEND)
            .set_label_area_size(LabelAreaPosition::Left, 74)
            .set_label_area_size(LabelAreaPosition::Bottom, 46)
            .build_cartesian_2d(
                (0.85..most * 1.2).log_scale().base(2.0),
                (least.min(highest / 2.0) * 0.7..highest * 1.6).log_scale(),
            )?;
        chart
            .configure_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(GRID)
            .x_label_formatter(&|v| count(*v))
            .y_label_formatter(&|v| if *v < 10.0 { format!("{v}") } else { count(*v) })
            .x_desc("events in every core and tick")
            .y_desc("synaptic operations per clock")
            .label_style(font(12, &INK))
            .axis_desc_style(font(12, &FAINT))
            .draw()?;
        for (config, color) in measured.iter().zip(COLORS.iter().cycle()) {
            let peak = config.peak() as f64;
            chart.draw_series(DashedLineSeries::new(
                [(0.85, peak), (most * 1.2, peak)],
                5,
                4,
                color.stroke_width(1),
            ))?;
            let line = |rate: fn(&Measurement) -> f64| {
                config.roofline.iter().map(move |m| (m.events_per_core(), rate(m))).filter(|point| point.1 > 0.0)
            };
            chart.draw_series(LineSeries::new(line(Measurement::over_ticks), color.stroke_width(2)))?;
            chart.draw_series(line(Measurement::over_ticks).map(|point| Circle::new(point, 4, color.filled())))?;
            chart.draw_series(line(Measurement::integrating).map(|point| Circle::new(point, 4, color)))?;
        }
        let left = (WIDTH - LEGEND) as i32 + 20;
        for (number, (config, color)) in measured.iter().zip(COLORS.iter().cycle()).enumerate() {
            let y = 20 + 40 * number as i32;
            area.draw(&Rectangle::new([(left, y), (left + 11, y + 11)], color.filled()))?;
            area.draw(&Text::new(config.config.clone(), (left + 18, y - 2), font(13, &INK)))?;
            let best = config.roofline.iter().map(Measurement::over_ticks).fold(0.0, f64::max);
            let text =
                format!("peak {}, up to {:.0} % in ticks", config.peak(), 100.0 * best / config.peak().max(1) as f64);
            area.draw(&Text::new(text, (left + 18, y + 15), font(11, &FAINT)))?;
        }
        area.present()?;
    }
    Ok(svg)
}
