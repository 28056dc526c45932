//! Stack for what builds a design.

use std::io;
use std::panic::resume_unwind;

/// A design is one large value that rust-hdl builds on the stack: several tens of MiB for the largest array. What is not used
/// of this costs nothing but addresses.
const SIZE: usize = 512 << 20;

/// Does `work` in a thread with a large stack and waits for it.
pub fn with_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(SIZE).spawn_scoped(scope, work)?;
        // A panic of the work goes on as if it had happened here.
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
