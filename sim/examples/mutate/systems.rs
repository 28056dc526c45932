//! Random systems on an array with a fault, beside the reference model.

use crate::common::systems::long::long;
use crate::common::systems::machine::compare_in_a_hurry;
use crate::common::systems::{Search, Seen, System, compare};
use crate::mutants::{Design, Mutant};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ArrayConfig;
use std::cell::RefCell;
use std::path::Path;

const SYSTEMS: u32 = 100;

/// The systems, and the array's Verilog without a fault, which runs them like the model.
pub struct Systems {
    config: ArrayConfig,
    pub verilog: Design,
    systems: Vec<System>,
    long: System,
    pub seen: Seen,
}

impl Systems {
    pub fn new(config: &ArrayConfig, verilog: String) -> Result<Self, String> {
        let systems = RefCell::new(vec![]);
        let mut array = RtlArray::from_verilog(config, &verilog).map_err(|error| error.to_string())?;
        let search = Search { seed: 1, folder: Path::new("build/counterexamples/mutate") };
        let seen = search.on_array(config, 0, SYSTEMS, 2, 12, |system| {
            systems.borrow_mut().push(system.clone());
            compare(system, &mut ReferenceArray::new(config), &mut array)
        });
        let mut seen = seen.map_err(|difference| search.tell(difference))?;
        let long = long(config);
        seen += compare_in_a_hurry(&long, &mut ReferenceArray::new(config), &mut array)?;
        Ok(Self { config: config.clone(), verilog: Design::new(verilog), systems: systems.into_inner(), long, seen })
    }

    /// Whether an array with this fault is found out. An error: it cannot be simulated.
    pub fn find(&self, mutant: &Mutant) -> Result<bool, String> {
        let array = RtlArray::from_verilog(&self.config, &self.verilog.with(mutant));
        let mut array = array.map_err(|error| error.to_string())?;
        let mut model = ReferenceArray::new(&self.config);
        let found = self.systems.iter().any(|system| compare(system, &mut model, &mut array).is_err());
        Ok(found || compare_in_a_hurry(&self.long, &mut model, &mut array).is_err())
    }
}
