//! The price table: toggles, and the capacitance that makes joules of them.
//!
//! Joules of an event = toggles x 1/2 x C x V^2. The toggles are counted on the netlist; V is the core's supply
//! (Lattice FPGA-DS-02012, ECP5 and ECP5-5G family data sheet: 1.1 V); C is borrowed, see [`CAPACITANCE_PF`].

use super::{Columns, Fit, Measurement};
use nernst_spec::ledger::Group;
use std::fmt::{self, Display, Formatter};

/// Supply of an ECP5's core, in volts.
pub const VOLTAGE_V: f64 = 1.1;
/// Capacitance of a net that toggles, in picofarads: that of an iCE40UP5K, another chip of the same maker in 40 nm with
/// LUTs of four inputs, from measured currents.
///
/// `ice40_power` (tinyvision.ai, 2020; Joulescope on the 1.219 V core rail, 12 MHz) has 613.5 uA with one counter of
/// 28 bits and 641.3 uA with eight: 27.8 uA x 1.219 V / 12 MHz / 7 = 0.403 pJ for a clock of a counter. In a clock
/// such a counter has six toggles on average, two each of its registers, sums and carries (1 + 1/2 + 1/4 ..), so 67
/// fJ for one, and C = 2 x 67 fJ / (1.219 V)^2 = 0.09 pF. The clock pins of the counters are in it; long wires are not.
pub const CAPACITANCE_PF: f64 = 0.09;
/// The counter whose price is that of doing nothing.
const CLOCKS: &str = "clocks";
/// Digits of a fitted number.
const DIGITS: usize = 4;

const SOURCE: &str =
    "toggles: least squares over the netlist's simulation; C: tinyvision.ai ice40_power (2020), iCE40UP5K";

/// What a table is made of.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The command that makes it again.
    pub command: &'a str,
    /// Name of the configuration.
    pub config: &'a str,
    /// SHA-256 of the netlist, and of the placed one.
    pub netlist_sha256: &'a str,
    /// The placed netlist's, if there is one.
    pub placed_sha256: Option<&'a str>,
    /// What was run.
    pub measurement: &'a Measurement,
    /// Counters.
    pub columns: &'a Columns,
    /// Fit of toggles.
    pub toggles: &'a Fit,
    /// Fit of segments, if there are routes.
    pub segments: Option<&'a Fit>,
}

impl Table<'_> {
    /// Root mean square of the residuals in parts of what the workloads toggle beyond their idle clocks, in the whole.
    pub fn beyond_idle(&self) -> f64 {
        let idle = self.toggles.prices.iter().find(|price| price.counter == CLOCKS).map_or(0.0, |price| price.toggles);
        let clocks = self.columns.priced.iter().find(|column| column.counter == CLOCKS);
        let activity = self.measurement.workloads.iter().enumerate().map(|(row, workload)| {
            let clocks = clocks.map_or(0.0, |column| column.counts[row]);
            (workload.toggles as f64 - idle * clocks).powi(2)
        });
        let residuals = self.toggles.residuals.iter().map(|residual| residual * residual);
        (residuals.sum::<f64>() / activity.sum::<f64>()).sqrt()
    }
}

/// A text as TOML.
fn text(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

fn list(names: &[String]) -> String {
    toml::Value::from(names.to_vec()).to_string()
}

/// A number with [`DIGITS`] digits that mean something.
fn rounded(value: f64) -> f64 {
    // The text is a number: it was just made of one.
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { measurement, columns, toggles, .. } = self;
        let statistics = measurement.statistics;
        writeln!(f, "# Made by `make toggles`: do not edit. docs/toggles.md says how to read it.")?;
        writeln!(f, "name = \"ecp5\"")?;
        let title = "ECP5: toggles of the netlist x borrowed capacitance; without leakage, clock tree, I/O and PLL";
        writeln!(f, "title = {}\n\n[fit]", text(title))?;
        writeln!(f, "command = {}", text(self.command))?;
        writeln!(f, "configuration = {}", text(self.config))?;
        writeln!(f, "netlist_sha256 = {}", text(self.netlist_sha256))?;
        if let Some(digest) = self.placed_sha256 {
            writeln!(f, "placed_sha256 = {}", text(digest))?;
        }
        writeln!(f, "workloads = {}", measurement.workloads.len())?;
        writeln!(
            f,
            "# residuals (rms): in parts of each workload's toggles; the same with the workload left out of the fit;"
        )?;
        writeln!(f, "# and in parts of what the workloads toggle beyond their idle clocks")?;
        writeln!(f, "relative_rms = {:?}", rounded(toggles.relative_rms))?;
        writeln!(f, "relative_rms_left_out = {:?}", rounded(toggles.left_out_rms))?;
        writeln!(f, "relative_rms_beyond_idle = {:?}", rounded(self.beyond_idle()))?;
        writeln!(f, "r_squared = {:.6}", toggles.r_squared)?;
        writeln!(f, "condition = {:?}", rounded(toggles.condition))?;
        writeln!(f, "nets = {}", statistics.nets)?;
        writeln!(f, "# clock pins toggle twice a clock each and are in no price")?;
        let pins =
            statistics.flip_flops + 2 * statistics.block_rams + statistics.multipliers + statistics.distributed_rams;
        writeln!(f, "clock_pins = {pins}")?;
        writeln!(f, "flip_flops = {}", statistics.flip_flops)?;
        writeln!(f, "# without a price: not to be told from 0; 0 in every workload; durations")?;
        writeln!(f, "free = {}", list(&toggles.free))?;
        writeln!(f, "silent = {}", list(&columns.silent))?;
        writeln!(f, "durations = {}", list(&columns.durations))?;
        if let (Some((nets, segments)), Some(fit)) = (measurement.routed, self.segments) {
            writeln!(
                f,
                "# nets that are routed through wire segments, all their segments, and the fit of toggles x segments"
            )?;
            writeln!(f, "routed_nets = {nets}\nrouted_segments = {segments}")?;
            writeln!(f, "segments_relative_rms = {:?}", rounded(fit.relative_rms))?;
        }
        for price in &toggles.prices {
            if let Some(column) = columns.priced.iter().find(|column| column.counter == price.counter) {
                self.price(f, column, price)?;
            }
        }
        Ok(())
    }
}

impl Table<'_> {
    fn price(&self, f: &mut Formatter, column: &super::columns::Column, price: &super::fit::Price) -> fmt::Result {
        let (toggles, error) = (rounded(price.toggles), rounded(price.standard_error));
        let mut switching = format!(
            "toggles = {toggles:?}, capacitance_pf = {CAPACITANCE_PF}, voltage_v = {VOLTAGE_V}, \
             standard_error = {error:?}"
        );
        let segments = self.segments.iter().flat_map(|fit| &fit.prices).find(|other| other.counter == price.counter);
        if let Some(segments) = segments {
            switching += &format!(", segments = {:?}", rounded(segments.toggles));
        }
        let mut note = match column.group {
            Group::Time if column.counter == CLOCKS => "idle toggles of everything, the link included. ".to_string(),
            _ => String::new(),
        };
        if !column.shared.is_empty() {
            let shared = column.shared.iter().map(|(name, each)| format!("{name} ({each} to one)"));
            note += &format!("Includes what goes with {}. ", shared.collect::<Vec<_>>().join(", "));
        }
        note += "Toggles are simulated; that ECP5 has the iCE40's capacitance is assumed.";
        writeln!(f, "\n[[price]]\ncounter = {}", text(&column.counter))?;
        writeln!(f, "switching = {{ {switching} }}")?;
        writeln!(f, "source = {}\ngrade = \"assumed\"\nscope = \"per-operation\"\nnote = {}", text(SOURCE), text(&note))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Measured, columns, fit};
    use super::*;
    use nernst_spec::Ledger;
    use nernst_spec::ledger::{ArrayCounter, CoreCounter};

    #[test]
    fn a_table_is_toml_with_a_price_for_every_counter_that_moves_something() {
        let workloads = (0..40u64).map(|number| {
            let (clocks, spikes) = (1_000 + 37 * number, number * number % 23);
            let mut ledger = Ledger::new(1);
            ledger.count(ArrayCounter::Clocks, clocks);
            ledger.count_core(0, CoreCounter::Spikes, spikes);
            Measured { name: number.to_string(), ledger, toggles: 70 * clocks + 300 * spikes, segments: 9 * clocks }
        });
        let measurement = Measurement {
            workloads: workloads.collect(),
            statistics: Default::default(),
            routed: Some((5, 9)),
            clocks: 8,
        };
        let ledgers: Vec<Ledger> = measurement.workloads.iter().map(|workload| workload.ledger.clone()).collect();
        let columns = columns(&ledgers);
        let counters: Vec<_> =
            columns.priced.iter().map(|column| (column.counter.clone(), column.counts.clone())).collect();
        let observed: Vec<f64> = measurement.workloads.iter().map(|workload| workload.toggles as f64).collect();
        let toggles = fit(&counters, &observed, 30).unwrap();
        let table = Table {
            command: "nernst toggles",
            config: "tiny",
            netlist_sha256: "12",
            placed_sha256: None,
            measurement: &measurement,
            columns: &columns,
            toggles: &toggles,
            segments: None,
        };
        let value: toml::Table = table.to_string().parse().unwrap();
        assert_eq!(value["name"].as_str(), Some("ecp5"));
        assert_eq!(value["fit"]["workloads"].as_integer(), Some(40));
        assert!(value["fit"]["silent"].as_array().unwrap().contains(&"ticks".into()));
        let prices = value["price"].as_array().unwrap();
        let of = |counter: &str| prices.iter().find(|price| price["counter"].as_str() == Some(counter)).unwrap();
        assert_eq!(of("clocks")["switching"]["toggles"].as_float(), Some(70.0));
        assert_eq!(of("spikes")["switching"]["toggles"].as_float(), Some(300.0));
        assert_eq!(of("spikes")["switching"]["capacitance_pf"].as_float(), Some(CAPACITANCE_PF));
        assert_eq!(of("spikes")["grade"].as_str(), Some("assumed"));
        assert!(table.beyond_idle() < 1e-6);
    }

    #[test]
    fn the_capacitance_is_what_its_source_gives() {
        let energy_of_a_clock = (641.3e-6 - 613.5e-6) * 1.219 / 12e6 / 7.0;
        let toggles = 6.0;
        let picofarad = 1e12 * 2.0 * energy_of_a_clock / toggles / (1.219f64 * 1.219);
        assert!((picofarad - CAPACITANCE_PF).abs() < 0.005, "{picofarad}");
    }
}
