//! How a run looks in a terminal of any size.

use super::state::{State, Sums};
use crate::energy::units::si;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

/// Columns below which panels stand below each other.
const TWO_COLUMNS: u16 = 64;
const KEYS: &str = "q quit  p pause  - slower  + faster";

/// Draws the whole screen: a function of the state and the size alone.
pub fn draw(frame: &mut Frame, state: &State) {
    let rows = |height| Constraint::Length(height);
    let [title, rest, keys] = Layout::vertical([rows(1), Constraint::Fill(1), rows(1)]).areas(frame.area());
    frame.render_widget(heading(state, title.width), title);
    frame.render_widget(Line::from(KEYS).dim(), keys);
    let (rates, energy, raster, cores) = if rest.width >= TWO_COLUMNS {
        let height = energy_height(state).max(8);
        let [above, below] = Layout::vertical([rows(height), Constraint::Fill(1)]).areas(rest);
        let [rates, energy] = Layout::horizontal([Constraint::Length(30), Constraint::Fill(1)]).areas(above);
        let [raster, cores] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(34)]).areas(below);
        (rates, energy, raster, cores)
    } else {
        // Panels without sides and bottom leave their lines to what is in them.
        let heights = [rows(4), rows(energy_height(state) - 1), Constraint::Fill(1), rows(0)];
        let [rates, energy, raster, cores] = Layout::vertical(heights).areas(rest);
        (rates, energy, raster, cores)
    };
    show_rates(frame, rates, state);
    show_energy(frame, energy, state);
    show_raster(frame, raster, state);
    show_cores(frame, cores, state);
}

fn heading(state: &State, width: u16) -> Line<'static> {
    let status = match (&state.end, state.paused, state.limit) {
        (Some(mismatches), ..) if mismatches.total() > 0 => format!("{} MISMATCHES", mismatches.total()),
        (Some(_), ..) => "done, 0 mismatches".into(),
        (_, true, _) => "paused".into(),
        (.., Some(limit)) => format!("at most {limit} samples/s"),
        _ => "running".into(),
    };
    let about = &state.about;
    let mut name = format!("{} on {}, port {}", about.network, about.config, about.port);
    let room = (width as usize).saturating_sub(status.chars().count() + 2);
    if name.chars().count() > room {
        name = name.chars().take(room.saturating_sub(1)).chain(['…']).collect();
    }
    let gap = " ".repeat(room.saturating_sub(name.chars().count()) + 2);
    let wrong = state.end.as_ref().is_some_and(|mismatches| mismatches.total() > 0);
    let status = if wrong { Span::from(status).red().bold() } else { Span::from(status).bold() };
    Line::from(vec![Span::from(name).bold(), Span::from(gap), status])
}

fn show_rates(frame: &mut Frame, area: Rect, state: &State) {
    let rate = |of: fn(&Sums) -> u64| state.rate(of).map_or("-".into(), |rate| format!("{}/s", short(rate)));
    let of = match state.about.samples {
        Some(all) => format!("{} of {all}", state.sums.samples),
        None => state.sums.samples.to_string(),
    };
    let accuracy = state.accuracy().map_or("-".into(), |share| format!("{:.2} %", 100.0 * share));
    let lines = [
        ("samples", of),
        ("accuracy", accuracy),
        ("samples", rate(|sums| sums.samples)),
        ("ticks", rate(|sums| sums.ticks)),
        ("spikes in", rate(|sums| sums.spikes_in)),
        ("spikes out", rate(|sums| sums.spikes_out)),
        ("link bytes", rate(|sums| sums.link_bytes)),
    ];
    let block = panel(frame).title("rates");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    // Where there are few lines two go into each.
    let columns = if (inner.height as usize) < lines.len() - 1 && inner.width >= 36 { 2 } else { 1 };
    let width = inner.width as usize / columns;
    let line = |pair: &[(&str, String)]| {
        let cell = |(name, value): &(&str, String)| {
            let room = width.saturating_sub(name.len() + 1);
            Span::from(format!("{name}{value:>room$} "))
        };
        Line::from(pair.iter().map(cell).collect::<Vec<_>>())
    };
    let shown = if columns == 2 { &lines[1..] } else { &lines[..] };
    frame.render_widget(Paragraph::new(shown.chunks(columns).map(line).collect::<Vec<_>>()), inner);
}

/// A frame around a panel; on a narrow screen a line above it.
fn panel(frame: &Frame) -> Block<'static> {
    Block::new().borders(if frame.area().width >= TWO_COLUMNS { Borders::ALL } else { Borders::TOP })
}

/// Rows of the panel: a group each, the total, and the frame.
fn energy_height(state: &State) -> u16 {
    let groups = state.bill.as_ref().map_or(3, |bill| bill.groups.len());
    (groups + 3) as u16
}

fn show_energy(frame: &mut Frame, area: Rect, state: &State) {
    let prices = &state.about.prices.name;
    let Some(bill) = &state.bill else {
        let what = if state.ledger.is_some() { "these prices are for none of its counters" } else { "no ledger yet" };
        let block = panel(frame).title(format!("joules by {prices}"));
        frame.render_widget(Paragraph::new(what).block(block), area);
        return;
    };
    let title = format!("joules by {prices} ({})", bill.evidence(bill.total.grade));
    let block = panel(frame).title(title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let bar = (inner.width as usize).saturating_sub(27);
    let row = |name: &str, joules: Option<f64>| {
        let value = joules.map_or("not priced".into(), |joules| si(joules, "J"));
        let share = joules.map_or(0.0, |joules| joules / bill.total.joules.max(f64::MIN_POSITIVE));
        let bar = "█".repeat((bar as f64 * share.min(1.0)).round() as usize);
        Line::from(vec![Span::from(format!("{name:<14}{value:>11} ")), Span::styled(bar, group_style(name))])
    };
    let mut lines: Vec<Line> =
        bill.groups.iter().map(|part| row(&part.name, part.estimate.map(|estimate| estimate.joules))).collect();
    lines.push(Line::from(format!("{:<14}{:>11}", "total", si(bill.total.joules, "J"))).bold());
    frame.render_widget(Paragraph::new(lines), inner);
}

fn group_style(group: &str) -> Style {
    Style::new().fg(match group {
        "communication" => Color::Yellow,
        "computation" => Color::Blue,
        "learning" => Color::Green,
        _ => Color::DarkGray,
    })
}

fn show_raster(frame: &mut Frame, area: Rect, state: &State) {
    let block = panel(frame).title("output spikes by class, last ticks");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let classes = state.about.outputs.len();
    let label = classes.saturating_sub(1).to_string().len();
    let ticks = (inner.width as usize).saturating_sub(label + 1).min(state.raster.len());
    let last = || state.raster.iter().skip(state.raster.len() - ticks);
    let row = |class: usize| {
        let marks: String = last().map(|tick| if tick.contains(&class) { '▪' } else { '·' }).collect();
        Line::from(vec![Span::from(format!("{class:>label$} ")).dim(), Span::from(marks)])
    };
    frame.render_widget(Paragraph::new((0..classes).map(row).collect::<Vec<_>>()), inner);
}

fn show_cores(frame: &mut Frame, area: Rect, state: &State) {
    if area.width == 0 || area.height < 3 {
        return;
    }
    let block = panel(frame).title("synaptic operations by core");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(ledger) = &state.ledger else { return };
    let count = |core: &std::collections::BTreeMap<String, u64>| core.get("synaptic_operations").copied().unwrap_or(0);
    let most = ledger.cores.iter().map(count).max().unwrap_or(0).max(1);
    let room = (inner.width as usize).saturating_sub(13);
    let row = |(number, core): (usize, &std::collections::BTreeMap<String, u64>)| {
        let bar = "█".repeat((room as f64 * count(core) as f64 / most as f64).round() as usize);
        let text = format!("{number:>2} {:>9} ", short(count(core) as f64));
        Line::from(vec![Span::from(text), Span::styled(bar, group_style("computation"))])
    };
    frame.render_widget(Paragraph::new(ledger.cores.iter().enumerate().map(row).collect::<Vec<_>>()), inner);
}

/// A number with a prefix, as short as it gets.
fn short(value: f64) -> String {
    match value {
        value if value < 1e3 => format!("{value:.1}"),
        value if value < 1e6 => format!("{:.1} k", value / 1e3),
        value if value < 1e9 => format!("{:.1} M", value / 1e6),
        value => format!("{:.1} G", value / 1e9),
    }
}
