//! Train, compile, load, run and account for spiking networks on Nernst
