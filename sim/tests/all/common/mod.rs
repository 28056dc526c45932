pub mod client;
pub mod naive;
pub mod networks;
pub mod recorder;
pub mod replay;
