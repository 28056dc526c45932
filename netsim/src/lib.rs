//! Runs the Verilog that rust-hdl generates, in process
