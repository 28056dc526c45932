//! Which programs have a port open.

use serde::Serialize;
use std::fmt;
use std::path::Path;

/// A process that has a port open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Name of its program.
    pub process: String,
    pub pid: i32,
}

/// `nernst (process 4711)`
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} (process {})", self.process, self.pid)
    }
}

/// The other processes that have this device open, as far as the system tells this user: those of other users only to root, and
/// only on Linux.
#[cfg(target_os = "linux")]
pub fn holders(device: &Path) -> Vec<Holder> {
    use procfs::process::{FDTarget, all_processes};
    // A symbolic link such as those in /dev/serial/by-id leads to the name that the system has for the device.
    let Ok(device) = device.canonicalize() else { return vec![] };
    let Ok(processes) = all_processes() else { return vec![] };
    let own = std::process::id();
    // Processes come and go, and some may not be looked into: those are left out.
    let holds = |process: &procfs::process::Process| {
        let files = process.fd().into_iter().flatten().flatten();
        let path = |file: procfs::process::FDInfo| match file.target {
            FDTarget::Path(path) => Some(path),
            _ => None,
        };
        let open: Vec<_> = files.filter_map(path).collect();
        // Who serves a pseudo-terminal has both ends of it open, and is the device.
        open.contains(&device) && !open.iter().any(|path| path.ends_with("ptmx"))
    };
    let holder =
        |process: procfs::process::Process| Some(Holder { process: process.stat().ok()?.comm, pid: process.pid });
    processes.flatten().filter(|process| process.pid as u32 != own && holds(process)).filter_map(holder).collect()
}

#[cfg(not(target_os = "linux"))]
pub fn holders(_device: &Path) -> Vec<Holder> {
    vec![]
}
