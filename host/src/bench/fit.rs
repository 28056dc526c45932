//! How measured points grow: the curve `a + b x^p` that comes closest to them, above a floor if they begin with one.
//!
//! What takes a fixed time hides what grows beside it, until that is longer: then the first points are equal, a *floor*, and the curve is
//! fitted to the points after them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Exponents that are tried: steps of a hundredth up to this.
const LARGEST_EXPONENT: usize = 400;
/// Points that differ by less than this many clocks lie on a constant.
const CONSTANT: f64 = 0.5;
/// What rounding to whole clocks may make of an exponent of 1.
const LINEAR: f64 = 1.05;

/// `constant + slope * x ^ exponent`, or the floor where that is higher; a constant has slope and exponent 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    pub constant: f64,
    pub slope: f64,
    pub exponent: f64,
    pub floor: Option<f64>,
    /// Largest distance of a point from the curve.
    pub worst: f64,
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if let Some(floor) = self.floor {
            write!(f, "{floor:.1}, or ")?;
        }
        write!(f, "{:.1}", self.constant)?;
        if self.slope != 0.0 {
            write!(f, " {} {:.3} x^{:.2}", if self.slope < 0.0 { '-' } else { '+' }, self.slope.abs(), self.exponent)?;
        }
        Ok(())
    }
}

impl Fit {
    /// The least squares for these points, in the order of `x`, at least two of them different; `x` not negative.
    pub fn new(points: &[(f64, f64)]) -> Self {
        let first = points.first().map_or(0.0, |point| point.1);
        let equal = points.iter().take_while(|point| (point.1 - first).abs() < CONSTANT).count();
        let constant = Self { constant: first, slope: 0.0, exponent: 0.0, floor: None, worst: 0.0 };
        if equal == points.len() {
            return constant.with_worst(points);
        }
        let (floor, rest) = if equal > 1 { (Some(first), &points[equal..]) } else { (None, points) };
        let curves = (1..=LARGEST_EXPONENT).map(|hundredths| Self::line(rest, hundredths as f64 / 100.0));
        let best = curves.min_by(|a, b| a.squares(rest).total_cmp(&b.squares(rest))).unwrap_or(constant);
        Self { floor, ..best }.with_worst(points)
    }

    /// The best curve with this exponent: a straight line through `(x^p, y)`.
    fn line(points: &[(f64, f64)], exponent: f64) -> Self {
        let n = points.len() as f64;
        let powers = || points.iter().map(|&(x, y)| (x.powf(exponent), y));
        let (mean_x, mean_y) = powers().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
        let covariance: f64 = powers().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let variance: f64 = powers().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let slope = if variance > 0.0 { covariance / variance } else { 0.0 };
        Self { constant: mean_y - slope * mean_x, slope, exponent, floor: None, worst: 0.0 }
    }

    pub fn at(&self, x: f64) -> f64 {
        let curve = self.constant + self.slope * x.powf(self.exponent);
        self.floor.map_or(curve, |floor| curve.max(floor))
    }

    /// Whether it grows no faster than a straight line.
    pub fn is_at_most_linear(&self) -> bool {
        self.slope <= 0.0 || self.exponent <= LINEAR
    }

    fn squares(&self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|&(x, y)| (self.at(x) - y).powi(2)).sum()
    }

    fn with_worst(self, points: &[(f64, f64)]) -> Self {
        let worst = points.iter().map(|&(x, y)| (self.at(x) - y).abs()).fold(0.0, f64::max);
        Self { worst, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(of: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0].map(|x| (x, of(x))).into()
    }

    #[test]
    fn a_fit_finds_the_curve_that_made_the_points() {
        for (constant, slope, exponent) in [(30.0, 1.0, 1.0), (12.0, 3.5, 2.0), (-4.0, 7.0, 0.5)] {
            let fit = Fit::new(&points(|x| constant + slope * x.powf(exponent)));
            assert!((fit.exponent - exponent).abs() < 1e-9, "{fit:?}");
            assert!((fit.constant - constant).abs() < 1e-6 && (fit.slope - slope).abs() < 1e-6, "{fit:?}");
            assert!(fit.worst < 1e-6);
            assert_eq!(fit.is_at_most_linear(), exponent <= 1.0);
        }
    }

    #[test]
    fn what_does_not_grow_is_a_constant() {
        let fit = Fit::new(&points(|_| 47.0));
        assert_eq!((fit.constant, fit.slope, fit.exponent, fit.worst), (47.0, 0.0, 0.0, 0.0));
        assert_eq!(fit.floor, None);
        assert!(fit.is_at_most_linear());
    }

    #[test]
    fn what_hides_behind_a_fixed_time_grows_above_a_floor() {
        let fit = Fit::new(&points(|x| (3.0 + 2.0 * x).max(15.0)));
        assert_eq!((fit.floor, fit.exponent), (Some(15.0), 1.0));
        assert!((fit.at(0.0) - 15.0).abs() < 1e-9 && (fit.at(20.0) - 43.0).abs() < 1e-6 && fit.worst < 1e-6, "{fit:?}");
    }

    #[test]
    fn rounding_to_clocks_keeps_a_line_a_line() {
        let fit = Fit::new(&points(|x| (20.0 + 1.37 * x).round()));
        assert!(fit.is_at_most_linear() && (fit.exponent - 1.0).abs() < 0.05 && fit.worst < 1.0, "{fit:?}");
    }
}
