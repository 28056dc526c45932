//! What every part of Nernst agrees on: geometry, the arithmetic of a tick, wire frames, counters and the network image
