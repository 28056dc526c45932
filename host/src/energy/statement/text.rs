//! A statement as text.

use super::{Figures, Statement};
use crate::energy::bill::{Bill, Estimate, Part};
use crate::energy::counters;
use crate::energy::range::Span;
use crate::energy::units::{Amounts, digits, si};
use nernst_spec::ledger::Class;
use std::fmt::{self, Display, Formatter};

/// A unit to show energy in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Joule,
    /// Molecules of ATP.
    Atp,
    /// Multiples of kT ln 2.
    Landauer,
    /// Grams of CO2.
    Co2,
}

impl Unit {
    /// The amount in this unit; `None` without the grid's emissions.
    fn show(self, amounts: &Amounts) -> Option<String> {
        Some(match self {
            Unit::Joule => si(amounts.joules, "J"),
            Unit::Atp => format!("{} ATP", digits(amounts.atp)),
            Unit::Landauer => format!("{} kT ln 2", digits(amounts.landauer)),
            Unit::Co2 => format!("{} CO2", si(amounts.co2_grams?, "g")),
        })
    }
}

/// How a statement is shown.
pub struct Text<'a> {
    pub statement: &'a Statement,
    /// Of totals and lines, first to last.
    pub units: &'a [Unit],
}

impl Text<'_> {
    /// Joules in every unit asked for, with a grade behind them.
    fn graded(&self, bill: &Bill, estimate: &Estimate) -> String {
        format!("{} ({})", self.amount(estimate.joules), bill.evidence(estimate.grade))
    }

    fn amount(&self, joules: f64) -> String {
        let amounts = self.statement.conditions.amounts(joules);
        self.units.iter().filter_map(|unit| unit.show(&amounts)).collect::<Vec<_>>().join(" = ")
    }

    fn bill(&self, f: &mut Formatter, bill: &Bill, figures: &Figures) -> fmt::Result {
        writeln!(f, "prices `{}`: {} ({})", bill.prices, bill.title, bill.scope)?;
        if let Some(device) = &bill.device {
            writeln!(f, "  what the same counts would take of {device}; nothing of it was measured on this array")?;
        }
        for (key, value) in bill.fit.iter().flatten() {
            match value {
                toml::Value::Table(table) => {
                    table.iter().try_for_each(|(name, value)| writeln!(f, "  fit: {key}.{name} = {value}"))?;
                }
                value => writeln!(f, "  fit: {key} = {value}")?,
            }
        }
        for group in &bill.groups {
            let lines = || bill.lines.iter().filter(|line| line.group == group.name);
            let Some(sum) = &group.estimate else { continue };
            writeln!(f, "  {:<42}{}", group.name, self.graded(bill, sum))?;
            for line in lines() {
                let error = line.estimate.standard_error.map_or(String::new(), |e| format!(" +- {}", si(e, "J")));
                writeln!(
                    f,
                    "    {:<22}{:>18}{}{error}",
                    line.counter,
                    line.count,
                    indent(&self.graded(bill, &line.estimate))
                )?;
            }
        }
        writeln!(f, "  {:<42}{}", "total", self.graded(bill, &bill.total))?;
        let evidence = bill.evidence(figures.grade);
        writeln!(f, "  {:<42}{} ({evidence})", "a sample", self.amount(figures.sample.joules))?;
        let used = |part: &Part| {
            Some(format!("{} {}", part.name, self.graded(bill, &part.estimate.filter(|e| e.joules > 0.0)?)))
        };
        let places: Vec<String> = bill.places.iter().filter_map(used).collect();
        writeln!(f, "  by place: {}", places.join(", "))?;
        if !bill.unpriced.is_empty() {
            let names: Vec<String> = bill.unpriced.iter().map(|u| format!("{} ({})", u.counter, u.count)).collect();
            writeln!(f, "  not priced: {}", names.join(", "))?;
        }
        if !bill.uncounted.is_empty() {
            let places = bill.uncounted.join(", ");
            writeln!(
                f,
                "  too low: additions of {places} have no price here (loaded not to count weights other than 0, or all were 0)"
            )?;
        }
        for line in &bill.lines {
            writeln!(f, "  {}: {}", line.counter, line.source)?;
            if counters::find(&line.counter).is_some_and(|counter| counter.definition.class == Class::Time) {
                let port = &self.statement.port;
                writeln!(f, "    its count depends on when the host's bytes arrived: here at port {port}")?;
            }
            if let Some(note) = &line.note {
                writeln!(f, "    {note}")?;
            }
        }
        Ok(())
    }

    fn range(&self, f: &mut Formatter) -> fmt::Result {
        let Some(range) = &self.statement.range else { return Ok(()) };
        writeln!(f, "range over {} (what a table does not price is not in its joules)", range.total.prices.join(", "))?;
        let mut span = |span: &Span| {
            let ends = format!("{} to {} ({})", self.amount(span.low), self.amount(span.high), span.grade);
            writeln!(f, "  {:<22}{ends}, of {}", span.name, span.prices.join(", "))
        };
        span(&range.total)?;
        range.groups.iter().try_for_each(span)?;
        writeln!(f)
    }

    fn ratios(&self, f: &mut Formatter) -> fmt::Result {
        let statement = self.statement;
        writeln!(f, "communication : computation (cortex {} : 1 in joules, Levy and Calvert 2021)", statement.cortex)?;
        if let Some(events) = statement.events {
            writeln!(f, "  {:<22}{}", "events", events)?;
        }
        writeln!(f, "  {:<22}{}", "bits in the array", statement.bits_on_array)?;
        writeln!(f, "  {:<22}{}", "bits with the link", statement.bits_with_link)?;
        for (bill, figures) in statement.bills.iter().zip(&statement.figures) {
            let name = format!("joules, {}", figures.prices);
            match &figures.joules {
                Some(joules) => writeln!(f, "  {name:<22}{} ({})", joules, bill.evidence(figures.grade))?,
                None => writeln!(f, "  {name:<22}not known: the table does not price both")?,
            }
        }
        writeln!(f)
    }

    fn information(&self, f: &mut Formatter) -> fmt::Result {
        let Some(information) = self.statement.information else { return Ok(()) };
        writeln!(
            f,
            "information about the class: {:.3} of {:.3} bits a sample \
             (plug-in {:.3}, corrected by Miller and Madow for {} samples)",
            information.corrected, information.class_entropy, information.plug_in, information.samples
        )?;
        for (bill, figures) in self.statement.bills.iter().zip(&self.statement.figures) {
            let Some(bits) = figures.bits_per_joule else { continue };
            let limit = figures.times_landauer.map_or(String::new(), |times| {
                let kelvin = self.statement.conditions.temperature_kelvin;
                format!(", {} times kT ln 2 at {kelvin} K for each bit", digits(times))
            });
            writeln!(f, "  {:<22}{}{limit} ({})", figures.prices, si(bits, "bit/J"), bill.evidence(figures.grade))?;
        }
        writeln!(f)
    }

    fn crossovers(&self, f: &mut Formatter) -> fmt::Result {
        let Some(activity) = self.statement.activity else { return Ok(()) };
        writeln!(
            f,
            "spiking or dense, by published limits: {} spikes a synapse and inference, {} spikes a source and tick, \
             {} ticks",
            digits(activity.spikes_per_synapse),
            digits(activity.spike_rate),
            activity.ticks
        )?;
        for crossover in &self.statement.crossovers {
            let (low, high) = (digits(crossover.low), digits(crossover.high));
            let limit = if low == high { low } else { format!("{low} to {high}") };
            writeln!(f, "  {:<14}limit {limit} {}: {}", crossover.verdict, crossover.measure, crossover.source)?;
            writeln!(f, "    assumes {}", crossover.assumes)?;
        }
        Ok(())
    }
}

/// Behind the column of counts.
fn indent(text: &str) -> String {
    format!("  {text}")
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let statement = self.statement;
        let (network, config, samples) = (&statement.network, &statement.config, statement.samples);
        writeln!(
            f,
            "{network} on `{config}`, {samples} samples of {}: counts are exact, joules are estimates\n",
            statement.data
        )?;
        if let Some(values) = &statement.values_in {
            writeln!(f, "to the board: {values}\n")?;
        }
        for (bill, figures) in statement.bills.iter().zip(&statement.figures) {
            self.bill(f, bill, figures)?;
            writeln!(f)?;
        }
        self.range(f)?;
        self.ratios(f)?;
        self.information(f)?;
        self.crossovers(f)
    }
}
