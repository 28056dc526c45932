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

    /// Whether a block of the design with this fault is one with properties, and no longer all of them are proved. Blocks are known by their ports.
    pub fn find(&self, design: &Design, mutant: &Mutant) -> bool {
        let ports = design.ports(&mutant.module);
        self.all.iter().filter(|(_, block)| block.ports("top") == ports).any(|(proof, block)| {
            let alike = block.alike(mutant).map(|mutant| block.with(&mutant));
            alike.is_some_and(|verilog| proof.prove(&self.sby, &verilog).is_err())
        })
    }
}
