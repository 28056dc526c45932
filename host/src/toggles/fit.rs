//! Least squares: toggles as a sum of counts times prices, without a constant.
//!
//! What is made small is the relative residual, that in parts of a workload's own toggles: a workload with a hundred
//! times the events of another has residuals a hundred times as large, and would else be the only one that counts.
//!
//! No event takes toggles away: a price that comes out below 0 cannot be told from nothing. It is left out, the lowest
//! first, and the others are fitted again.

use nalgebra::{DMatrix, DVector};

/// Singular values below this part of the largest are 0: counters of 10 digits leave this much.
const RANK: f64 = 1e-9;
/// Parts in a combination of counters that count, of the largest.
const PART: f64 = 1e-6;

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Not more workloads than prices.
    #[error("{workloads} workloads for {counters} counters: take more workloads than counters, and at least {fewest}")]
    TooFew {
        /// What there is.
        workloads: usize,
        /// What is to have a price.
        counters: usize,
        /// Fewest workloads that are taken.
        fewest: usize,
    },
    /// Several counters cannot be told apart.
    #[error(
        "these workloads cannot tell apart {}: one follows from the others; vary them independently, or price only one",
        .counters.join(", ")
    )]
    Collinear {
        /// All that have a part in the combination.
        counters: Vec<String>,
    },
    /// A workload without toggles.
    #[error("workload {workload} has {toggles} toggles, and a fit in parts of them needs some")]
    Toggles {
        /// Its number.
        workload: usize,
        /// Its toggles.
        toggles: f64,
    },
    /// Numbers that cannot be fitted.
    #[error("{counter} has no counts, or not one for each of {workloads} workloads")]
    Counts {
        /// The counter.
        counter: String,
        /// Workloads.
        workloads: usize,
    },
}

/// The price of one counter, in toggles.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Name of the counter.
    pub counter: String,
    /// Toggles of one event.
    pub toggles: f64,
    /// Standard error of that, from the residuals.
    pub standard_error: f64,
}

/// Prices, and how well they reproduce what was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// In the order of the counters, those without a price left out.
    pub prices: Vec<Price>,
    /// Counters whose events cannot be told from nothing.
    pub free: Vec<String>,
    /// Residual of each workload, in toggles: counted less predicted.
    pub residuals: Vec<f64>,
    /// Root mean square of the residuals in parts of the workloads' toggles.
    pub relative_rms: f64,
    /// The same when each workload is predicted from all others: no workload speaks for itself.
    pub left_out_rms: f64,
    /// Part of the variance of the toggles that the prices explain, 0 to 1.
    pub r_squared: f64,
    /// Largest singular value over the smallest, of columns of equal length: how badly counters are told apart.
    pub condition: f64,
}

/// Fits `toggles`, one for each workload, to the counts of each counter, given with its name.
///
/// # Errors
/// [`FitError`]: fewer than `fewest` workloads, counters that cannot be told apart, by name, or numbers that are none.
pub fn fit(counters: &[(String, Vec<f64>)], toggles: &[f64], fewest: usize) -> Result<Fit, FitError> {
    if let Some(workload) = toggles.iter().position(|toggles| !toggles.is_normal()) {
        return Err(FitError::Toggles { workload, toggles: toggles[workload] });
    }
    let mut counters = counters.to_vec();
    let mut free = vec![];
    loop {
        let fit = least_squares(&counters, toggles, fewest)?;
        let lowest = (0..counters.len()).min_by(|a, b| fit.prices[*a].toggles.total_cmp(&fit.prices[*b].toggles));
        match lowest.filter(|index| fit.prices[*index].toggles < 0.0) {
            None => return Ok(Fit { free, ..fit }),
            Some(index) => free.push(counters.remove(index).0),
        }
    }
}

fn least_squares(counters: &[(String, Vec<f64>)], toggles: &[f64], fewest: usize) -> Result<Fit, FitError> {
    let (rows, columns) = (toggles.len(), counters.len());
    if rows <= columns || rows < fewest || columns == 0 {
        return Err(FitError::TooFew { workloads: rows, counters: columns, fewest });
    }
    // Rows in parts of their toggles, columns of length 1: counts differ by orders of magnitude.
    let mut matrix = DMatrix::zeros(rows, columns);
    let mut lengths = DVector::zeros(columns);
    for (index, (counter, counts)) in counters.iter().enumerate() {
        let parts = counts.iter().zip(toggles).map(|(count, toggles)| count / toggles);
        let column = DVector::from_iterator(counts.len().min(rows), parts);
        lengths[index] = column.norm();
        if counts.len() != rows || !lengths[index].is_normal() {
            return Err(FitError::Counts { counter: counter.clone(), workloads: rows });
        }
        matrix.set_column(index, &(column / lengths[index]));
    }
    let svd = matrix.clone().svd(true, true);
    let (Some(u), Some(v_t)) = (&svd.u, &svd.v_t) else { unreachable!("both were asked for") };
    let largest = svd.singular_values.max();
    let (smallest_at, smallest) = svd.singular_values.argmin();
    if smallest <= RANK * largest {
        let combination = v_t.row(smallest_at);
        let has_part = |index: &usize| combination[*index].abs() > PART * combination.amax();
        let names = (0..columns).filter(has_part).map(|index| counters[index].0.clone()).collect();
        return Err(FitError::Collinear { counters: names });
    }
    // Every workload's toggles are 1 in parts of themselves.
    let observed = DVector::from_element(rows, 1.0);
    let parts = (u.transpose() * &observed).component_div(&svd.singular_values);
    let scaled = v_t.transpose() * parts;
    let relative = &observed - &matrix * &scaled;
    let variance = relative.norm_squared() / (rows - columns) as f64;
    let error = |index: usize| {
        let terms = (0..columns).map(|k| (v_t[(k, index)] / svd.singular_values[k]).powi(2));
        (variance * terms.sum::<f64>()).sqrt()
    };
    let prices = counters.iter().enumerate().map(|(index, (counter, _))| Price {
        counter: counter.clone(),
        toggles: scaled[index] / lengths[index],
        standard_error: error(index) / lengths[index],
    });
    // A residual grows so when its workload is left out: by what it pulls the fit to itself (its leverage).
    let left_out = |row: usize| relative[row] / (1.0 - u.row(row).norm_squared()).max(f64::EPSILON);
    let residuals: Vec<f64> = relative.iter().zip(toggles).map(|(part, toggles)| part * toggles).collect();
    let mean = toggles.iter().sum::<f64>() / rows as f64;
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let spread = squares(&mut toggles.iter().map(|value| value - mean));
    let unexplained = squares(&mut residuals.iter().copied());
    Ok(Fit {
        prices: prices.collect(),
        free: vec![],
        relative_rms: (relative.norm_squared() / rows as f64).sqrt(),
        left_out_rms: (squares(&mut (0..rows).map(left_out)) / rows as f64).sqrt(),
        r_squared: if spread > 0.0 { 1.0 - unexplained / spread } else { 1.0 },
        condition: largest / smallest,
        residuals,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    const PRICES: [f64; 3] = [24.5, 3.25, 812.0];

    /// Counts of three counters, the third dear and rare, with the toggles that they cause, off by up to a part
    /// `noise`.
    fn synthetic(noise: f64) -> (Vec<(String, Vec<f64>)>, Vec<f64>) {
        let mut random = StdRng::seed_from_u64(5);
        let mut column = |most: u32| (0..40).map(|_| f64::from(random.random_range(0..most))).collect::<Vec<_>>();
        let counts = [column(100_000), column(5_000_000), column(30)];
        let toggles = (0..40).map(|row| {
            let sum: f64 = counts.iter().zip(PRICES).map(|(column, price)| column[row] * price).sum();
            sum * (1.0 + noise * random.random_range(-1.0..1.0))
        });
        let toggles = toggles.collect();
        (["clocks", "synaptic_operations", "spikes"].map(String::from).into_iter().zip(counts).collect(), toggles)
    }

    #[test]
    fn known_prices_come_back() {
        let (counters, toggles) = synthetic(0.0);
        let fit = fit(&counters, &toggles, 30).unwrap();
        for (price, known) in fit.prices.iter().zip(PRICES) {
            assert!((price.toggles / known - 1.0).abs() < 1e-6, "{price:?}, {known}");
        }
        assert!(fit.r_squared > 1.0 - 1e-12);
    }

    #[test]
    fn noisy_prices_are_within_their_errors_and_the_residual_is_the_noise() {
        let (counters, toggles) = synthetic(0.01);
        let fit = fit(&counters, &toggles, 30).unwrap();
        for (price, known) in fit.prices.iter().zip(PRICES) {
            assert!(price.standard_error > 0.0);
            assert!((price.toggles - known).abs() < 4.0 * price.standard_error, "{price:?}, {known}");
        }
        // evenly spread noise has an rms of a third's root
        assert!((fit.relative_rms / (0.01 / 3f64.sqrt()) - 1.0).abs() < 0.3, "{}", fit.relative_rms);
        assert!(fit.left_out_rms > fit.relative_rms);
    }

    #[test]
    fn what_would_cost_less_than_nothing_is_free() {
        let (mut counters, mut toggles) = synthetic(0.0);
        let events: Vec<f64> = (0..40).map(|row| f64::from(row * row % 17)).collect();
        toggles.iter_mut().zip(&events).for_each(|(toggles, events)| *toggles -= 0.5 * events);
        counters.push(("events".into(), events));
        let fit = fit(&counters, &toggles, 30).unwrap();
        assert_eq!(fit.free, ["events"]);
        assert!((fit.prices[1].toggles / PRICES[1] - 1.0).abs() < 1e-3, "{:?}", fit.prices);
    }

    #[test]
    fn counters_that_follow_from_others_are_named() {
        let (mut counters, toggles) = synthetic(0.0);
        let sum = counters[0].1.iter().zip(&counters[2].1).map(|(a, b)| 2.0 * a - b).collect();
        counters.push(("idle_clocks".into(), sum));
        let names = ["clocks", "spikes", "idle_clocks"].map(String::from).to_vec();
        assert_eq!(fit(&counters, &toggles, 30), Err(FitError::Collinear { counters: names }));
    }

    #[test]
    fn too_few_workloads_and_missing_counts_are_refused() {
        let (mut counters, toggles) = synthetic(0.0);
        let few: Vec<_> = counters.iter().map(|(name, column)| (name.clone(), column[..10].to_vec())).collect();
        let error = fit(&few, &toggles[..10], 30).unwrap_err();
        assert!(error.to_string().contains("10 workloads") && error.to_string().contains("30"), "{error}");
        assert!(matches!(fit(&few, &toggles[..3], 0), Err(FitError::TooFew { .. })));
        let still = fit(&counters, &[&[0.0], &toggles[1..]].concat(), 30).unwrap_err();
        assert!(still.to_string().contains("workload 0"), "{still}");
        counters[1].1 = vec![0.0; 40];
        let error = fit(&counters, &toggles, 30).unwrap_err();
        assert!(error.to_string().contains("synaptic_operations"), "{error}");
    }
}
