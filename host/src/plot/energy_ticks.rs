//! Joules of a sample, tick by tick.

use super::style::*;
use super::{PlotError, rows};
use crate::energy::units::si;
use crate::energy::{Bill, PriceTable};
use crate::trace::Trace;
use plotters::prelude::*;

const HEIGHT: u32 = 270;

/// The joules of every tick of a trace by this table, stacked by groups of counters.
///
/// Only counters that are a function of image and input are priced: the host reads the ledger after every tick of a
/// trace, and what depends on when its bytes come is another in a run.
pub fn energy_ticks(trace: &Trace, table: &PriceTable, sheet: Sheet) -> Result<String, PlotError> {
    if trace.ticks.is_empty() {
        return Err(PlotError::Empty("the trace has no ticks"));
    }
    let bill = |tick: &crate::trace::TraceTick| Bill::of(&tick.ledger.activity(), &trace.cores, 1, table);
    let bills = trace.ticks.iter().map(bill).collect::<Result<Vec<_>, _>>()?;
    let priced = |name: &String| bills[0].group(name).is_some();
    let groups: Vec<String> = bills[0].groups.iter().map(|part| part.name.clone()).filter(priced).collect();
    let joules = |bill: &Bill, group: &String| bill.group(group).map_or(0.0, |estimate| estimate.joules);
    let values: Vec<Vec<f64>> =
        groups.iter().map(|group| bills.iter().map(|bill| joules(bill, group)).collect()).collect();
    let entry = |(group, values): (&String, &Vec<f64>)| {
        (group_color(group), format!("{group}, {} in all", si(values.iter().sum(), "J")))
    };
    let entries: Vec<(RGBColor, String)> = groups.iter().zip(&values).map(entry).collect();
    let title = format!("{} on {}: joules of sample {}, by tick", trace.network, trace.config, trace.sample);
    let subtitle = format!(
        "estimates by prices `{}` ({}); activity counters, exact, times the price",
        table.name,
        bills[0].evidence(bills[0].total.grade)
    );
    let key = rows::key_height(sheet, &entries) + 8;
    let mut svg = String::new();
    {
        let area = sheet.begin(&mut svg, sheet.top() + key + HEIGHT, &title, &subtitle)?;
        let (above, below) = area.split_vertically(key);
        rows::key(&above, sheet, 0, &entries)?;
        stacks(&below, &groups, &values)?;
        area.present()?;
    }
    Ok(svg)
}

/// Stacked bars: for each group a value in each tick.
fn stacks<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    groups: &[String],
    values: &[Vec<f64>],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let ticks = values.first().map_or(0, Vec::len);
    let stack = |tick: usize, upto: usize| values[..upto].iter().map(|values| values[tick]).sum::<f64>();
    let highest = (0..ticks).map(|tick| stack(tick, groups.len())).fold(f64::MIN_POSITIVE, f64::max);
    let width = area.dim_in_pixel().0;
    let mut chart = ChartBuilder::on(area)
        .margin_top(6)
        .margin_right(8)
        .set_label_area_size(LabelAreaPosition::Left, 66)
        .set_label_area_size(LabelAreaPosition::Bottom, 42)
        .build_cartesian_2d(-0.6..ticks as f64 - 0.4, 0.0..highest * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(ticks.min(width as usize / 40))
        .y_labels(5)
        .x_label_formatter(&whole)
        .y_label_formatter(&|joules| short(*joules))
        .x_desc("tick")
        .label_style(font(TEXT, &INK))
        .axis_desc_style(font(TEXT, &FAINT))
        .draw()?;
    for (number, group) in groups.iter().enumerate() {
        let color = group_color(group);
        let bar = |tick: usize| {
            let x = tick as f64;
            Rectangle::new([(x - 0.4, stack(tick, number)), (x + 0.4, stack(tick, number + 1))], color.filled())
        };
        chart.draw_series((0..ticks).filter(|&tick| values[number][tick] > 0.0).map(bar))?;
    }
    Ok(())
}

/// Joules at an axis: no more digits than they have.
pub(super) fn short(joules: f64) -> String {
    let text = si(joules, "J");
    match text.split_once(' ') {
        Some((digits, unit)) if digits.contains('.') && !digits.contains('e') => {
            format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}
