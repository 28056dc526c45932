//! What can go wrong, said in one line.

/// Why a design could not be loaded, or a name not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not Verilog as this crate reads it.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line of the text given to [`crate::Simulator::from_verilog`], from 1.
        line: u32,
        /// What was found and what was expected.
        message: String,
    },
    /// The text is Verilog, but outside what the simulator runs.
    #[error("module {module}, line {line}: {construct} is not supported")]
    Unsupported {
        /// Module that contains the construct.
        module: String,
        /// Line, from 1.
        line: u32,
        /// The construct, by name.
        construct: String,
    },
    /// The design is wrong: an undriven or multiply driven net, a latch, a combinational loop, an unknown name.
    #[error("module {module}, line {line}: {message}")]
    Design {
        /// Module in which the fault was found.
        module: String,
        /// Line, from 1.
        line: u32,
        /// What is wrong.
        message: String,
    },
    /// There is no module of the name given in [`crate::Options::top`].
    #[error("there is no module `{top}` to start from; the text has {count} modules, the first is `{first}`")]
    NoTop {
        /// The name looked for.
        top: String,
        /// Number of modules in the text.
        count: usize,
        /// One that exists.
        first: String,
    },
    /// No port, net, memory or scope of that name.
    #[error("there is no {kind} `{name}`; {hint}")]
    NoName {
        /// What was looked for: input, output, net, memory or scope.
        kind: &'static str,
        /// The name.
        name: String,
        /// What there is instead.
        hint: String,
    },
    /// The port is there but does not fit the 64 bits of a handle.
    #[error("port `{name}` is {width} bits wide; a port that is set or read has at most 64, split it in the design")]
    WidePort {
        /// The port.
        name: String,
        /// Its width.
        width: u32,
    },
    /// The machine-code engine was asked for and cannot be had.
    #[error("cannot compile to machine code: {0}; use Engine::Interpreter")]
    Jit(String),
    /// Writing the waveform failed.
    #[error("writing the waveform failed: {0}")]
    Trace(#[from] std::io::Error),
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
