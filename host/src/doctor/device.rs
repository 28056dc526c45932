//! The device node of a serial port on Linux: who may open it, who has it open, and how long its bridge keeps bytes back.

use super::Finding;
use crate::port::{Holder, holders};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Where the system keeps what is looked at: made-up trees in tests.
#[derive(Clone, Debug)]
pub struct Roots {
    pub sys: PathBuf,
    pub etc: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { sys: "/sys".into(), etc: "/etc".into() }
    }
}

/// Who wants to open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: u32,
    pub groups: Vec<u32>,
}

impl User {
    /// Whoever runs this process; `None` where the system does not say.
    #[cfg(target_os = "linux")]
    pub fn this() -> Option<Self> {
        let status = procfs::process::Process::myself().and_then(|process| process.status()).ok()?;
        let groups = status.groups.iter().copied().chain([status.egid]).collect();
        Some(Self { id: status.euid, groups })
    }
    #[cfg(not(target_os = "linux"))]
    pub fn this() -> Option<Self> {
        None
    }
}

/// Owner and mode of a device node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    pub owner: u32,
    pub group: u32,
    /// Name of the group, where the system knows it.
    pub group_name: Option<String>,
    /// The lowest nine bits.
    pub mode: u32,
}

impl Access {
    /// Whether a user may read and write it.
    pub fn allows(&self, user: &User) -> bool {
        let bits = if user.id == self.owner {
            self.mode >> 6
        } else if user.groups.contains(&self.group) {
            self.mode >> 3
        } else {
            self.mode
        };
        // Read and write.
        user.id == 0 || bits & 6 == 6
    }
}

/// What there is to know about a device node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceReport {
    /// The name that was given.
    pub port: String,
    /// Where that leads.
    pub device: PathBuf,
    pub access: Option<Access>,
    /// Milliseconds for which its bridge keeps bytes back that do not fill a packet; only FTDI bridges have it.
    pub latency_ms: Option<u32>,
    /// Other programs that have it open.
    pub holders: Vec<Holder>,
    pub findings: Vec<Finding>,
}

/// Looks at the device node of a port.
pub fn inspect(roots: &Roots, port: &str, user: Option<&User>) -> DeviceReport {
    let device = Path::new(port).canonicalize().unwrap_or_else(|_| port.into());
    let access = access(roots, &device);
    let timer =
        device.file_name().map(|name| roots.sys.join("bus/usb-serial/devices").join(name).join("latency_timer"));
    let latency_ms = timer.as_ref().and_then(|path| std::fs::read_to_string(path).ok()?.trim().parse().ok());
    let holders = holders(&device);
    let mut findings = vec![];
    match &access {
        None => findings.push(Finding::problem(
            format!("`{port}` does not exist"),
            "`nernst ports` lists the ports that do; plug the board in, or try another cable: some carry power only",
        )),
        Some(access) => findings.extend(user.map(|user| permission(port, access, user))),
    }
    for holder in &holders {
        let help = format!(
            "end {} (`kill {}`) or let it finish: a port serves one program at a time",
            holder.process, holder.pid
        );
        findings.push(Finding::problem(format!("{holder} has it open"), help));
    }
    match (latency_ms, &timer) {
        (Some(ms @ 2..), Some(path)) => findings.push(Finding::advice(
            format!("its bridge keeps bytes back for up to {ms} ms"),
            format!("`echo 1 | sudo tee {}` until it is unplugged; for good the udev rule `ACTION==\"add\", SUBSYSTEM==\"usb-serial\", DRIVER==\"ftdi_sio\", ATTR{{latency_timer}}=\"1\"`", path.display()),
        )),
        (Some(ms), _) => findings.push(Finding::fine(format!("its bridge keeps bytes back for no more than {ms} ms"))),
        _ => {}
    }
    DeviceReport { port: port.into(), device, access, latency_ms, holders, findings }
}

fn permission(port: &str, access: &Access, user: &User) -> Finding {
    let number = access.group.to_string();
    let group = access.group_name.as_deref().unwrap_or(&number);
    let mode = access.mode;
    if access.allows(user) {
        return Finding::fine(format!("this user may open it (group {group}, mode {mode:03o})"));
    }
    let what = format!("this user may not open it (group {group}, mode {mode:03o})");
    let rule =
        "a udev rule such as `SUBSYSTEM==\"tty\", ATTRS{idVendor}==\"0403\", MODE=\"0666\"` opens it to everybody";
    match mode & 0o060 == 0o060 && access.group != 0 {
        true => Finding::problem(what, format!("`sudo usermod -aG {group} $USER`, then log in again; or {rule}")),
        // Being in its group would not help, or is nothing to give away.
        false => Finding::problem(what, format!("`sudo chmod 666 {port}` until it is unplugged; for good {rule}")),
    }
}

#[cfg(unix)]
fn access(roots: &Roots, device: &Path) -> Option<Access> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(device).ok()?;
    let group = metadata.gid();
    Some(Access { owner: metadata.uid(), group, group_name: group_name(roots, group), mode: metadata.mode() & 0o777 })
}

#[cfg(not(unix))]
fn access(_roots: &Roots, _device: &Path) -> Option<Access> {
    // Ports have other names there, and no owners.
    None
}

/// `name:password:number:members` in a line of `etc/group`.
#[cfg(unix)]
fn group_name(roots: &Roots, group: u32) -> Option<String> {
    let groups = std::fs::read_to_string(roots.etc.join("group")).ok()?;
    let name = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(group)).then(|| name.to_string())
    };
    groups.lines().find_map(name)
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::Level;
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use tempfile::TempDir;

    /// A made-up machine with one port, reached through a symbolic link.
    fn machine(mode: u32, timer: Option<&str>) -> (TempDir, Roots, String) {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for folder in ["dev/by-id", "etc", "sys/bus/usb-serial/devices/ttyUSB7"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        fs::write(path("dev/ttyUSB7"), "").unwrap();
        fs::set_permissions(path("dev/ttyUSB7"), fs::Permissions::from_mode(mode)).unwrap();
        symlink(path("dev/ttyUSB7"), path("dev/by-id/board")).unwrap();
        if let Some(timer) = timer {
            fs::write(path("sys/bus/usb-serial/devices/ttyUSB7/latency_timer"), timer).unwrap();
        }
        use std::os::unix::fs::MetadataExt;
        let group = fs::metadata(path("dev/ttyUSB7")).unwrap().gid();
        fs::write(path("etc/group"), format!("other:x:99999:\nserial:x:{group}:me\nbroken\n")).unwrap();
        let roots = Roots { sys: path("sys"), etc: path("etc") };
        let port = path("dev/by-id/board").to_str().unwrap().to_string();
        (root, roots, port)
    }

    fn stranger() -> User {
        User { id: 12345, groups: vec![12345] }
    }

    #[test]
    fn a_port_that_is_as_it_should_be() {
        let (_root, roots, port) = machine(0o666, Some("1\n"));
        let report = inspect(&roots, &port, Some(&stranger()));
        assert!(report.device.ends_with("dev/ttyUSB7"));
        assert_eq!((report.latency_ms, report.holders.len()), (Some(1), 0));
        assert!(report.findings.iter().all(|finding| finding.level == Level::Fine), "{:?}", report.findings);
        assert_eq!(report.access.unwrap().group_name.as_deref(), Some("serial"));
    }

    #[test]
    fn a_latency_timer_that_is_slow_is_told_with_the_command_that_mends_it() {
        let (_root, roots, port) = machine(0o666, Some("16\n"));
        let report = inspect(&roots, &port, None);
        let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
        assert_eq!(finding.level, Level::Advice);
        let help = finding.help.as_ref().unwrap();
        assert!(finding.what.contains("16 ms") && help.contains("devices/ttyUSB7/latency_timer"), "{finding}");
        // What is no number, and a bridge without a timer, say nothing.
        for timer in [Some("soon"), Some(""), None] {
            let (_root, roots, port) = machine(0o666, timer);
            assert_eq!(inspect(&roots, &port, None).findings, []);
        }
    }

    #[test]
    fn permissions_are_those_of_owner_group_and_others() {
        let access = |mode| Access { owner: 1, group: 20, group_name: Some("dialout".into()), mode };
        let user = |id, groups: &[u32]| User { id, groups: groups.to_vec() };
        for (mode, user, may) in [
            (0o660, user(5, &[5, 20]), true),
            (0o660, user(5, &[5]), false),
            (0o660, user(1, &[5]), true),
            (0o060, user(1, &[20]), false),
            (0o640, user(5, &[20]), false),
            (0o606, user(5, &[20]), false),
            (0o606, user(5, &[5]), true),
            (0o000, user(0, &[0]), true),
        ] {
            assert_eq!(access(mode).allows(&user), may, "{mode:o} {user:?}");
        }
        let help = |access: &Access| permission("/dev/x", access, &stranger()).help.unwrap();
        assert!(help(&access(0o660)).contains("usermod -aG dialout $USER"));
        assert!(help(&Access { group: 0, ..access(0o660) }).contains("chmod 666 /dev/x"));
        assert!(help(&access(0o600)).contains("udev rule"));
    }

    #[test]
    fn a_port_that_is_not_there() {
        let report = inspect(&Roots::default(), "/dev/no-such-port", User::this().as_ref());
        let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
        assert!(finding.level == Level::Problem && finding.what.contains("does not exist"), "{finding}");
    }
}
