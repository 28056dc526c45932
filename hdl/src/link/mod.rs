//! The host link of the board, as `nernst_spec::link` describes it.
//!
//! ```text
//!            ┌──────────┐ commands ┌──────────┐
//!  rx ──────▶│ Receiver │─────────▶│ Executor │◀────▶ array
//!            └────┬─────┘          └────┬─────┘
//!   acknowledge,  │ room                │ replies
//!            ┌────▼──────┐              │
//!  tx ◀──────│Transmitter│◀─────────────┘
//!            └───────────┘
//! ```
//! | block | what |
//! |---|---|
//! | [`Link`] | all of this |
//! | [`Receiver`] | frames from the host: unstuffed, checked, in order, kept until they are executed |
//! | [`Executor`] | commands, one after the other, on the array |
//! | [`Transmitter`] | frames to the host: kept until they are acknowledged, sent again on request |
//! | [`Crc32`] | a CRC, one byte per clock |
//! | [`UartReceiver`], [`UartTransmitter`] | bytes on a serial line |

mod baud;
mod crc32;
mod executor;
mod receiver;
mod transmitter;
mod uart_receiver;
mod uart_transmitter;
mod whole;

pub use baud::{BaudError, MIN_CLOCKS_PER_BIT, PHASE_BITS, phase_increment};
pub use crc32::Crc32;
pub use executor::{
    AddressRegister, Answer, AnswerState, Executor, ExecutorState, Memory, MemoryState, Pacer, Reply, STEP_BITS,
    StepTable, Stream, StreamState, TrainDecoder, TrainDecoderState, TrainEncoder, TrainEncoderState, ValueEncoder,
    ValueEncoderState, WordShifter,
};
pub use receiver::Receiver;
pub use transmitter::{FrameBuilder, FrameState, ReplyRing, Stuffer, Transmitter};
pub use uart_receiver::{ReceiverState, UartReceiver};
pub use uart_transmitter::UartTransmitter;
pub use whole::Link;

/// Fewest clocks between two bytes that are handed to a [`Link`]: its receiver takes one in four steps.
pub const RX_CLOCKS_PER_BYTE: usize = 4;
/// Clocks after a byte was handed to a [`Link`] before its word that it is quiet counts.
pub const QUIET_LATENCY: usize = 4;
