//! Whole files in and out.

use crate::Error;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// In place of a file's name, of bytes that have none.
pub(crate) const IN_MEMORY: &str = "the bytes in memory";

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io { file: path.display().to_string(), action: "read it", source })
}

/// Writes beside and renames, so that whoever looks finds the old file, the new one or none, but no half of one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let wrong = |source| Error::Io { file: path.display().to_string(), action: "write it", source };
    let Some(name) = path.file_name() else { return Err(wrong(io::ErrorKind::InvalidFilename.into())) };
    let mut partial = name.to_os_string();
    partial.push(format!(".{}.part", std::process::id()));
    let partial = path.with_file_name(partial);
    let store = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    store().map_err(|source| {
        // If it cannot be removed, either, the first error is the one to tell. One that was there before is another's.
        if source.kind() != io::ErrorKind::AlreadyExists {
            let _ = fs::remove_file(&partial);
        }
        wrong(source)
    })
}
