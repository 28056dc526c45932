pub mod client;
pub mod naive;
pub mod networks;
pub mod noise;
pub mod recorder;
pub mod replay;
