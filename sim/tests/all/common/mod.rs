pub mod client;
pub mod commands;
pub mod naive;
pub mod networks;
pub mod noise;
pub mod recorder;
pub mod replay;
pub mod systems;
#[allow(dead_code, reason = "a benchmark measures, too")]
pub mod verilator;
