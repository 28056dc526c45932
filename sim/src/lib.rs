//! The reference model of Nernst, benches for its RTL and the virtual board
