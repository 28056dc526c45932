//! Joules in other words.

use serde::Serialize;

/// Boltzmann's constant in J/K, exact (SI Brochure, 9th edition, 2019).
pub const BOLTZMANN: f64 = 1.380649e-23;
/// Avogadro's constant in 1/mol, exact (SI Brochure, 9th edition, 2019).
pub const AVOGADRO: f64 = 6.02214076e23;
/// Free energy of ATP hydrolysis in a cell, in J/mol: about 50 kJ/mol, or 20 kT (Milo and Phillips, Cell Biology by the
/// Numbers, 2015, "How much energy is released in ATP hydrolysis?"). It depends on concentrations; 30.5 kJ/mol is the
/// value at standard conditions.
pub const ATP_PER_MOL: f64 = 50e3;
/// Room temperature in kelvin, where nothing says another.
pub const ROOM: f64 = 300.0;

/// Joule that one molecule of ATP gives: 8.3e-20 J.
pub fn joules_per_atp() -> f64 {
    ATP_PER_MOL / AVOGADRO
}

/// kT ln 2 at a temperature in kelvin, in joule: the least that erasing a bit takes (Landauer, IBM J. Res. Dev. 5:183,
/// 1961).
pub fn landauer(kelvin: f64) -> f64 {
    BOLTZMANN * kelvin * std::f64::consts::LN_2
}

/// Grams of CO2 for so many joules, from a grid that emits `grams_per_kwh`.
pub fn co2_grams(joules: f64, grams_per_kwh: f64) -> f64 {
    joules / 3.6e6 * grams_per_kwh
}

/// What joules are converted with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Conditions {
    /// For kT ln 2.
    pub temperature_kelvin: f64,
    /// Emissions of the grid, where they are known.
    pub grid_grams_per_kwh: Option<f64>,
}

/// An amount of energy in every unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Amounts {
    pub joules: f64,
    /// Molecules of ATP, at [`ATP_PER_MOL`].
    pub atp: f64,
    /// Multiples of kT ln 2.
    pub landauer: f64,
    /// Where the grid's emissions are known.
    pub co2_grams: Option<f64>,
}

impl Conditions {
    /// So many joules in every unit.
    pub fn amounts(&self, joules: f64) -> Amounts {
        Amounts {
            joules,
            atp: joules / joules_per_atp(),
            landauer: joules / landauer(self.temperature_kelvin),
            co2_grams: self.grid_grams_per_kwh.map(|grid| co2_grams(joules, grid)),
        }
    }
}

/// A value with an SI prefix and four digits: `12.34 pJ`. What no prefix serves is in powers of ten.
pub fn si(value: f64, unit: &str) -> String {
    const PREFIXES: [(f64, &str); 10] = [
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "u"),
        (1e-9, "n"),
        (1e-12, "p"),
        (1e-15, "f"),
        (1e-18, "a"),
    ];
    if value == 0.0 {
        return format!("0 {unit}");
    }
    match PREFIXES.iter().find(|(scale, _)| value.abs() >= *scale * 0.99995) {
        Some((scale, prefix)) if value.abs() < 1e12 => format!("{} {prefix}{unit}", digits(value / scale)),
        _ => format!("{value:.3e} {unit}"),
    }
}

/// Four digits, as far as they are.
pub fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{value:.3e}"),
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 10.0 => format!("{value:.2}"),
        size if size >= 0.01 || size == 0.0 => format!("{value:.3}"),
        _ => format!("{value:.3e}"),
    }
}
