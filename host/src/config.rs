//! Array configurations by name or file.

use nernst_spec::ArrayConfig;
use std::path::{Path, PathBuf};

/// Why a configuration cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("unknown configuration `{0}`")]
    Unknown(String),
    #[error("cannot read configuration `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}`: {source}", path.display())]
    Wrong { path: PathBuf, source: nernst_spec::geometry::ConfigError },
}

impl ConfigError {
    /// What a user can do about it.
    pub fn help(&self) -> Option<String> {
        let ready = || ArrayConfig::ready_names().collect::<Vec<_>>().join(", ");
        match self {
            Self::Unknown(_) => Some(format!("configurations: {}; or the path of a TOML file", ready())),
            Self::Read { .. } => Some(format!("check the path, or use one of {}", ready())),
            Self::Wrong { .. } => None,
        }
    }
}

/// A ready configuration, or the one in a TOML file: whatever has a `.toml` at its end or a separator in it is a path.
pub fn find(name: &str) -> Result<ArrayConfig, ConfigError> {
    let path = Path::new(name);
    if path.extension().is_none_or(|extension| extension != "toml") && path.components().count() <= 1 {
        return ArrayConfig::ready(name).map_err(|_| ConfigError::Unknown(name.into()));
    }
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
    ArrayConfig::from_toml(&text).map_err(|source| ConfigError::Wrong { path: path.into(), source })
}
