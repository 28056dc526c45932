//! What goes over a port, seen by somebody between host and line who knows frames and nothing of what is in them.

use crate::port::{FaultCounts, Port};
use nernst_spec::link::{Deframer, Kind};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What went in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Bytes on the line.
    pub bytes: u64,
    /// Intact frames.
    pub frames: u64,
    /// Of these, those with spikes.
    pub stream_frames: u64,
    /// Bytes of their payload.
    pub stream_payload: u64,
}

impl std::ops::Sub for Traffic {
    type Output = Self;
    fn sub(self, before: Self) -> Self {
        Self {
            bytes: self.bytes - before.bytes,
            frames: self.frames - before.frames,
            stream_frames: self.stream_frames - before.stream_frames,
            stream_payload: self.stream_payload - before.stream_payload,
        }
    }
}

/// What a tap has seen until now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    pub to_board: Traffic,
    pub from_board: Traffic,
    /// Time on the port's clock after the last call.
    pub now: Duration,
    /// The same after the last call that brought bytes.
    pub heard: Duration,
    pub faults: FaultCounts,
}

/// A port with a tap.
pub struct Tap<P> {
    port: P,
    seen: Arc<Mutex<Seen>>,
    to_board: Deframer,
    from_board: Deframer,
}

/// What the tap sees, for whoever gave the port away.
#[derive(Clone)]
pub struct Eye(Arc<Mutex<Seen>>);

impl Eye {
    pub fn look(&self) -> Seen {
        // Numbers are whole even where somebody panicked.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Port> Tap<P> {
    pub fn new(port: P) -> (Self, Eye) {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let tap = Self { port, seen: seen.clone(), to_board: Deframer::new(), from_board: Deframer::new() };
        (tap, Eye(seen))
    }

    fn note(&mut self, what: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        what(&mut seen);
        seen.now = self.port.now();
        seen.faults = self.port.faults().unwrap_or_default();
    }
}

fn traffic(deframer: &mut Deframer, bytes: &[u8]) -> Traffic {
    let mut traffic = Traffic { bytes: bytes.len() as u64, ..Traffic::default() };
    for frame in bytes.iter().filter_map(|&byte| deframer.push(byte)).flatten() {
        traffic.frames += 1;
        if matches!(frame.kind, Kind::Stream | Kind::StreamOut) {
            traffic.stream_frames += 1;
            traffic.stream_payload += frame.payload.len() as u64;
        }
    }
    traffic
}

fn add(sum: &mut Traffic, more: Traffic) {
    sum.bytes += more.bytes;
    sum.frames += more.frames;
    sum.stream_frames += more.stream_frames;
    sum.stream_payload += more.stream_payload;
}

impl<P: Port> Port for Tap<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let more = traffic(&mut self.to_board, bytes);
        let result = self.port.write(bytes);
        self.note(|seen| add(&mut seen.to_board, more));
        result
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let result = self.port.read(buffer, timeout);
        let count = *result.as_ref().unwrap_or(&0);
        let more = traffic(&mut self.from_board, &buffer[..count]);
        let now = self.port.now();
        self.note(|seen| {
            add(&mut seen.from_board, more);
            if count > 0 {
                seen.heard = now;
            }
        });
        result
    }

    fn now(&self) -> Duration {
        self.port.now()
    }
    fn bytes_per_second(&self) -> Option<u32> {
        self.port.bytes_per_second()
    }
    fn name(&self) -> &str {
        self.port.name()
    }
    fn faults(&self) -> Option<FaultCounts> {
        self.port.faults()
    }
}
