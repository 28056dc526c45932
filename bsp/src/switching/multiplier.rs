//! MULT18X18D: 18 x 18 bits, each operand signed or not, with registers before, within and after.

use super::edge::{Edge, Slot};
use super::lanes::{LANES, transpose};

/// Bits of an operand with its sign, 0 for an unsigned one.
const OPERAND: usize = 19;
const PRODUCT: usize = 36;

type Planes<const N: usize> = [u64; N];

/// All lanes of one cell.
pub(super) struct Multiplier {
    pub(super) pins: Pins,
    pub(super) registers: Registers,
    /// A's 19 planes, then B's.
    operands: Planes<{ 2 * OPERAND }>,
    pipeline: Planes<PRODUCT>,
    output: Planes<PRODUCT>,
    /// Operands of the last product, and the product.
    multiplied: Planes<{ 2 * OPERAND }>,
    product: Planes<PRODUCT>,
}

pub(super) struct Pins {
    pub(super) a: [Edge; 18],
    pub(super) b: [Edge; 18],
    pub(super) signed: [Edge; 2],
    pub(super) enable: Edge,
    pub(super) reset: Edge,
    /// Outputs that are connected.
    pub(super) outputs: Vec<(usize, Slot)>,
}

/// Which registers there are.
pub(super) struct Registers {
    pub(super) a: bool,
    pub(super) b: bool,
    pub(super) pipeline: bool,
    pub(super) output: bool,
}

/// Takes a new value where a register is enabled, 0 where it is reset.
fn load<const N: usize>(register: &mut Planes<N>, value: &Planes<N>, enable: u64, reset: u64) {
    for (plane, new) in register.iter_mut().zip(value) {
        *plane = (*plane ^ (*plane ^ new) & enable) & !reset;
    }
}

impl Multiplier {
    pub(super) fn new(pins: Pins, registers: Registers) -> Self {
        let operands = [0; 2 * OPERAND];
        let zero = [0; PRODUCT];
        Self { pins, registers, operands, pipeline: zero, output: zero, multiplied: operands, product: zero }
    }

    /// Whether the outputs depend on inputs or operand registers without a register in between.
    pub(super) fn is_logic(&self) -> bool {
        !self.registers.pipeline && !self.registers.output
    }

    /// Pins that the outputs depend on within a clock.
    pub(super) fn logic_inputs(&self) -> impl Iterator<Item = Edge> {
        let a = (!self.registers.a).then_some(self.pins.a.iter().chain(&self.pins.signed[..1]));
        let b = (!self.registers.b).then_some(self.pins.b.iter().chain(&self.pins.signed[1..]));
        a.into_iter().flatten().chain(b.into_iter().flatten()).copied()
    }

    fn inputs(&self, values: &[u64]) -> Planes<{ 2 * OPERAND }> {
        let Pins { a, b, signed, .. } = &self.pins;
        let mut planes = [0; 2 * OPERAND];
        for (k, operand) in [a, b].into_iter().enumerate() {
            let planes = &mut planes[k * OPERAND..][..OPERAND];
            (0..18).for_each(|bit| planes[bit] = operand[bit].value(values));
            planes[18] = planes[17] & signed[k].value(values);
        }
        planes
    }

    /// The operands as they reach the multiplier.
    fn used(&self, inputs: &Planes<{ 2 * OPERAND }>) -> Planes<{ 2 * OPERAND }> {
        let registered = |plane| if plane < OPERAND { self.registers.a } else { self.registers.b };
        std::array::from_fn(|plane| if registered(plane) { self.operands[plane] } else { inputs[plane] })
    }

    /// Multiplies lane by lane, if an operand has changed since the last time.
    fn multiply(&mut self, operands: &Planes<{ 2 * OPERAND }>) {
        if self.multiplied == *operands {
            return;
        }
        self.multiplied = *operands;
        let mut lanes = [0; LANES];
        lanes[..2 * OPERAND].copy_from_slice(operands);
        transpose(&mut lanes);
        for lane in &mut lanes {
            // both are shifted up to the top bit of a word, and down again with their sign
            let a = (*lane << (64 - OPERAND)) as i64 >> (64 - OPERAND);
            let b = (*lane << (64 - 2 * OPERAND)) as i64 >> (64 - OPERAND);
            *lane = (a * b) as u64;
        }
        transpose(&mut lanes);
        self.product.copy_from_slice(&lanes[..PRODUCT]);
    }

    /// The outputs of a multiplier that is logic.
    pub(super) fn settle(&mut self, values: &mut [u64]) {
        let operands = self.used(&self.inputs(values));
        self.multiply(&operands);
        for (bit, slot) in &self.pins.outputs {
            values[*slot as usize] = self.product[*bit];
        }
    }

    /// The clock's edge, with the values before it.
    pub(super) fn clock(&mut self, values: &[u64]) {
        let (enable, reset) = (self.pins.enable.value(values), self.pins.reset.value(values));
        if enable | reset == 0 {
            return;
        }
        let inputs = self.inputs(values);
        if !self.is_logic() {
            let operands = self.used(&inputs);
            self.multiply(&operands);
            let staged = if self.registers.pipeline { self.pipeline } else { self.product };
            load(&mut self.output, &staged, enable, reset);
            load(&mut self.pipeline, &self.product, enable, reset);
        }
        load(&mut self.operands, &inputs, enable, reset);
    }

    /// Puts the registers on the outputs, after every cell has had the edge.
    pub(super) fn drive(&self, values: &mut [u64]) {
        if self.is_logic() {
            return;
        }
        let planes = if self.registers.output { &self.output } else { &self.pipeline };
        for (bit, slot) in &self.pins.outputs {
            values[*slot as usize] = planes[*bit];
        }
    }
}
