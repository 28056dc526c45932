//! What a host says to a board, cut where it waits for an answer.

use std::io::{self, Read, Write};

pub struct Recorder<P> {
    port: P,
    pub chunks: Vec<Vec<u8>>,
    waited: bool,
}

impl<P> Recorder<P> {
    pub fn new(port: P) -> Self {
        Self { port, chunks: vec![vec![]], waited: false }
    }
}

impl<P: Read> Read for Recorder<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.waited = true;
        self.port.read(buffer)
    }
}

impl<P: Write> Write for Recorder<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.waited) {
            self.chunks.push(vec![]);
        }
        let count = self.port.write(bytes)?;
        // Never empty: it begins with one.
        self.chunks.last_mut().unwrap().extend(&bytes[..count]);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.port.flush()
    }
}
