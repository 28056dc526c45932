//! Which counters can have a price of their own.
//!
//! 1. A counter that is 0 in every workload has none.
//! 2. Counters of [`Group::Time`] have none, but `clocks` and `ticks`: how long a core is busy or waits is no work;
//!    what happens meanwhile is counted by others.
//! 3. Of counters that are in the same proportion in every workload, that with the largest count has the price of
//!    all: it counts the smallest piece of work, such as an addition rather than the row that 36 of them share.

use nernst_spec::Ledger;
use nernst_spec::ledger::{ArrayCounter, CoreCounter, Group};

/// Counters of time that have a price.
const PRICED_TIME: [ArrayCounter; 2] = [ArrayCounter::Clocks, ArrayCounter::Ticks];
/// Two columns whose ratio differs by less than this are in proportion: counts are exact.
const PROPORTION: f64 = 1e-12;

/// A counter with a price, and its count in every workload: the array's, or the sum over the cores.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name of the counter.
    pub counter: String,
    /// Its group.
    pub group: Group,
    /// Its value in each workload.
    pub counts: Vec<f64>,
    /// Counters that are in proportion to it, each with how many of it there are for one of them.
    pub shared: Vec<(String, f64)>,
}

/// What becomes of each counter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Those with a price.
    pub priced: Vec<Column>,
    /// Those that are 0 in every workload.
    pub silent: Vec<String>,
    /// Those of time that have no price.
    pub durations: Vec<String>,
}

/// Sorts the counters of workloads by the rules of this [module](self).
pub fn columns(ledgers: &[Ledger]) -> Columns {
    let array = ArrayCounter::ALL.iter().map(|counter| {
        let counts = ledgers.iter().map(|ledger| ledger.array(*counter) as f64).collect::<Vec<_>>();
        (counter.definition(), PRICED_TIME.contains(counter), counts)
    });
    let cores = CoreCounter::ALL.iter().map(|counter| {
        let counts = ledgers.iter().map(|ledger| ledger.total(*counter) as f64).collect();
        (counter.definition(), false, counts)
    });
    let mut columns = Columns::default();
    for (definition, timed, counts) in array.chain(cores) {
        let counter = definition.name.to_string();
        if definition.group == Group::Time && !timed {
            columns.durations.push(counter);
        } else if counts.iter().all(|count| *count == 0.0) {
            columns.silent.push(counter);
        } else {
            columns.add(Column { counter, group: definition.group, counts, shared: vec![] });
        }
    }
    columns
}

impl Columns {
    fn add(&mut self, column: Column) {
        let found = self.priced.iter_mut().find_map(|other| Some((proportion(&column, other)?, other)));
        let Some((ratio, other)) = found else { return self.priced.push(column) };
        if ratio <= 1.0 {
            other.shared.push((column.counter, 1.0 / ratio));
        } else {
            // the new one is finer: it takes over what the other stood for
            let coarse = std::mem::replace(other, column);
            other.shared = coarse.shared.into_iter().map(|(name, each)| (name, each * ratio)).collect();
            other.shared.push((coarse.counter, ratio));
        }
    }
}

/// How many of `a` there are for one of `b`, if that is the same in all workloads.
fn proportion(a: &Column, b: &Column) -> Option<f64> {
    let sum = |column: &Column| column.counts.iter().sum::<f64>();
    let ratio = sum(a) / sum(b);
    let same = |(x, y): (&f64, &f64)| (x - y * ratio).abs() <= PROPORTION * x.abs();
    a.counts.iter().zip(&b.counts).all(same).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledgers() -> Vec<Ledger> {
        let ledger = |(number, events): (usize, u64)| {
            let mut ledger = Ledger::new(2);
            ledger.count(ArrayCounter::Clocks, 100 + 7 * events);
            ledger.count_core(0, CoreCounter::Events, events);
            ledger.count_core(1, CoreCounter::RowsFetched, 4 * events);
            ledger.count_core(0, CoreCounter::SynapticOperations, 36 * events);
            ledger.count_core(1, CoreCounter::Spikes, number as u64);
            ledger.count_core(1, CoreCounter::BusyClocks, 3 * number as u64);
            ledger
        };
        [3, 0, 8, 5].into_iter().enumerate().map(ledger).collect()
    }

    #[test]
    fn counters_in_proportion_share_the_price_of_the_finest() {
        let columns = columns(&ledgers());
        let find = |name: &str| columns.priced.iter().find(|column| column.counter == name);
        let operations = find("synaptic_operations").unwrap();
        assert_eq!(operations.counts, [108.0, 0.0, 288.0, 180.0]);
        assert_eq!(operations.shared, [("events".to_string(), 36.0), ("rows_fetched".to_string(), 9.0)]);
        assert!(find("events").is_none() && find("rows_fetched").is_none());
        assert!(find("spikes").unwrap().shared.is_empty() && find("clocks").is_some());
    }

    #[test]
    fn silent_counters_and_durations_have_no_price() {
        let columns = columns(&ledgers());
        assert!(columns.silent.contains(&"host_spikes_out".to_string()));
        assert!(columns.durations.contains(&"busy_clocks".to_string()));
        assert!(columns.priced.iter().all(|column| column.counter != "busy_clocks"));
    }
}
