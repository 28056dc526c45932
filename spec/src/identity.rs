//! What a board says of itself when a host asks: enough to refuse an image that is not for it.
//!
//! ```text
//! offset  bytes
//!  0      1   protocol version
//!  1      16  configuration name, ASCII, padded with 0
//! 17      4   build digest: see [`Identity::build`]
//! 21      4   clock in Hz
//! 25      4   baud
//! 29      2   input lines
//! 31      1   cores
//! 32      5   for each core: tiles, tiles per unit, weight bits, most contexts, banks; bit 7 of the last: it can be chained
//! ```
//! Numbers are least significant byte first.

use crate::context::Contexts;
use crate::geometry::{ArrayConfig, ConfigError, CoreConfig, WeightBits};
use crate::link::{PROTOCOL_VERSION, frame::crc32};
use serde::{Deserialize, Serialize};

/// Bytes of a configuration's name.
pub const MAX_NAME: usize = 16;
const HEADER: usize = 32;
const CORE_BYTES: usize = 5;
/// Bit of a core's last byte that says that it can be chained.
const CHAIN_BIT: u32 = 7;

/// What a board says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub protocol: u8,
    /// CRC-32 of the rest of the identity and of the version of this crate: tells builds apart.
    pub build: u32,
    pub config: ArrayConfig,
}

/// Why bytes are not an identity.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum IdentityError {
    #[error("identity of {length} bytes: expected {expected}")]
    Length { length: usize, expected: usize },
    #[error("identity has a name that is not ASCII")]
    Name,
    #[error("identity: {0}")]
    Bits(String),
    #[error("identity: {0}")]
    Contexts(String),
    #[error("identity: {0}")]
    Config(#[from] ConfigError),
}

impl Identity {
    /// The identity of a build of this configuration.
    pub fn new(config: &ArrayConfig) -> Self {
        let mut identity = Self { protocol: PROTOCOL_VERSION, build: 0, config: config.clone() };
        let mut bytes = identity.to_bytes();
        bytes.extend_from_slice(env!("CARGO_PKG_VERSION").as_bytes());
        identity.build = crc32(&bytes);
        identity
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.protocol];
        let mut name = self.config.name.clone().into_bytes();
        name.resize(MAX_NAME, 0);
        bytes.extend(name);
        bytes.extend(self.build.to_le_bytes());
        bytes.extend(self.config.clock_hz.to_le_bytes());
        bytes.extend(self.config.baud.to_le_bytes());
        bytes.extend((self.config.inputs as u16).to_le_bytes());
        bytes.push(self.config.cores.len() as u8);
        for core in &self.config.cores {
            let (contexts, banks) = (core.contexts.count() as u8, core.banks as u8 | (core.chain as u8) << CHAIN_BIT);
            bytes.extend([core.tiles as u8, core.tiles_per_unit as u8, core.weight_bits.into(), contexts, banks]);
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdentityError> {
        let cores = bytes.get(HEADER - 1).copied().unwrap_or(0) as usize;
        let expected = HEADER + CORE_BYTES * cores;
        if bytes.len() != expected {
            return Err(IdentityError::Length { length: bytes.len(), expected });
        }
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let name: Vec<u8> = bytes[1..1 + MAX_NAME].iter().copied().take_while(|&byte| byte != 0).collect();
        let name = String::from_utf8(name).ok().filter(|name| name.is_ascii()).ok_or(IdentityError::Name)?;
        let core = |bytes: &[u8]| {
            let weight_bits = WeightBits::try_from(bytes[2]).map_err(IdentityError::Bits)?;
            let contexts = Contexts::try_from(bytes[3] as usize).map_err(IdentityError::Contexts)?;
            let (chain, banks) = (bytes[4] >> CHAIN_BIT == 1, bytes[4] & !(1 << CHAIN_BIT));
            let [tiles, tiles_per_unit, banks] = [bytes[0], bytes[1], banks].map(usize::from);
            Ok(CoreConfig { tiles, tiles_per_unit, weight_bits, contexts, banks, chain })
        };
        let config = ArrayConfig {
            name,
            clock_hz: u32_at(21),
            baud: u32_at(25),
            inputs: u16::from_le_bytes([bytes[29], bytes[30]]) as usize,
            cores: bytes[HEADER..].chunks(CORE_BYTES).map(core).collect::<Result<_, IdentityError>>()?,
        };
        config.check()?;
        Ok(Self { protocol: bytes[0], build: u32_at(17), config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_survive_their_bytes_and_damage_is_refused() {
        for name in ArrayConfig::ready_names() {
            let identity = Identity::new(&ArrayConfig::ready(name).unwrap());
            let bytes = identity.to_bytes();
            assert_eq!(Identity::from_bytes(&bytes), Ok(identity));
            for length in 0..bytes.len() {
                assert!(Identity::from_bytes(&bytes[..length]).is_err());
            }
        }
    }
}
