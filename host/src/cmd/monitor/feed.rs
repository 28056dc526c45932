//! The run behind the picture, in a thread of its own: it never waits for the picture.

use nernst::coding::classify;
use nernst::monitor::News;
use nernst::runner::{Gave, RunError, Runner, Spikes, Step};
use nernst::session::Session;
use nernst_spec::Image;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time from one look at the board's ledger to the next: a look takes as long on the link as a sample or two.
const LOOK: Duration = Duration::from_millis(250);
/// How long a run that has to wait sleeps at most before it looks again.
const NAP: Duration = Duration::from_millis(10);

/// What the keys set.
#[derive(Default)]
pub struct Controls {
    pub quit: AtomicBool,
    paused: AtomicBool,
    /// Microseconds from one sample to the next; 0 for none.
    interval: AtomicU64,
}

impl Controls {
    pub fn paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }
    pub fn toggle_pause(&self) {
        self.paused.fetch_xor(true, Ordering::Relaxed);
    }
    /// Most samples a second.
    pub fn set_limit(&self, limit: Option<f64>) {
        self.interval.store(limit.map_or(0, |limit| (1e6 / limit) as u64), Ordering::Relaxed);
    }
}

/// The samples of a run with their classes.
pub struct Feed {
    pub samples: Vec<(Spikes, usize)>,
    /// Without end.
    pub repeat: bool,
}

impl Feed {
    /// Runs until the samples or the controls say it ends; `tell` is told what it gives.
    pub fn run(
        &self,
        session: &mut Session,
        image: &Image,
        controls: &Controls,
        tell: impl Fn(News),
    ) -> Result<(), RunError> {
        let mut runner = Runner::new(session, image, false)?;
        // Those under way, from the thread's two halves: what is posted and what came back.
        let posted = Mutex::new(VecDeque::<(u64, usize)>::new());
        let (mut number, mut looked, mut due) = (0, Instant::now(), Instant::now());
        let next = |under_way: usize| {
            if controls.quit.load(Ordering::Relaxed) || (number == self.samples.len() && !self.repeat) {
                return Step::End;
            }
            let interval = Duration::from_micros(controls.interval.load(Ordering::Relaxed));
            if controls.paused() || (!interval.is_zero() && Instant::now() < due) {
                if under_way == 0 {
                    let until = due.saturating_duration_since(Instant::now());
                    std::thread::sleep(if controls.paused() { NAP } else { NAP.min(until) });
                }
                return Step::Wait;
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                return Step::Ledger;
            }
            // A limit is of the mean: a sample that was late does not delay those after it, and a pause is not made up.
            due = (due + interval).max(Instant::now().checked_sub(LOOK).unwrap_or(due));
            let (spikes, class) = &self.samples[number % self.samples.len()];
            number += 1;
            let count = spikes.iter().map(|tick| tick.len() as u64).sum();
            lock(&posted).push_back((count, *class));
            Step::Sample(spikes.clone())
        };
        runner.drive(next, |gave| match gave {
            Gave::Ledger(ledger) => tell(News::Ledger(ledger)),
            Gave::Sample(run) => {
                // Samples come back in the order in which they were posted.
                let (spikes_in, class) = lock(&posted).pop_front().unwrap_or_default();
                tell(News::Sample { right: classify(&run.answers) == class, run, spikes_in });
            }
        })?;
        let (ledger, mismatches) = runner.finish()?;
        tell(News::End(ledger, mismatches));
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // One thread alone uses it, and what is in it is whole at every moment.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
