//! Who has the device open.

pub(super) use imp::Watch;

#[cfg(target_os = "linux")]
mod imp {
    use super::super::{PtyError, system};
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    use rustix::io::Errno;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::path::Path;

    /// Counts who opens and closes a device.
    #[derive(Debug)]
    pub struct Watch {
        inotify: OwnedFd,
        open: usize,
    }

    impl Watch {
        /// Begins to watch; whoever has the device open by then is not counted.
        pub fn new(path: &Path) -> Result<Self, PtyError> {
            let inotify = system("inotify", inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK))?;
            system("watch", inotify::add_watch(&inotify, path, WatchFlags::OPEN | WatchFlags::CLOSE))?;
            Ok(Self { inotify, open: 0 })
        }

        /// Readable when somebody has opened or closed the device.
        pub fn fd(&self) -> Option<BorrowedFd<'_>> {
            Some(self.inotify.as_fd())
        }

        /// Takes note of what has happened. Returns whether somebody has closed the device and nobody has it open now.
        pub fn update(&mut self) -> Result<bool, PtyError> {
            let mut buffer = [MaybeUninit::uninit(); 1024];
            let mut events = inotify::Reader::new(&self.inotify, &mut buffer);
            let mut closed = false;
            loop {
                match events.next() {
                    Ok(event) if event.events().contains(ReadFlags::OPEN) => self.open += 1,
                    Ok(event) if event.events().intersects(ReadFlags::CLOSE_WRITE | ReadFlags::CLOSE_NOWRITE) => {
                        self.open = self.open.saturating_sub(1);
                        closed = true;
                    }
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Ok(closed && self.open == 0),
                    Err(error) => return system("inotify", Err(error)),
                }
            }
        }

        /// Bytes have come, so somebody must have it open: the kernel tells of two that open it at once only once.
        pub fn heard(&mut self) {
            self.open = self.open.max(1);
        }

        pub fn is_attached(&self) -> bool {
            self.open > 0
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::super::PtyError;
    use std::os::fd::BorrowedFd;
    use std::path::Path;

    /// Without inotify somebody is taken to listen always: a program that opens the device may find what the board said
    /// before, which the link's synchronisation skips.
    #[derive(Debug)]
    pub struct Watch;

    impl Watch {
        pub fn new(_path: &Path) -> Result<Self, PtyError> {
            Ok(Self)
        }
        pub fn fd(&self) -> Option<BorrowedFd<'_>> {
            None
        }
        pub fn update(&mut self) -> Result<bool, PtyError> {
            Ok(false)
        }
        pub fn heard(&mut self) {}
        pub fn is_attached(&self) -> bool {
            true
        }
    }
}
