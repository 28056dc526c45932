//! The host link: frames over a byte stream in both directions, checked, numbered, acknowledged and resent.
//!
//! * [`frame`]: bytes of a frame, and how a stream is cut into frames.
//! * [`message`]: what frames say: commands to the board, replies to the host.
//! * [`stream`]: spikes and ticks as bits.
//! * [`values`]: values of which the board makes spikes.
//!
//! `docs/link.md` in the repository is the same for whoever writes another host, with timing and examples byte by byte.
//!
//! ## Numbering and resending
//! Frames whose [`Kind`] is numbered carry a sequence number, counted modulo 256 from 0 after a
//! synchronisation, in each direction on its own. A receiver applies a numbered frame only if it is intact and its number
//! is the next one; everything else is dropped. Every frame of either direction carries the number that its sender expects
//! next: all before it are acknowledged.
//!
//! All timers are the host's. When it misses an acknowledgement it sends its unacknowledged frames again; when it misses a
//! reply it sends an [`Acknowledge`](message::Kind::Acknowledge) frame with [`FLAG_RESEND`], on which the board sends
//! again all that the host has not acknowledged. A board answers every frame of a host that it receives intact, applied or
//! not, with at least an acknowledgement; the acknowledgement and the flags in such a frame count whether it is applied or
//! not. A number that acknowledges a frame which was never sent is ignored.
//!
//! In a session a board answers bytes that are no frame with [`Missing`](message::Kind::Missing), and likewise an intact frame whose number is 1 to 127 ahead of the
//! next one, unless it has done so since it last applied one: the host need not wait for a timeout.
//!
//! A kind that is numbered and not from a board, but that this board does not know, is applied like any other and answered with
//! an [`Error`](message::Kind::Error): a gap in the numbers would block the link. Frames of any other unknown kind, and frames
//! from a board (an echo of its own), are dropped without an answer.
//!
//! ## Flow control
//! Each frame from the board tells the free room of its receive buffer in units of [`ROOM_UNIT`] bytes, not counting
//! frames that it has not acknowledged. The host keeps the sum of [`frame::room_taken`] over its unacknowledged frames
//! within it, and no more than [`MAX_UNACKNOWLEDGED`] of them under way. The board keeps its replies until they are
//! acknowledged, stops executing when it has no room for more, and keeps at most [`MAX_UNACKNOWLEDGED`]. When room has grown
//! the board tells it by itself, in a frame that may be lost: a host that waits for room and hears nothing asks with an
//! [`Acknowledge`](message::Kind::Acknowledge) frame, for which there is always room.
//!
//! ## Synchronisation
//! A host begins with a `Synchronise` frame that carries a number of its choice. The board drops all that is queued in
//! either direction, ends the command that it is executing, sets both counts to 0 and answers with the same number. What a
//! host receives before that answer belongs to somebody else. The network, membranes and counters are untouched.
//!
//! A command ends at its next word or tick: a tick that runs is run to its end, and its spikes to the host are dropped. Until
//! the answer the board drops all other frames, so the host waits for it. A `Synchronise` frame that comes in the meantime takes
//! the place of the first; each is answered unless it was replaced.
//!
//! A board that was configured or reset is in no session: it applies no other frame, and answers each that is intact with
//! `Synchronised` and the number 0, so that a host whose session it has forgotten hears of it.

pub mod frame;
pub mod message;
pub mod stream;
pub mod values;

pub use frame::{Deframer, Frame, FrameError};
pub use message::{Command, Kind, MessageError, Reply};
pub use values::Values;

/// Version of everything in this module. Host and board of different versions refuse each other by name.
pub const PROTOCOL_VERSION: u8 = 7;
/// Bytes of the board's receive buffer.
pub const RECEIVE_BUFFER: usize = 2048;
/// Bytes of the board's buffer of replies.
pub const REPLY_BUFFER: usize = 2048;
/// Unit in which the board tells its free room.
pub const ROOM_UNIT: usize = 16;
/// Most numbered frames that either side keeps unacknowledged: well under half of the numbers, so that old and new
/// frames cannot be confused.
pub const MAX_UNACKNOWLEDGED: usize = 64;
/// Flag of a frame from the host: send again what I have not acknowledged.
pub const FLAG_RESEND: u8 = 1;
