//! Runs one tool: its output into a log, its exit code checked, its last line reported while it runs.

use super::report::StepTime;
use super::{FlowError, FlowOptions};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use wait_timeout::ChildExt;

/// Between two reports of the last log line.
const REPORT_EVERY: Duration = Duration::from_millis(500);

/// What a build is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress<'a> {
    /// A tool starts.
    Started {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
    },
    /// A tool runs; about twice a second.
    Running {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
        /// Last line of its log.
        line: &'a str,
        /// Since its start.
        seconds: f64,
    },
    /// A tool ended well.
    Finished {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
        /// From start to end.
        seconds: f64,
    },
}

pub(super) struct Runner<'a> {
    dir: &'a Path,
    options: &'a FlowOptions,
    progress: &'a mut dyn FnMut(Progress),
    pub(super) times: Vec<StepTime>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(dir: &'a Path, options: &'a FlowOptions, progress: &'a mut dyn FnMut(Progress)) -> Self {
        Self { dir, options, progress, times: Vec::new() }
    }

    pub(super) fn run(&mut self, step: &'static str, program: &Path, arguments: &[String]) -> Result<(), FlowError> {
        if self.stopped() {
            return Err(FlowError::Stopped { step });
        }
        let log = self.dir.join(format!("{step}.log"));
        let io = |source| FlowError::Io { path: log.clone(), source };
        let out = File::create(&log).map_err(io)?;
        let err = out.try_clone().map_err(io)?;
        (self.progress)(Progress::Started { step });
        let start = Instant::now();
        let mut command = Command::new(program);
        command.current_dir(self.dir).args(arguments).stdin(Stdio::null()).stdout(out).stderr(err);
        #[cfg(unix)]
        if self.options.stop.is_some() {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let child = command.spawn().map_err(|source| FlowError::Start { tool: program.to_path_buf(), source })?;
        self.wait(step, child, start, &log)?;
        let seconds = start.elapsed().as_millis() as f64 / 1e3;
        self.times.push(StepTime { step: step.to_string(), seconds });
        (self.progress)(Progress::Finished { step, seconds });
        Ok(())
    }

    fn wait(&mut self, step: &'static str, mut child: Child, start: Instant, log: &Path) -> Result<(), FlowError> {
        let io = |source| FlowError::Io { path: log.to_path_buf(), source };
        let mut tail = Tail { path: log.to_path_buf(), line: String::new() };
        loop {
            let left = self.options.timeout.map_or(REPORT_EVERY, |limit| limit.saturating_sub(start.elapsed()));
            if let Some(status) = child.wait_timeout(left.min(REPORT_EVERY)).map_err(io)? {
                if status.success() {
                    return Ok(());
                }
                if status.code().is_none() {
                    return Err(FlowError::Killed { step, status, log: log.to_path_buf() });
                }
                let text = std::fs::read(log).map_err(io)?;
                let line = failing_line(&String::from_utf8_lossy(&text))
                    .unwrap_or_else(|| format!("{status} and nothing in its log"));
                return Err(FlowError::Failed { step, line, log: log.to_path_buf() });
            }
            if self.stopped() {
                self.kill(&mut child);
                return Err(FlowError::Stopped { step });
            }
            if self.options.timeout.is_some_and(|limit| start.elapsed() >= limit) {
                self.kill(&mut child);
                let seconds = self.options.timeout.unwrap_or_default().as_secs();
                return Err(FlowError::Timeout { step, seconds, log: log.to_path_buf() });
            }
            let line = tail.last_line();
            (self.progress)(Progress::Running { step, line, seconds: start.elapsed().as_secs_f64() });
        }
    }

    fn stopped(&self) -> bool {
        self.options.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Ends a tool, and with it what it has started where it has a process group of its own.
    fn kill(&self, child: &mut Child) {
        #[cfg(unix)]
        if self.options.stop.is_some()
            && let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // an error here only means that it has just ended
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The end of a growing file.
struct Tail {
    path: PathBuf,
    line: String,
}

impl Tail {
    /// The last line that is not empty; the one before when the file cannot be read just now.
    fn last_line(&mut self) -> &str {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            let length = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
            file.read_to_end(&mut bytes)
        });
        let text = String::from_utf8_lossy(&bytes);
        if let (Ok(_), Some(line)) = (read, text.lines().rev().find(|line| !line.trim().is_empty())) {
            self.line = line.trim().to_string();
        }
        &self.line
    }
}

/// The first error in a log, or its last line.
fn failing_line(log: &str) -> Option<String> {
    let error = log.lines().find(|line| {
        let line = line.trim_start();
        line.starts_with("ERROR")
            || line.starts_with("Error:")
            || line.contains(": ERROR:")
            || line.contains("fatal error")
    });
    let last = || log.lines().rev().find(|line| !line.trim().is_empty());
    error.or_else(last).map(|line| line.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_found_in_a_log_that_goes_on() {
        let log = "1. Executing\ntop.v:3: ERROR: syntax error, unexpected TOK_ID\nTraceback (most recent call last):\n";
        assert_eq!(failing_line(log).unwrap(), "top.v:3: ERROR: syntax error, unexpected TOK_ID");
        assert_eq!(failing_line("hello\nKilled\n\n").unwrap(), "Killed");
        assert_eq!(failing_line(""), None);
    }
}
