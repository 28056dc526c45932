// Runs a script against Verilator's model of a board: the same clocks, in the same order, as `script.rs` does in netsim.
//
//   driver SCRIPT ANSWER
//
// Prints "phase NAME CLOCKS NANOSECONDS" for each phase, in time of the processor; writes each byte that the board said,
// with the clock in which it said it, to ANSWER. A model that counts what is covered writes that to coverage.dat.

#include "Vtop.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

struct Command {
    std::string name, argument;
};

static Vtop top;
static uint64_t clocks = 0;
static std::vector<std::pair<uint64_t, uint8_t>> answer;

static uint64_t nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

// Outputs follow the inputs set so far.
static void settle() {
    top.clock = 0;
    top.eval();
}

static void clock_edge() {
    if (top.tx_valid) answer.emplace_back(clocks, top.tx_data);
    top.clock = 1;
    top.eval();
    clocks++;
}

static void send(const std::string& bytes, unsigned clocks_per_byte, unsigned quiet_latency) {
    auto run = [](unsigned count) {
        for (unsigned i = 0; i < count; i++) {
            settle();
            clock_edge();
        }
    };
    for (size_t i = 0; i < bytes.size(); i += 2) {
        top.rx_data = std::stoul(bytes.substr(i, 2), nullptr, 16);
        top.rx_valid = 1;
        run(1);
        top.rx_valid = 0;
        run(clocks_per_byte - 1);
    }
    run(quiet_latency);
    for (settle(); top.tx_valid || !top.quiet; settle()) clock_edge();
}

static void idle(uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        settle();
        if (top.tx_valid) return;
        clock_edge();
    }
    settle();
}

int main(int, char** arguments) {
    std::ifstream script(arguments[1]);
    std::vector<Command> commands;
    for (std::string line; std::getline(script, line);) {
        std::istringstream words(line);
        Command command;
        words >> command.name >> command.argument;
        commands.push_back(command);
    }
    top.clock = 0;
    top.rx_valid = 0;
    top.rx_data = 0;
    top.tx_ready = 1;
    settle();
    unsigned clocks_per_byte = 1, quiet_latency = 0;
    std::string phase;
    uint64_t start = nanoseconds(), first = 0;
    auto finish = [&] {
        uint64_t time = nanoseconds() - start;
        if (!phase.empty()) std::printf("phase %s %" PRIu64 " %" PRIu64 "\n", phase.c_str(), clocks - first, time);
    };
    for (const Command& command : commands) {
        if (command.name == "clocks_per_byte") clocks_per_byte = std::stoul(command.argument);
        if (command.name == "quiet_latency") quiet_latency = std::stoul(command.argument);
        if (command.name == "send") send(command.argument, clocks_per_byte, quiet_latency);
        if (command.name == "idle") idle(std::stoull(command.argument));
        if (command.name == "phase") {
            finish();
            phase = command.argument;
            first = clocks;
            start = nanoseconds();
        }
    }
    finish();
    std::ofstream out(arguments[2]);
    for (const auto& [clock, byte] : answer) out << clock << ' ' << unsigned(byte) << '\n';
#if VM_COVERAGE
    Verilated::threadContextp()->coveragep()->write("coverage.dat");
#endif
}
