//! Why a netlist cannot be simulated.

/// What is wrong with a netlist, or what of it the simulator does not do.
#[derive(Debug, thiserror::Error)]
pub enum SwitchingError {
    /// The text is no JSON, or not of the form of Yosys' `write_json`.
    #[error("this is not a netlist in Yosys' JSON: {0}; write it with `synth_ecp5 -json`")]
    Json(#[from] serde_json::Error),
    /// No module has the attribute `top`.
    #[error("no module of the netlist is marked as the top; give `synth_ecp5` the option -top")]
    NoTop,
    /// The netlist has a part that cannot be as it is.
    #[error("{place}: {found}, expected {expected}")]
    Form {
        /// Cell, pin or port.
        place: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A cell that the simulator does not know.
    #[error("cell `{cell}` is a {kind}, which is not simulated; flatten the design and replace such cells")]
    UnknownCell {
        /// Its name.
        cell: String,
        /// Its type.
        kind: String,
    },
    /// A mode of a cell that the simulator does not know.
    #[error("cell `{cell}` has {parameter} = \"{found}\", and only {known} is simulated")]
    Mode {
        /// Its name.
        cell: String,
        /// Its type and the parameter, such as `TRELLIS_FF.CLKMUX`.
        parameter: String,
        /// Its value.
        found: String,
        /// The values that are simulated.
        known: String,
    },
    /// A pin that must be 0 or open is driven.
    #[error("cell `{cell}`: pin {pin} is driven by `{net}`, and only {known} is simulated")]
    Pin {
        /// Its name.
        cell: String,
        /// Its type and the pin, such as `EHXPLLL.RST`.
        pin: String,
        /// The net that drives it, or 1.
        net: String,
        /// What is simulated.
        known: String,
    },
    /// The design has more than one clock.
    #[error(
        "cell `{cell}` is clocked by net `{net}` and others by `{clock}`; only designs with one clock are simulated"
    )]
    TwoClocks {
        /// A cell of the second clock.
        cell: String,
        /// The second clock.
        net: String,
        /// The first clock.
        clock: String,
    },
    /// The clock comes out of logic or is read by it.
    #[error("the clock `{net}` is {found}; it must come from an input, a PLL or an oscillator, to clock pins only")]
    ClockInLogic {
        /// The clock.
        net: String,
        /// Where else it was found.
        found: String,
    },
    /// A net is read and nobody drives it.
    #[error("net `{net}`, which {reader} reads, has no driver")]
    NoDriver {
        /// The net.
        net: String,
        /// Cell or port.
        reader: String,
    },
    /// Two cells or inputs drive a net.
    #[error("net `{net}` is driven by {first} and by {second}")]
    TwoDrivers {
        /// The net.
        net: String,
        /// Cell or port.
        first: String,
        /// Cell or port.
        second: String,
    },
    /// Logic that depends on itself without a register in between.
    #[error("logic depends on itself: {}; put a register in the loop", .nets.join(" -> "))]
    Loop {
        /// Nets of the loop, in the direction of the signal; those inside a cell are left out.
        nets: Vec<String>,
    },
    /// No port or net of this name.
    #[error("there is no {kind} `{name}`; {hint}")]
    NoName {
        /// Input, output or net.
        kind: &'static str,
        /// The name.
        name: String,
        /// What there is.
        hint: String,
    },
    /// A port that a number of 64 bits cannot hold.
    #[error("port `{name}` has {width} bits, and at most 64 can be set or read as a number; look at its nets instead")]
    WidePort {
        /// The port.
        name: String,
        /// Its width in bits.
        width: usize,
    },
}

pub(super) type Result<T> = std::result::Result<T, SwitchingError>;
