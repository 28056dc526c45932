//! Boards that are none.

use nernst_sim::{Activity, Board, BoardError};
use std::collections::VecDeque;

/// A board that does with bytes what a closure does.
pub struct Scripted<F>(pub F);

impl<F: FnMut(&mut VecDeque<u8>, &mut VecDeque<u8>)> Board for Scripted<F> {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        (self.0)(input, output);
        input.clear();
        Ok(Activity::Quiet)
    }
}
