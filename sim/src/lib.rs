//! What stands in for a board: the reference model that defines behaviour, and boards that answer the host link.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | [`ReferenceArray`]: every spike, membrane and counter of an array, as plain arithmetic |
//! | [`board`] | the [`Board`] trait: bytes from a host in, bytes to it out |
//! | [`reference_board`] | [`ReferenceBoard`]: the model behind the host link |
//! | [`port`] | [`BoardPort`]: any board as `Read + Write` in this process |

pub mod board;
pub mod model;
pub mod port;
pub mod reference_board;

pub use board::{Activity, Board, BoardError};
pub use model::{AccessError, LoadError, ReferenceArray};
pub use port::BoardPort;

pub use reference_board::ReferenceBoard;
