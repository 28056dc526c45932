//! What an ECP5 has, from Lattice's data sheet FPGA-DS-02012; the numbers are those that nextpnr-ecp5 places into.

/// Resources of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Four-input lookup tables, and as many flip-flops.
    pub luts: usize,
    /// Block RAMs of 18 kbit.
    pub block_rams: usize,
    /// Multipliers of 18 x 18 bits.
    pub multipliers: usize,
}

/// Resources of a device by its name, such as `LFE5U-25F`; `None` for one that is not an ECP5. An LFE5U-12F is the chip of an LFE5U-25F, and the
/// open tools use all of it.
pub fn resources(device: &str) -> Option<Resources> {
    let size = device.strip_prefix("LFE5U").and_then(|rest| rest.rsplit('-').next())?;
    let (luts, block_rams, multipliers) = match size {
        "12F" | "25F" => (24_288, 56, 28),
        "45F" => (43_848, 108, 72),
        "85F" => (83_640, 208, 156),
        _ => return None,
    };
    Some(Resources { luts, block_rams, multipliers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::boards;

    #[test]
    fn every_board_has_a_known_device() {
        assert!(boards().iter().all(|board| resources(board.device).is_some()));
        assert_eq!(resources("LFE5UM5G-85F").map(|has| has.block_rams), Some(208));
        assert_eq!([resources("iCE40UP5K"), resources("LFE5U-99F")], [None; 2]);
    }
}
