//! Proofs of blocks, with a fault in the block: those of `make formal`.

#[path = "../../../hdl/tests/formal/array.rs"]
mod array;
#[path = "../../../hdl/tests/formal/link.rs"]
mod link;
#[allow(dead_code, reason = "its checks are those of the tests")]
#[path = "../../../hdl/tests/formal/proof.rs"]
mod proof;

use crate::mutants::{Design, Mutant};
use proof::Proof;
use std::path::PathBuf;

pub struct Proofs {
    sby: PathBuf,
    all: Vec<(Proof, Design)>,
}

impl Proofs {
    pub fn new() -> Result<Self, String> {
        let sby = proof::sby().ok_or("SymbiYosys and Z3 are not installed (make setup)")?;
        let all = array::all().into_iter().chain(link::all()).map(|proof| {
            let design = Design::new(proof.verilog.clone());
            (proof, design)
        });
        Ok(Self { sby, all: all.collect() })
    }

    /// Whether there is a block with this fault of which no longer all properties are proved.
    pub fn find(&self, mutant: &Mutant) -> bool {
        // Several of a kind have numbers.
        let name = mutant.module.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('$');
        let instance = name.rsplit('$').next().unwrap_or_default();
        let of_block = |proof: &Proof| proof.instances.contains(&instance);
        self.all.iter().filter(|(proof, _)| of_block(proof)).any(|(proof, design)| {
            let alike = design.alike(mutant).map(|mutant| design.with(&mutant));
            alike.is_some_and(|verilog| proof.prove(&self.sby, &verilog).is_err())
        })
    }
}
