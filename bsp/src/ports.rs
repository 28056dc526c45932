//! The ports at the top of a rust-hdl block.

use rust_hdl::prelude::*;

/// A port as the generated Verilog names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Name; members of arrays and interfaces are joined by `$`.
    pub name: String,
    /// Input or output.
    pub input: bool,
    /// Width in bits.
    pub width: usize,
    /// Present value in binary digits, highest bit first.
    pub value: String,
}

impl Port {
    /// Present value, its lowest 64 bits.
    pub fn number(&self) -> u64 {
        self.value.bytes().fold(0, |number, digit| number << 1 | u64::from(digit == b'1'))
    }
}

#[derive(Default)]
struct PortProbe {
    depth: usize,
    namespace: Vec<String>,
    ports: Vec<Port>,
}

impl Probe for PortProbe {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }
    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.namespace.push(name.to_string());
    }
    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.namespace.pop();
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        if self.depth != 1 {
            return;
        }
        let input = match signal.kind() {
            AtomKind::InputParameter => true,
            AtomKind::OutputParameter => false,
            _ => return,
        };
        let mut path = self.namespace.clone();
        path.push(name.to_string());
        let width = signal.bits();
        let value = binary(&signal.verilog().to_string(), width);
        self.ports.push(Port { name: path.join("$"), input, width, value });
    }
}

/// The ports of a block with their present values, in order of declaration.
pub fn ports<B: Block>(uut: &B) -> Vec<Port> {
    let mut probe = PortProbe::default();
    uut.accept("top", &mut probe);
    probe.ports
}

/// rust-hdl's literals `8'ha5`, `5'b101` and `8'h-5b` (a negative `Signed`) as so many binary digits.
fn binary(literal: &str, width: usize) -> String {
    let value = literal.split_once('\'').map_or(literal, |(_, value)| value);
    let (digit_bits, digits) = match value.strip_prefix('b') {
        Some(digits) => (1, digits),
        None => (4, value.strip_prefix('h').unwrap_or(value)),
    };
    let magnitude = digits.trim_start_matches('-');
    let mut bits: Vec<bool> = Vec::new();
    for digit in magnitude.chars().rev() {
        // rust-hdl prints nothing but digits of the radix here
        let digit = digit.to_digit(16).unwrap_or_default();
        bits.extend((0..digit_bits).map(|bit| digit >> bit & 1 == 1));
    }
    bits.resize(width, false);
    if digits.starts_with('-') {
        // two's complement: the bits above the lowest one are inverted
        let lowest = bits.iter().position(|bit| *bit).unwrap_or(width);
        bits.iter_mut().skip(lowest + 1).for_each(|bit| *bit = !*bit);
    }
    bits.iter().rev().map(|bit| if *bit { '1' } else { '0' }).collect()
}

#[cfg(test)]
mod tests {
    use super::binary;

    #[test]
    fn literals_of_rust_hdl_become_binary_digits() {
        assert_eq!(binary("8'ha5", 8), "10100101");
        assert_eq!(binary("5'b101", 5), "00101");
        assert_eq!(binary("1'b1", 1), "1");
        assert_eq!(binary("8'h-5", 8), "11111011");
        assert_eq!(binary("8'h-80", 8), "10000000");
        assert_eq!(binary("40'hff00000001", 40), "1111111100000000000000000000000000000001");
    }
}
