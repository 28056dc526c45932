//! Weighted linear least squares with confidence intervals (Seber and Lee, Linear Regression Analysis, 2nd edition,
//! 2003, sections 3.3, 3.10 and 11.3).
//!
//! Columns are scaled to length 1 before they are decomposed, so that watts and femtojoules are equals. Columns that
//! cannot be told apart show up as a small singular value; the direction that belongs to it names them.

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Largest over smallest singular value of the scaled columns above which terms count as collinear. Belsley, Kuh and
/// Welsch (Regression Diagnostics, 1980) call 30 strong; widened intervals tell of that, and this is where they stop to
/// mean anything.
pub const LARGEST_CONDITION: f64 = 1000.0;
/// Least degrees of freedom: with one, a 95 % interval is 25 standard errors wide.
pub const LEAST_FREEDOM: usize = 3;
/// Part of a collinear direction above which a term is named.
const NAMED: f64 = 0.05;

/// Rows to be fitted.
#[derive(Clone, Debug)]
pub struct Problem {
    terms: Vec<String>,
    rows: Vec<(Vec<f64>, f64, f64)>,
}

/// One of the fitted coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    pub value: f64,
    pub standard_error: f64,
    /// Half the width of the confidence interval.
    pub half_width: f64,
}

/// What a fit gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// One for each term, in order.
    pub estimates: Vec<Coefficient>,
    /// Rows less terms.
    pub degrees_of_freedom: usize,
    /// Root mean square of the residuals over that of the values, weighted.
    pub relative_residual: f64,
    /// Part of the values' variance about their mean that the fit explains, weighted.
    pub r_squared: f64,
}

/// Why there is no fit.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    #[error("{workloads} workloads are too few for {terms} prices (with idle power): at least {least} are needed")]
    Few { workloads: usize, terms: usize, least: usize },
    #[error("no workload has any {0}: nothing can be said of its price")]
    Zero(String),
    #[error("{} cannot be told apart: they grow together in all workloads", .0.join(", "))]
    Collinear(Vec<String>),
    #[error("a confidence of {0} is not between 0 and 1")]
    Confidence(f64),
    #[error("the energies do not decompose: values too large or not finite")]
    Numbers,
}

impl FitError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Few { .. } => "measure more workloads, or fit fewer --counters",
            Self::Zero(_) => "leave it out of --counters, or measure a workload that has some",
            Self::Collinear(_) => {
                "fit one of them (its price then has the others' in it) with --counters, or measure where they differ"
            }
            Self::Confidence(_) => "give one like 0.95",
            Self::Numbers => "check the meter's readings and the times of the workloads",
        }
    }
}

impl Problem {
    /// Of terms with these names.
    pub fn new(terms: Vec<String>) -> Self {
        Self { terms, rows: vec![] }
    }

    /// Adds a row: one number for each term, the value that they make, and its weight, the inverse of the value's
    /// relative variance.
    pub fn add(&mut self, row: Vec<f64>, value: f64, weight: f64) {
        self.rows.push((row, value, weight));
    }

    /// Solves it; intervals have this confidence.
    pub fn solve(&self, confidence: f64) -> Result<Fit, FitError> {
        let (n, p) = (self.rows.len(), self.terms.len());
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(FitError::Confidence(confidence));
        }
        if n < p + LEAST_FREEDOM {
            return Err(FitError::Few { workloads: n, terms: p, least: p + LEAST_FREEDOM });
        }
        let weighted = DMatrix::from_fn(n, p, |row, column| self.rows[row].0[column] * self.rows[row].2.sqrt());
        let values = DVector::from_fn(n, |row, _| self.rows[row].1 * self.rows[row].2.sqrt());
        if !weighted.iter().chain(values.iter()).all(|value| value.is_finite()) {
            return Err(FitError::Numbers);
        }
        let scales: Vec<f64> = weighted.column_iter().map(|column| column.norm()).collect();
        if let Some(zero) = scales.iter().position(|&scale| scale == 0.0) {
            return Err(FitError::Zero(self.terms[zero].clone()));
        }
        let design = DMatrix::from_fn(n, p, |row, column| weighted[(row, column)] / scales[column]);
        let svd = design.clone().try_svd(true, true, f64::EPSILON, 0).ok_or(FitError::Numbers)?;
        let (Some(u), Some(v_t)) = (&svd.u, &svd.v_t) else { return Err(FitError::Numbers) };
        let (largest, smallest) = (svd.singular_values.max(), svd.singular_values.min());
        if smallest * LARGEST_CONDITION < largest {
            return Err(FitError::Collinear(self.together(&svd.singular_values, v_t, largest)));
        }
        let scaled = v_t.transpose() * (u.transpose() * &values).component_div(&svd.singular_values);
        let residuals = &values - &design * &scaled;
        let degrees_of_freedom = n - p;
        let variance = residuals.norm_squared() / degrees_of_freedom as f64;
        let student = StudentsT::new(0.0, 1.0, degrees_of_freedom as f64).map_err(|_| FitError::Numbers)?;
        let quantile = student.inverse_cdf(0.5 + confidence / 2.0);
        let coefficient = |term: usize| {
            // A diagonal element of the inverse of X'X is that of V S^-2 V'.
            let spread: f64 = (0..p).map(|k| (v_t[(k, term)] / svd.singular_values[k]).powi(2)).sum();
            let standard_error = (variance * spread).sqrt() / scales[term];
            Coefficient { value: scaled[term] / scales[term], standard_error, half_width: quantile * standard_error }
        };
        Ok(Fit {
            estimates: (0..p).map(coefficient).collect(),
            degrees_of_freedom,
            relative_residual: residuals.norm() / values.norm(),
            r_squared: self.r_squared(residuals.norm_squared()),
        })
    }

    /// The terms that have a part in a direction which the rows hardly tell anything about.
    fn together(&self, singular_values: &DVector<f64>, v_t: &DMatrix<f64>, largest: f64) -> Vec<String> {
        let weak = || (0..singular_values.len()).filter(|&k| singular_values[k] * LARGEST_CONDITION < largest);
        let named = |term: &usize| weak().any(|k| v_t[(k, *term)].abs() > NAMED);
        (0..self.terms.len()).filter(named).map(|term| self.terms[term].clone()).collect()
    }

    fn r_squared(&self, residuals: f64) -> f64 {
        let weights: f64 = self.rows.iter().map(|(.., weight)| weight).sum();
        let mean = self.rows.iter().map(|(_, value, weight)| value * weight).sum::<f64>() / weights;
        let about_mean: f64 = self.rows.iter().map(|(_, value, weight)| weight * (value - mean).powi(2)).sum();
        if about_mean > 0.0 { 1.0 - residuals / about_mean } else { 1.0 }
    }
}
