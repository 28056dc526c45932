pub mod client;
pub mod naive;
pub mod networks;
