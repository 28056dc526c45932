# Everything that a person or a machine does with this repository. `make` alone lists the targets.
# The FPGA tools live in .tools (made by `make setup`); cargo alone needs none of them.

CARGO   ?= cargo
BUILD   ?= build
# What the tool is built with: `make test` takes the profile of the tests, which are there anyway.
PROFILE ?= release
NETWORK ?= networks/digits/mlp-128-rate-int4.json
CONFIG  ?= 25f
BOARD   ?= ulx3s-25f
# What a sweep tries, and how many tools it runs at once.
SWEEP   ?= workflow/config.yaml
JOBS    ?= all

export ECP5_TOOLS ?= $(CURDIR)/.tools/bin
# Where the WebAssembly tools keep their compiled code.
export YOWASP_CACHE_DIR ?= $(CURDIR)/.tools/cache
# What the tests say that they compared, a line each.
COMPARED = $(BUILD)/compared.txt
# Where that leaves it: cargo's `test` and `dev` profiles share a folder.
BINARY   = $(or $(CARGO_TARGET_DIR),target)/$(if $(filter test dev,$(PROFILE)),debug,$(PROFILE))/nernst
# BUILT=1: it is there. `make test` has it from building the tests, and cargo would build most of it again for fewer features.
NERNST   = $(if $(BUILT),$(BINARY),$(CARGO) run --quiet --profile $(PROFILE) --package nernst --)

.DEFAULT_GOAL := help
.PHONY: help setup build demo report imports table test check unit synth synth-tiny synth-25f synth-85f sweep reports train train-seeds pareto neurobench bench clocks link toggles diagrams interop formal verification soak netlist mutants mutants-rust coverage fuzz python python-torch doc clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Put Yosys, nextpnr, ecppack, SymbiYosys, Z3, Snakemake (pinned wheels) in .tools; install iverilog and Verilator
	@scripts/setup.sh

build: ## Build the command-line tool
	$(if $(BUILT),,$(CARGO) build --profile $(PROFILE) --package nernst)

demo: build ## Run all 360 test digits on the virtual board through a serial port, and plot
	@scripts/demo.sh "$(NETWORK)" "$(CONFIG)" "$(BUILD)/demo"

report: build ## Run the digits on the virtual board and write what they cost as one HTML page (build/report/report.html)
	@mkdir -p $(BUILD)/report
	$(NERNST) run --network $(NETWORK) --config $(CONFIG) --port virtual --json $(BUILD)/report/run.json \
		--trace $(BUILD)/report/digit.json > $(BUILD)/report/summary.txt
	$(NERNST) report $(BUILD)/report/run.json --trace $(BUILD)/report/digit.json --output $(BUILD)/report/report.html

imports: build ## snnTorch's networks imported at INT8 and INT4, trained again, and run on the RTL (the README's table)
	@NERNST_BIN=$(BINARY) scripts/imports.sh "$(BUILD)/imports"

table: build ## Accuracy and ledger of every shipped network, side by side (the README's table)
	@scripts/table.sh "$(BUILD)/table"

test: setup check ## Everything that CI runs: format, lints, docs, tests, co-simulation, synthesis of 25f
	$(CARGO) test --workspace --no-run
	# Placing and routing uses one core; the tests have the others meanwhile.
	$(MAKE) --jobs=2 --output-sync=target PROFILE=test BUILT=1 unit synth-25f
	@sort $(COMPARED)

check: ## Format, lints and documentation without a warning
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

unit: ## All tests; here a missing tool (iverilog, Verilator, Yosys) is a failure
	@mkdir -p $(dir $(COMPARED)) && rm -f $(COMPARED)
	REQUIRE_TOOLS=1 COMPARED=$(abspath $(COMPARED)) $(CARGO) test --workspace

synth: build ## Bitstream and report for BOARD and CONFIG
	$(NERNST) synth --board $(BOARD) --config $(CONFIG) --output $(BUILD)/synth/$(BOARD)-$(CONFIG)

synth-tiny: build ## Synthesise, place and route tiny for the ULX3S with an LFE5U-25F (minutes)
	$(NERNST) synth --board ulx3s-25f --config tiny --output $(BUILD)/synth/ulx3s-25f-tiny

synth-25f: build ## The same of 25f, with up to three seeds (about a quarter of an hour each)
	$(NERNST) synth --board ulx3s-25f --config 25f --seed 6 --tries 3 --nextpnr-arg=--tmg-ripup --output $(BUILD)/synth/ulx3s-25f-25f

synth-85f: build ## The same of 85f for the ULX3S with an LFE5U-85F (hours)
	$(NERNST) synth --board ulx3s-85f --config 85f --seed 2 --output $(BUILD)/synth/ulx3s-85f-85f

sweep: setup build ## Place and route what SWEEP (workflow/config.yaml) says, through Snakemake: tiny with 2 seeds x 2 sets of options
	.tools/snakemake/bin/snakemake --snakefile workflow/Snakefile --configfile $(SWEEP) --cores $(JOBS)

reports: build ## Make the committed reports of synthesis again (hours)
	@scripts/reports.sh "$(BUILD)/synth"

train: build ## Train the shipped networks again from nothing
	@scripts/train.sh

train-seeds: build ## Train 64-128-10 at INT4 with five seeds: accuracies and times as a table
	@NERNST_BIN=$(BINARY) scripts/seeds.sh "$(BUILD)/seeds"

pareto: build ## Accuracy against synaptic operations and bits moved, for a series of energy penalties (reports/pareto.json, .md)
	@NERNST_BIN=$(BINARY) scripts/pareto.sh "$(BUILD)/pareto" reports/pareto

neurobench: ## Measure the shipped networks with NeuroBench (networks/digits/neurobench.json; installs 4 GB in .tools/neurobench)
	@scripts/neurobench/run.sh

bench: build ## Benchmarks: speed of model, boards and simulator; clocks of the array's RTL, growth, roofline, peers (reports/)
	$(CARGO) bench --workspace
	@scripts/bench.sh

clocks: build ## Of these only the clocks of the array's RTL: the same on every machine, in minutes
	@scripts/bench.sh

link: build ## What the link carries, and what every kind of fault at every rate costs (reports/link.json, link-faults.json, docs/link-faults.md)
	$(NERNST) bench link --config tiny,25f --ticks 1000 --json reports/link.json
	$(NERNST) bench faults --json reports/link-faults.json --table docs/link-faults.md
	$(NERNST) bench faults --rtl --config tiny --images 60 --rates 1e-4,1e-3 --json reports/link-faults-rtl.json

toggles: build ## Prices of events in toggles of the placed netlist of tiny (host/prices/ecp5.toml; about ten minutes)
	$(NERNST) synth --board ulx3s-25f --config tiny --output $(BUILD)/toggles --nextpnr-arg=--write --nextpnr-arg=placed.json
	$(NERNST) toggles --netlist $(BUILD)/toggles/netlist.json --placed $(BUILD)/toggles/placed.json --config tiny \
	  --csv $(BUILD)/toggles/toggles.csv --output host/prices/ecp5.toml

diagrams: build ## Draw the timing diagrams of docs/pipeline.md again from the RTL
	$(NERNST) timing --output docs/timing

interop: ## NIR files against the Python package nir, snnTorch, Norse, Sinabs, Rockpool and SpikingJelly (installs 6 GB in .tools/interop)
	@nir/tests/python/run.sh
	@tests/interop/run.sh

formal: setup ## Prove properties of the link's and the array's blocks with SymbiYosys and Z3 (docs/proofs.md, reports/proofs.txt; five minutes)
	@mkdir -p $(BUILD) && rm -f $(BUILD)/proved.txt
	FAULTS=1 REQUIRE_TOOLS=1 COMPARED=$(CURDIR)/$(BUILD)/proved.txt $(CARGO) test --package nernst-hdl --test formal -- --include-ignored --nocapture --test-threads=1
	@sed 's/^proofs: //' $(BUILD)/proved.txt | sort > reports/proofs.txt

verification: ## The table of docs/verification.md, from the reports and from what the last `make test` compared
	@python3 scripts/verification.py $(COMPARED)

soak: ## Ten thousand random systems in netsim, and some on every ready array in Verilator, against the model (reports/systems.json; half an hour)
	$(CARGO) run --quiet --profile test --package nernst-sim --example soak -- --report reports/systems.json

netlist: build ## All digits on the netlists of tiny and 25f after synthesis, against the model (reports/netlist-*.json; ten minutes)
	@NERNST_BIN=$(BINARY) scripts/netlist.sh "$(BUILD)/netlist"

mutants: ## Single faults in the generated Verilog: how many of five hundred the checks see (reports/mutants.json; two hours)
	$(CARGO) run --quiet --profile test --package nernst-sim --example mutate -- --report reports/mutants.json

mutants-rust: ## Faults in the spec crate and the mapper by cargo-mutants: how many of a fifth of all the tests see (reports/mutants-rust.json; hours)
	@scripts/mutants.sh 5 "$(BUILD)/mutants"

coverage: ## Lines that are run and bits that change in Verilator's model of an array with everything (reports/coverage.json; an hour)
	$(CARGO) run --quiet --profile test --package nernst-sim --example coverage -- --report reports/coverage.json

fuzz: ## A million damaged NIR files and graphs, every byte of six files changed (reports/fuzz.json); ten million executions of each decoder of the link by cargo-fuzz (reports/fuzz-coverage.json), ten million byte streams to the host's end (reports/fuzz-link.json), ten million bytes to the RTL's in netsim and Verilator (reports/fuzz-rtl.json)
	scripts/fuzz.sh 10000000 reports/fuzz-coverage.json
	$(CARGO) build --profile test --package nernst --example fuzz --example fuzz_link
	$(CARGO) run --quiet --profile test --package nernst --example fuzz_link -- --report reports/fuzz-link.json
	$(CARGO) run --quiet --profile test --package nernst-sim --example fuzz_rtl -- --report reports/fuzz-rtl.json
	$(CARGO) run --quiet --profile test --package nernst --example fuzz -- --report reports/fuzz.json
	$(CARGO) test --package nernst-nir --test damage -- --ignored

python: ## Build the Python package and test it (in .tools/python)
	@PROFILE=$(PROFILE) python/test.sh

python-torch: ## The same with torch, and train the digits in it (installs 4 GB in .tools/python-torch)
	@PROFILE=$(PROFILE) python/test.sh torch

doc: ## Documentation of all crates in target/doc
	$(CARGO) doc --workspace --no-deps

clean: ## Remove what was built; .tools stays
	rm -rf $(BUILD) target
