// Plays what went into an array, clock by clock, to Verilator's model of it, and compares what comes out.
//
//   driver TRACE
//
// A line of TRACE is a clock: PORT=VALUE, in hexadecimal, for the ports whose value is not that of the clock before.
// `ports.h`, which is written with the model, has the numbers of the ports: those below INPUTS go in.

#include "Vtop.h"
#include "verilated_cov.h"
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

static Vtop top;
#include "ports.h"

int main(int, char** arguments) {
    std::ifstream trace(arguments[1]);
    uint64_t values[PORTS] = {};
    uint64_t clocks = 0;
    for (std::string line; std::getline(trace, line); clocks++) {
        const char* at = line.c_str();
        while (*at) {
            char* end;
            unsigned long port = std::strtoul(at, &end, 16);
            values[port] = std::strtoull(end + 1, &end, 16);
            if (port < INPUTS) set(port, values[port]);
            at = *end ? end + 1 : end;
        }
        top.clock = 0;
        top.eval();
        for (unsigned port = INPUTS; port < PORTS; port++) {
            if (get(port) == values[port]) continue;
            std::printf("clock %" PRIu64 ": port %u is %" PRIx64 ", not %" PRIx64 "\n", clocks, port, get(port), values[port]);
            return 1;
        }
        top.clock = 1;
        top.eval();
    }
    std::printf("%" PRIu64 "\n", clocks);
    Verilated::threadContextp()->coveragep()->write("coverage.dat");
}
