//! `nernst monitor`: a run in a terminal, live.

mod feed;
mod screen;

use super::args::{ImageArgs, PortArgs, load};
use super::samples::{self, SampleArgs};
use super::{Failure, stop_signal};
use feed::{Controls, Feed};
use nernst::energy::PriceTable;
use nernst::energy::prices::{self, PriceError};
use nernst::monitor::{About, News, State, draw};
use nernst::runner::RunError;
use nernst::session::SessionError;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};
use screen::Screen;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// Time from one picture to the next.
const FRAME: Duration = Duration::from_millis(50);

/// Run a network on the test samples of a data set and watch it in the terminal.
///
/// Shows rates, accuracy, joules with their grade, the spikes of the outputs and the work of each core. Keys: q quits,
/// p or space pauses, - and + set a speed limit. Everything is compared with the reference model as by `nernst run`.
#[derive(clap::Args)]
pub struct Monitor {
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    data: SampleArgs,
    /// Begin again after the last sample, until q.
    #[arg(long)]
    repeat: bool,
    /// Quit after the last sample instead of showing the end.
    #[arg(long, conflicts_with = "repeat")]
    exit: bool,
    /// Price table for joules: the name of one that comes with the program, or a TOML file [default: the first that
    /// `nernst ledger` takes].
    #[arg(long, value_name = "NAME|FILE")]
    prices: Option<String>,
}

impl Monitor {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        // The screen is drawn on standard error, keys are read from standard input.
        if !std::io::stderr().is_terminal() || !std::io::stdin().is_terminal() {
            let what = "standard input and standard error are no terminal: a monitor has nowhere to draw".into();
            return Err(Failure { what, help: "run it in a terminal, or use `nernst run`".into() }.into());
        }
        let image = self.image.image()?;
        let code = samples::code(&image)?;
        let (_, samples) = self.data.samples(&image)?;
        let prices = self.price_table()?;
        let stop = stop_signal()?;
        let mut session = self.port.open(Some(&image.config))?;
        load(&mut session, &image)?;
        let about = About {
            network: image.name.clone(),
            config: session.identity().config.name.clone(),
            port: session.port_name(),
            cores: session.identity().config.cores.clone(),
            outputs: image.outputs.clone(),
            samples: (!self.repeat).then_some(samples.len()),
            prices,
        };
        let spikes = samples.iter().map(|sample| (code.encode(&sample.pixels), sample.label as usize));
        let feed = Feed { samples: spikes.collect(), repeat: self.repeat };
        let (controls, mut state) = (Controls::default(), State::new(about));
        let (sender, news) = channel();
        let mut screen = Screen::open()?;
        let begun = Instant::now();
        let (shown, ran) = std::thread::scope(|scope| {
            let controls = &controls;
            let run = scope.spawn(move || feed.run(&mut session, &image, controls, |one| drop(sender.send(one))));
            let shown = watch(&mut screen, &mut state, &news, controls, self.exit, &stop);
            // Whatever ended the picture ends the run.
            controls.quit.store(true, Ordering::Relaxed);
            (shown, run.join())
        });
        let seconds = begun.elapsed().as_secs_f64();
        drop(screen);
        // A panic of the run goes on as if it had happened here, now that the terminal is as it was.
        ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        shown?;
        news.try_iter().for_each(|one| state.take(one));
        summary(out, &state, seconds)
    }

    fn price_table(&self) -> anyhow::Result<PriceTable> {
        let failure = |error: PriceError| Failure { what: error.to_string(), help: error.help() };
        Ok(prices::find(self.prices.as_deref().unwrap_or(prices::DEFAULT)).map_err(failure)?)
    }
}

/// Shows the run and obeys keys until it is to end.
fn watch(
    screen: &mut Screen,
    state: &mut State,
    news: &Receiver<News>,
    controls: &Controls,
    exit: bool,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let gone = loop {
            match news.try_recv() {
                Ok(one) => state.take(one),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        // A run that broke off has an error to show; one that ended is looked at until q.
        if stop.load(Ordering::Relaxed) || (gone && (exit || state.end.is_none())) {
            return Ok(());
        }
        state.at(begun.elapsed());
        state.paused = controls.paused();
        screen.draw(|frame| draw(frame, state))?;
        let next = Instant::now() + FRAME;
        while event::poll(next.saturating_duration_since(Instant::now()))? {
            let Event::Key(key) = event::read()? else { continue };
            if !key.is_press() {
                continue;
            }
            if is_interrupt(&key) {
                stop.store(true, Ordering::Relaxed);
                return Ok(());
            }
            match key.code {
                KeyCode::Char('q') | KeyCode::Esc => return Ok(()),
                KeyCode::Char('p' | ' ') => controls.toggle_pause(),
                KeyCode::Char('+' | '=') => state.faster(),
                KeyCode::Char('-') => state.slower(),
                _ => {}
            }
            controls.set_limit(state.limit);
        }
    }
}

/// In raw mode Ctrl-C is a key.
fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// What came of it, as the last lines of `nernst run`.
fn summary(out: &mut impl Write, state: &State, seconds: f64) -> anyhow::Result<()> {
    let (samples, correct) = (state.sums.samples, state.correct);
    writeln!(out, "accuracy    {:.2} % ({correct} of {samples})", 100.0 * state.accuracy().unwrap_or(0.0))?;
    writeln!(out, "speed       {:.1} samples/s ({seconds:.2} s in the monitor)", samples as f64 / seconds)?;
    let Some(mismatches) = &state.end else { return Err(RunError::Session(SessionError::Interrupted).into()) };
    let (spikes, counters) = (mismatches.spikes, mismatches.counters);
    writeln!(out, "mismatches: {} ({spikes} of spikes, {counters} of counters)", mismatches.total())?;
    match mismatches.total() {
        0 => Ok(()),
        count => Err(Failure {
            what: format!("{count} mismatches between board and reference model: {}", mismatches.first.join("; ")),
            help: "a board that differs is faulty, overclocked or built from other sources: flash it again".into(),
        }
        .into()),
    }
}
