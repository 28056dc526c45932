pub mod client;
pub mod commands;
#[allow(dead_code, reason = "examples need it")]
pub mod hosts;
pub mod naive;
pub mod networks;
pub mod noise;
pub mod recorder;
pub mod replay;
pub mod systems;
#[allow(dead_code, reason = "a benchmark measures, too")]
pub mod verilator;
