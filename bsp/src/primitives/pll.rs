//! EHXPLLL: another clock frequency from the board's.

use super::body;
use rust_hdl::prelude::*;

/// Relative error of the output frequency that is accepted.
const TOLERANCE: f64 = 1e-3;
// Limits of the EHXPLLL in MHz, as in Project Trellis' ecppll.
const PFD_MHZ: std::ops::RangeInclusive<f64> = 3.125..=400.0;
const VCO_MHZ: std::ops::RangeInclusive<f64> = 400.0..=800.0;
/// In the middle of its range the oscillator has most room for drift.
const BEST_VCO_MHZ: f64 = 600.0;

/// A PLL cannot make a frequency.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PllError {
    /// No setting of the dividers is within 0.1 %.
    #[error(
        "a PLL cannot make {wanted_mhz} MHz from {input_mhz} MHz within 0.1 %; the nearest frequency is {nearest_mhz} MHz"
    )]
    NotReachable {
        /// Input frequency in MHz.
        input_mhz: f64,
        /// Wanted frequency in MHz.
        wanted_mhz: f64,
        /// Nearest frequency in MHz.
        nearest_mhz: f64,
    },
    /// The input frequency is outside of what the phase detector accepts.
    #[error("a PLL accepts 3.125 to 400 MHz at its input, not {input_mhz} MHz")]
    Input {
        /// Input frequency in MHz.
        input_mhz: f64,
    },
}

/// Dividers of a PLL whose output is also its feedback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PllSettings {
    /// `CLKI_DIV`, 1..=128.
    pub refclk_div: u32,
    /// `CLKFB_DIV`, 1..=80.
    pub feedback_div: u32,
    /// `CLKOP_DIV`, 1..=128.
    pub output_div: u32,
    /// Output frequency in MHz.
    pub output_mhz: f64,
    /// Frequency of the oscillator in MHz, 400..=800.
    pub vco_mhz: f64,
}

impl PllSettings {
    /// The dividers that come nearest to `wanted_mhz`; among equals those with the oscillator nearest to 600 MHz.
    pub fn search(input_mhz: f64, wanted_mhz: f64) -> Result<Self, PllError> {
        let mut best: Option<Self> = None;
        for refclk_div in 1..=128u32 {
            let pfd = input_mhz / f64::from(refclk_div);
            if !PFD_MHZ.contains(&pfd) {
                continue;
            }
            for feedback_div in 1..=80u32 {
                let output_mhz = pfd * f64::from(feedback_div);
                for output_div in 1..=128u32 {
                    let vco_mhz = output_mhz * f64::from(output_div);
                    let candidate = Self { refclk_div, feedback_div, output_div, output_mhz, vco_mhz };
                    let better = best.is_none_or(|b| candidate.rank(wanted_mhz) < b.rank(wanted_mhz));
                    if VCO_MHZ.contains(&vco_mhz) && better {
                        best = Some(candidate);
                    }
                }
            }
        }
        let found = best.ok_or(PllError::Input { input_mhz })?;
        if (found.output_mhz - wanted_mhz).abs() > wanted_mhz * TOLERANCE {
            return Err(PllError::NotReachable { input_mhz, wanted_mhz, nearest_mhz: found.output_mhz });
        }
        Ok(found)
    }

    /// Smaller is better: error in hertz, then distance of the oscillator from the middle.
    fn rank(&self, wanted_mhz: f64) -> (u64, u64) {
        let hertz = |mhz: f64| (mhz.abs() * 1e6).round() as u64;
        (hertz(self.output_mhz - wanted_mhz), hertz(self.vco_mhz - BEST_VCO_MHZ))
    }
}

/// One clock from another: an EHXPLLL with one output. nextpnr derives the constraint of the output from that of the input.
///
/// In simulation the output is the input (rust-hdl and Verilog alike), and `locked` is 1. rust-hdl lets data through a clock
/// early between the two clocks, so clock everything from the output.
#[derive(LogicBlock)]
pub struct Pll {
    /// Reference.
    pub clock_in: Signal<In, Clock>,
    /// Output.
    pub clock_out: Signal<Out, Clock>,
    /// The output is stable.
    pub locked: Signal<Out, Bit>,
    _input_mhz: f64,
    _settings: PllSettings,
}

impl Pll {
    /// A PLL from `input_hz` to `output_hz`.
    pub fn new(input_hz: u64, output_hz: u64) -> Result<Self, PllError> {
        let input_mhz = input_hz as f64 / 1e6;
        Ok(Self {
            clock_in: Default::default(),
            clock_out: Default::default(),
            locked: Default::default(),
            _input_mhz: input_mhz,
            _settings: PllSettings::search(input_mhz, output_hz as f64 / 1e6)?,
        })
    }

    /// The dividers in use.
    pub fn settings(&self) -> PllSettings {
        self._settings
    }

    /// The frequency that comes out, in hertz.
    pub fn output_hz(&self) -> u64 {
        (self._settings.output_mhz * 1e6).round() as u64
    }
}

impl Logic for Pll {
    fn update(&mut self) {
        self.clock_out.next = self.clock_in.val();
        self.locked.next = true;
    }

    fn connect(&mut self) {
        self.clock_out.connect();
        self.locked.connect();
    }

    fn hdl(&self) -> Verilog {
        let s = &self._settings;
        body(format!(
            "`ifdef SYNTHESIS\n\
             (* FREQUENCY_PIN_CLKI=\"{input}\" *) (* FREQUENCY_PIN_CLKOP=\"{output}\" *)\n\
             (* ICP_CURRENT=\"12\" *) (* LPF_RESISTOR=\"8\" *) (* MFG_ENABLE_FILTEROPAMP=\"1\" *) (* MFG_GMCREF_SEL=\"2\" *)\n\
             EHXPLLL #(\n  .PLLRST_ENA(\"DISABLED\"), .INTFB_WAKE(\"DISABLED\"), .STDBY_ENABLE(\"DISABLED\"), .DPHASE_SOURCE(\"DISABLED\"),\n  \
             .OUTDIVIDER_MUXA(\"DIVA\"), .OUTDIVIDER_MUXB(\"DIVB\"), .OUTDIVIDER_MUXC(\"DIVC\"), .OUTDIVIDER_MUXD(\"DIVD\"),\n  \
             .CLKI_DIV({refclk}), .CLKFB_DIV({feedback}), .FEEDBK_PATH(\"CLKOP\"),\n  \
             .CLKOP_ENABLE(\"ENABLED\"), .CLKOP_DIV({div}), .CLKOP_CPHASE({phase}), .CLKOP_FPHASE(0)\n) pll (\n  \
             .RST(1'b0), .STDBY(1'b0), .CLKI(clock_in), .CLKOP(clock_out), .CLKFB(clock_out), .CLKINTFB(),\n  \
             .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0),\n  \
             .ENCLKOP(1'b0), .LOCK(locked)\n);\n`else\nassign clock_out = clock_in;\nassign locked = 1'b1;\n`endif\n",
            input = self._input_mhz,
            output = s.output_mhz,
            refclk = s.refclk_div,
            feedback = s.feedback_div,
            div = s.output_div,
            phase = (s.output_div - 1) / 2,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_dividers_of_ecppll() {
        let known = [(40.0, 5, 8, 15), (50.0, 1, 2, 12), (62.5, 2, 5, 10), (80.0, 5, 16, 7), (100.0, 1, 4, 6)];
        for (wanted, refclk, feedback, output) in known {
            let s = PllSettings::search(25.0, wanted).unwrap();
            assert_eq!((s.refclk_div, s.feedback_div, s.output_div), (refclk, feedback, output), "{wanted} MHz: {s:?}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_make() {
        assert!(matches!(PllSettings::search(25.0, 1000.0), Err(PllError::NotReachable { .. })));
        assert!(matches!(PllSettings::search(1.0, 100.0), Err(PllError::Input { .. })));
        let error = Pll::new(25_000_000, 1_000_000).err().unwrap();
        assert!(error.to_string().contains("1 MHz from 25 MHz"), "{error}");
    }
}
