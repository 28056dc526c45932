//! The loop between a pseudo-terminal and a board.

use super::watch::Watch;
use super::{PtyError, system};
use crate::board::{Activity, Board};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, QueueSelector, ioctl_tiocnxcl, tcflush, tcgetattr, tcsetattr};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// The board is not called while this many bytes wait for a host that does not read.
const MOST_OUTPUT: usize = 1 << 16;

pub(super) struct Server {
    master: OwnedFd,
    /// Kept open: without it the master would report a hangup whenever nobody else has the device open.
    slave: OwnedFd,
    watch: Watch,
    /// Readable when the other end is closed.
    stopped: UnixStream,
}

impl Server {
    /// A new pseudo-terminal in raw mode, and its path.
    pub fn open(stopped: UnixStream) -> Result<(Self, PathBuf), PtyError> {
        let master = system("open", openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY))?;
        system("flags", rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC))?;
        system("grant", grantpt(&master))?;
        system("unlock", unlockpt(&master))?;
        let name = system("name", ptsname(&master, Vec::new()))?;
        let path = PathBuf::from(OsString::from_vec(name.into_bytes()));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = system("open device", open(&path, flags, Mode::empty()))?;
        // A new terminal echoes: what the board says before anybody has set it up would come back as the host's words.
        let mut settings = system("settings", tcgetattr(&slave))?;
        settings.make_raw();
        system("settings", tcsetattr(&slave, OptionalActions::Now, &settings))?;
        let flags = system("flags", fcntl_getfl(&master))?;
        system("flags", fcntl_setfl(&master, flags | OFlags::NONBLOCK))?;
        let watch = Watch::new(&path)?;
        Ok((Self { master, slave, watch, stopped }, path))
    }

    /// Serves the board until it is told to stop.
    pub fn serve(&mut self, mut board: impl Board) -> Result<(), PtyError> {
        let (mut input, mut output) = (VecDeque::new(), VecDeque::new());
        let mut activity = Activity::Busy;
        loop {
            let works = activity == Activity::Busy && output.len() < MOST_OUTPUT;
            if self.wait(!works, !output.is_empty())? {
                return Ok(());
            }
            let received = self.receive(&mut input)?;
            let closed = self.watch.update()?;
            if received {
                activity = Activity::Busy;
                if !closed {
                    self.watch.heard();
                }
            }
            if activity == Activity::Busy && output.len() < MOST_OUTPUT {
                activity = board.exchange(&mut input, &mut output)?;
            }
            if closed {
                self.forget_client()?;
            }
            if self.watch.is_attached() {
                self.send(&mut output)?;
            } else {
                output.clear();
            }
        }
    }

    /// Waits until there is something to do, or only looks. Returns whether to stop.
    fn wait(&self, block: bool, writing: bool) -> Result<bool, PtyError> {
        let master = if writing { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let mut fds = vec![PollFd::new(&self.master, master), PollFd::new(&self.stopped, PollFlags::IN)];
        fds.extend(self.watch.fd().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        match poll(&mut fds, if block { None } else { Some(&now) }) {
            Ok(_) | Err(Errno::INTR) => Ok(!fds[1].revents().is_empty()),
            Err(error) => system("poll", Err(error)),
        }
    }

    /// Takes all that the host has written. Returns whether it was anything.
    fn receive(&self, input: &mut VecDeque<u8>) -> Result<bool, PtyError> {
        let mut buffer = [0; 4096];
        let mut received = false;
        loop {
            match rustix::io::read(&self.master, &mut buffer) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(received),
                Ok(count) => input.extend(&buffer[..count]),
                Err(Errno::INTR) => continue,
                Err(error) => return system("read", Err(error)),
            }
            received = true;
        }
    }

    /// Writes as much as the terminal takes now.
    fn send(&self, output: &mut VecDeque<u8>) -> Result<(), PtyError> {
        while !output.is_empty() {
            match rustix::io::write(&self.master, output.as_slices().0) {
                Ok(count) => drop(output.drain(..count)),
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return system("write", Err(error)),
            }
        }
        Ok(())
    }

    /// The last host has closed the device: what it did not read is of no use to the next, and if it was killed, its
    /// claim of exclusive use would keep everybody else out for ever.
    fn forget_client(&self) -> Result<(), PtyError> {
        system("end exclusive use", ioctl_tiocnxcl(&self.slave))?;
        system("drop unread bytes", tcflush(&self.slave, QueueSelector::IFlush))
    }
}
