//! The terminal: taken when a screen is opened, given back when it is dropped, also after an error or a panic.

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::{Frame, Terminal};
use std::io::{self, Stderr};

/// A terminal in raw mode that shows its other screen. It is that of standard error: the process holds its standard
/// output for itself, and a panic of another thread could not clean up there.
pub struct Screen(Terminal<CrosstermBackend<Stderr>>);

impl Screen {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        let before = std::panic::take_hook();
        // The message of a panic belongs on the screen that stays.
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        enable_raw_mode()?;
        let opened = execute!(io::stderr(), EnterAlternateScreen)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        opened.map(Self).inspect_err(|_| give_back())
    }

    /// Draws a picture: only what has changed is written.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.0.draw(picture).map(drop)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whatever of it fails, the rest is tried, and there is nobody left to tell.
fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
}
