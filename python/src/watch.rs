//! Long work beside an interpreter that goes on: the work runs in a thread of its own and the caller's thread looks after signals and progress,
//! without holding the interpreter meanwhile.

use crate::failure::Failure;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How soon Ctrl-C is noticed.
const SLICE: Duration = Duration::from_millis(50);
/// As much as `.cargo/config.toml` gives test threads: an array's design is a large value.
const STACK: usize = 64 << 20;

/// How far the work is: of its parts so many are done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct State {
    done: usize,
    all: usize,
    finished: bool,
}

/// What the work tells, and asks, its caller.
pub struct Watch {
    state: Mutex<State>,
    changed: Condvar,
    stop: Arc<AtomicBool>,
}

impl Watch {
    /// Tells how many parts of all are done.
    pub fn progress(&self, done: usize, all: usize) {
        self.change(|state| (state.done, state.all) = (done, all));
    }

    /// An error where the caller wants no more.
    pub fn go_on(&self) -> Result<(), Failure> {
        // The caller raises its own exception in place of this.
        if self.stop.load(Ordering::Relaxed) { Err(Failure::bare("stopped")) } else { Ok(()) }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        // Numbers are whole whatever thread ended while it had them.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// The state once it differs from this one, or after a while.
    fn next(&self, last: State) -> State {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |state: &mut State| *state == last;
        let (state, _) = self.changed.wait_timeout_while(state, SLICE, same).unwrap_or_else(PoisonError::into_inner);
        *state
    }
}

/// Finishes a watch, also when its work panics.
struct Finish<'a>(&'a Watch);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.finished = true);
    }
}

/// Does the work. `progress` is called with the parts done and all parts whenever they change (not for each where they change fast). An exception of
/// it, or of a signal, makes `stop` true and is raised when the work has ended.
pub fn attend<T: Send>(
    py: Python,
    progress: Option<&Bound<PyAny>>,
    stop: &Arc<AtomicBool>,
    work: impl FnOnce(&Watch) -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let watch = Watch { state: Mutex::default(), changed: Condvar::new(), stop: stop.clone() };
    let mut raised: Option<PyErr> = None;
    let result = std::thread::scope(|scope| {
        let watch = &watch;
        let worker = Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, move || {
                let _finish = Finish(watch);
                work(watch)
            })
            .map_err(|error| Failure::bare(format!("no thread for the work: {error}")))?;
        let mut last = State::default();
        loop {
            let state = py.detach(|| watch.next(last));
            if raised.is_none() {
                let told = match progress {
                    Some(call) if (state.done, state.all) != (last.done, last.all) => {
                        call.call1((state.done, state.all)).map(drop)
                    }
                    _ => Ok(()),
                };
                if let Err(error) = told.and_then(|()| py.check_signals()) {
                    stop.store(true, Ordering::Relaxed);
                    raised = Some(error);
                }
            }
            if state.finished {
                break;
            }
            last = state;
        }
        py.detach(|| worker.join()).unwrap_or_else(|_| Err(Failure::defect()))
    });
    match raised {
        Some(error) => Err(error),
        None => Ok(result?),
    }
}
