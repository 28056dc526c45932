//! Serial ports of this machine.

use super::{Holder, Port, holders};
use serialport::{ClearBuffer, ErrorKind, SerialPort, SerialPortType};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for the operating system to take bytes. More than the wire needs for all that a host may have under way,
/// even at 9,600 baud.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a port does not open.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error("port `{name}` does not exist")]
    Missing { name: String, existing: Vec<String> },
    #[error("port `{name}` is in use by {}", in_words(holders))]
    Busy { name: String, holders: Vec<Holder> },
    #[error("no permission to open port `{name}`")]
    Permission { name: String },
    #[error("`{name}` is not a serial port")]
    NotSerial { name: String, existing: Vec<String> },
    #[error("port `{name}` does not run at {baud} baud")]
    Baud { name: String, baud: u32 },
    #[error("port `{name}`: {what}")]
    Other { name: String, what: String },
    #[error("port `{name}`: {source}")]
    Config { name: String, source: crate::config::ConfigError },
}

impl PortError {
    /// What a user can do about it.
    pub fn help(&self) -> Option<String> {
        let others = |existing: &[String]| match existing {
            [] => "no serial port exists here: plug the board in, or use `--port virtual`".to_string(),
            _ => format!("ports that exist: {}; or use `--port virtual`", existing.join(", ")),
        };
        match self {
            Self::Missing { existing, .. } | Self::NotSerial { existing, .. } => Some(others(existing)),
            Self::Busy { name, holders } => Some(match holders.as_slice() {
                [] => format!("end the program that has `{name}` open, then try again"),
                [Holder { process, pid }] => format!("end {process} (`kill {pid}`) or let it finish, then try again"),
                _ => format!("end them or let them finish, then try again; `{name}` serves one program at a time"),
            }),
            Self::Permission { name } if cfg!(target_os = "linux") => Some(format!(
                "`ls -l {name}` shows the group that may (often dialout): `sudo usermod -aG dialout $USER`, then log in again"
            )),
            Self::Permission { .. } => Some("run as a user who may open it".into()),
            Self::Baud { .. } => Some("give the speed that the board's configuration has with --baud".into()),
            Self::Config { source, .. } => source.help(),
            Self::Other { .. } => None,
        }
    }
}

fn in_words(holders: &[Holder]) -> String {
    match holders {
        [] => "another program".into(),
        holders => holders.iter().map(Holder::to_string).collect::<Vec<_>>().join(" and "),
    }
}

/// Names of the serial ports that this machine lists. Pseudo-terminals are not among them.
pub fn existing() -> Vec<(String, SerialPortType)> {
    let mut ports: Vec<_> =
        serialport::available_ports().unwrap_or_default().into_iter().map(|p| (p.port_name, p.port_type)).collect();
    ports.sort_by(|a, b| a.0.cmp(&b.0));
    ports
}

/// A serial port: 8 data bits, no parity, one stop bit, no flow control by wires.
pub struct Serial {
    name: String,
    baud: u32,
    port: Box<dyn SerialPort>,
    opened: Instant,
}

impl Serial {
    /// Opens a port for this process alone.
    pub fn open(name: &str, baud: u32) -> Result<Self, PortError> {
        let names = || existing().into_iter().map(|(name, _)| name).collect();
        let is_path = cfg!(unix);
        if is_path && !Path::new(name).exists() {
            return Err(PortError::Missing { name: name.into(), existing: names() });
        }
        // A pseudo-terminal of macOS knows no speed: setting one fails.
        let speed = if cfg!(target_os = "macos") && name.starts_with("/dev/ttys") { 0 } else { baud };
        let name_owned = || name.to_string();
        let mut port = serialport::new(name, speed).timeout(WRITE_TIMEOUT).open().map_err(|error| {
            let name = name_owned();
            match error.kind {
                ErrorKind::NoDevice if is_path => PortError::Busy { holders: holders(Path::new(&name)), name },
                ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::NotFound) => {
                    PortError::Missing { name, existing: names() }
                }
                ErrorKind::Io(io::ErrorKind::PermissionDenied) if is_path => PortError::Permission { name },
                // Windows says so of a port that is open elsewhere.
                ErrorKind::Io(io::ErrorKind::PermissionDenied) => PortError::Busy { name, holders: vec![] },
                ErrorKind::InvalidInput => PortError::Baud { name, baud },
                _ if is_path && !is_character_device(&name) => PortError::NotSerial { name, existing: names() },
                _ => PortError::Other { name, what: error.description },
            }
        })?;
        // Some bridges send nothing before these lines are set; others, and pseudo-terminals, do not have them.
        let _ = port.write_data_terminal_ready(true);
        let _ = port.write_request_to_send(true);
        // Whatever arrived before was not for us. A port that cannot drop it is read until the board answers anyway.
        let _ = port.clear(ClearBuffer::Input);
        Ok(Self { name: name.into(), baud, port, opened: Instant::now() })
    }
}

#[cfg(unix)]
fn is_character_device(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_character_device(_path: &str) -> bool {
    true
}

impl Port for Serial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.set_timeout(WRITE_TIMEOUT)?;
        self.port.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.port.set_timeout(timeout)?;
        match self.port.read(buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => Ok(0),
            other => other,
        }
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    fn bytes_per_second(&self) -> Option<u32> {
        // One start bit and one stop bit besides the eight.
        Some(self.baud / 10)
    }

    fn name(&self) -> &str {
        &self.name
    }
}
