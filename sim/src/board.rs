//! What every board is: something that takes bytes from a host and gives bytes back.

use std::collections::VecDeque;

/// Whether a board still has something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It does nothing more until bytes come.
    Quiet,
    /// It has work left: call again.
    Busy,
}

/// Why a board stopped. It cannot be used further.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    #[error("simulated board: {0}")]
    Failed(String),
    #[error("virtual board: trace: {0}")]
    Trace(#[source] std::io::Error),
}

impl From<BoardError> for std::io::Error {
    fn from(error: BoardError) -> Self {
        std::io::Error::other(error)
    }
}

/// The board's end of a byte stream.
///
/// Time is the caller's: a board does a bounded amount of work in each call, so that one thread can serve it and
/// something else, and a board that is [`Activity::Quiet`] need not be called before there are bytes for it.
pub trait Board {
    /// Takes bytes from the front of `input` as it has use for them, appends bytes to `output`, and works for a bounded
    /// while. When it returns [`Activity::Quiet`], `input` is empty.
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError>;
}

impl<B: Board + ?Sized> Board for Box<B> {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        (**self).exchange(input, output)
    }
}
