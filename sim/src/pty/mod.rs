//! Any board behind a pseudo-terminal: a device file that a serial program opens like any port.
//!
//! The board works in a thread of its own. While it is quiet and no bytes come, the thread sleeps in the kernel. Whoever
//! has the device open is the board's host; what the board says while nobody has is dropped, as on a wire. A program that
//! was killed leaves nothing behind: unread bytes and its claim of exclusive use go when its file is closed.
//!
//! A pseudo-terminal has no speed, no parity and no modem lines: every baud rate can be set and means nothing, and
//! requests for DTR, RTS or CTS fail in the program that makes them.

mod server;
mod watch;

use self::server::Server;
use crate::board::{Board, BoardError};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::{fs, io};

/// Why a pseudo-terminal cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PtyError {
    #[error("pseudo-terminal: {what}: {source}")]
    System { what: &'static str, source: io::Error },
    #[error("link {path}: {source}; choose a path whose directory exists and can be written")]
    Link { path: PathBuf, source: io::Error },
    #[error("{0} exists and is no symbolic link: choose another path for the link to the pseudo-terminal")]
    Occupied(PathBuf),
    #[error(transparent)]
    Board(#[from] BoardError),
    #[error("the thread of the virtual board panicked")]
    Panic,
}

/// Names what failed.
fn system<T>(what: &'static str, result: rustix::io::Result<T>) -> Result<T, PtyError> {
    result.map_err(|error| PtyError::System { what, source: error.into() })
}

/// A board that is served behind a pseudo-terminal. Dropping it stops it.
#[derive(Debug)]
pub struct PtyBoard {
    path: PathBuf,
    link: Option<PathBuf>,
    /// Closing it tells the thread to stop.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<Result<(), PtyError>>>,
}

impl PtyBoard {
    /// Serves a board in a thread of its own. With `link`, a symbolic link of that path leads to the device; one that is
    /// there already is replaced, anything else is not.
    pub fn spawn(board: impl Board + Send + 'static, link: Option<&Path>) -> Result<Self, PtyError> {
        let failed = |what| move |source| PtyError::System { what, source };
        let (stop, stopped) = UnixStream::pair().map_err(failed("stop signal"))?;
        let (mut server, path) = Server::open(stopped)?;
        if let Some(link) = link {
            place(link, &path)?;
        }
        let link = link.map(Path::to_path_buf);
        let mut pty = Self { path, link, stop: Some(stop), thread: None };
        let thread = std::thread::Builder::new().name("virtual board".into());
        pty.thread = Some(thread.spawn(move || server.serve(board)).map_err(failed("thread"))?);
        Ok(pty)
    }

    /// The device: `/dev/pts/N`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the board still works. When it does not, [`Self::join`] says why.
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Waits until the board fails; it does not end by itself.
    pub fn join(mut self) -> Result<(), PtyError> {
        self.wait()
    }

    /// Ends the board.
    pub fn stop(mut self) -> Result<(), PtyError> {
        self.stop = None;
        self.wait()
    }

    fn wait(&mut self) -> Result<(), PtyError> {
        let result = self.thread.take().map(|thread| thread.join().unwrap_or(Err(PtyError::Panic)));
        result.unwrap_or(Ok(()))
    }
}

impl Drop for PtyBoard {
    fn drop(&mut self) {
        self.stop = None;
        // An error was for `join` and `stop` to tell; here is nobody to hear it.
        let _ = self.wait();
        if let Some(link) = &self.link
            && fs::read_link(link).is_ok_and(|target| target == self.path)
        {
            let _ = fs::remove_file(link);
        }
    }
}

fn place(link: &Path, target: &Path) -> Result<(), PtyError> {
    let failed = |source| PtyError::Link { path: link.into(), source };
    match fs::symlink_metadata(link) {
        Ok(metadata) if metadata.is_symlink() => fs::remove_file(link).map_err(failed)?,
        Ok(_) => return Err(PtyError::Occupied(link.into())),
        Err(_) => {}
    }
    std::os::unix::fs::symlink(target, link).map_err(failed)
}
