//! Looks for a system in which two machines differ.

use super::files::save;
use super::{Seen, System, compare, network_for, plan};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ArrayConfig;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::path::Path;

/// Most steps on the way to a small counterexample.
const SHRINK: u32 = 2_000;

/// Two machines that are not alike.
pub struct Difference {
    /// The smallest system that shows it, if that is what was found.
    pub system: Option<Box<System>>,
    pub what: String,
}

/// Random systems, the same in every run with the same seed.
pub struct Search<'a> {
    pub seed: u64,
    /// Where a counterexample goes.
    pub folder: &'a Path,
}

impl Search<'_> {
    fn runner(&self, cases: u32, shape: u64) -> TestRunner {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&shape.to_le_bytes());
        let config = Config { cases, failure_persistence: None, max_shrink_iters: SHRINK, ..Config::default() };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    /// So many networks on one array, and the smallest in which machines differ, if they do. `number` chooses other networks.
    pub fn on_array(
        &self,
        config: &ArrayConfig,
        number: u64,
        networks: u32,
        samples: usize,
        ticks: usize,
        mut check: impl FnMut(&System) -> Result<Seen, String>,
    ) -> Result<Seen, Difference> {
        let mut seen = Seen::default();
        let check = std::cell::RefCell::new((&mut check, &mut seen));
        let result = self.runner(networks, number).run(&network_for(config, samples, ticks), |plan| {
            let (check, seen) = &mut *check.borrow_mut();
            **seen += check(&plan.on(config)).map_err(TestCaseError::fail)?;
            Ok(())
        });
        match result {
            Ok(()) => Ok(seen),
            Err(TestError::Fail(reason, plan)) => {
                Err(Difference { system: Some(Box::new(plan.on(config))), what: reason.message().into() })
            }
            Err(TestError::Abort(reason)) => Err(Difference { system: None, what: reason.to_string() }),
        }
    }

    /// Writes what shows a difference to the folder, and says how to run it.
    pub fn tell(&self, difference: Difference) -> String {
        let Difference { system, what } = difference;
        let Some(system) = system else { return what };
        let again = save(&system, self.folder).unwrap_or_else(|error| format!("{}: {error}", self.folder.display()));
        format!(
            "{what}\nThe smallest system that shows it; to run it again:\n    {again}\nIts cores: {:?}\nInput lines of every tick: {:?}",
            system.image.config.cores, system.samples
        )
    }

    /// An array of any shape.
    pub fn shape(&self, number: u64) -> Result<ArrayConfig, String> {
        let tree = plan().new_tree(&mut self.runner(1, !number)).map_err(|reason| reason.to_string())?;
        Ok(tree.current().config())
    }
}

/// Networks on arrays of random shapes, reference model and RTL in netsim side by side. Networks of one array follow each other in
/// the same memory; a counterexample that only shows behind another network says so.
pub fn on_random_arrays(search: &Search, number: u64, networks: u32) -> Result<Seen, String> {
    let config = search.shape(number)?;
    let fresh = || RtlArray::new(&config).map_err(|error| error.to_string());
    let mut array = fresh()?;
    let mut model = ReferenceArray::new(&config);
    let result = search.on_array(&config, number, networks, 3, 15, |system| compare(system, &mut model, &mut array));
    let mut difference = match result {
        Ok(seen) => return Ok(seen),
        Err(difference) => difference,
    };
    if let Some(system) = difference.system.as_deref()
        && compare(system, &mut model, &mut fresh()?).is_ok()
    {
        difference.what += "; only behind other networks in the same memory, and not in a fresh array";
    }
    Err(format!("array {number} of seed {}: {}", search.seed, search.tell(difference)))
}
