//! The boards that this crate knows, and their pins.
//!
//! Ports have the same names on every board, so that one design fits them all: `clock`, `uart_rx` and `uart_tx` (as seen from
//! the FPGA), `led[..]`, `button[..]`, and on the ULX3S `wifi_gpio0`.

use crate::lpf::{Lpf, LpfError};
use crate::ports::Port;

/// A USB device on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsbId {
    /// Vendor.
    pub vendor: u16,
    /// Product.
    pub product: u16,
}

/// A board: its FPGA, its pins, and how a bitstream gets into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Name on a command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// FPGA.
    pub device: &'static str,
    /// nextpnr-ecp5's option for it.
    pub nextpnr_device: &'static str,
    /// Package, as nextpnr-ecp5 names it.
    pub package: &'static str,
    /// Speed grade: 6 is the slowest, 8 the fastest.
    pub speed: u8,
    /// Frequency of the port `clock` in hertz.
    pub clock_hz: u64,
    /// An LED is lit by 1 (true) or by 0.
    pub led_active_high: bool,
    /// A pressed button is 1 (true) or 0; without meaning where the board has none.
    pub button_active_high: bool,
    /// File in `constraints/` with its pins.
    pub lpf_file: &'static str,
    /// Text of that file.
    pub lpf_text: &'static str,
    /// Options for ecppack.
    pub pack_args: &'static [&'static str],
    /// Name for `openFPGALoader -b`.
    pub loader_board: &'static str,
    /// The bridge through which the host sees the UART.
    pub serial: UsbId,
    /// What has to be known before its serial port works; empty when nothing has.
    pub serial_note: &'static str,
}

/// No board has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no board '{name}'; known boards are {known}")]
pub struct UnknownBoard {
    /// Name asked for.
    pub name: String,
    /// Names that there are.
    pub known: String,
}

impl Board {
    /// Its pins.
    pub fn lpf(&self) -> Result<Lpf, LpfError> {
        Lpf::parse(&format!("constraints/{}", self.lpf_file), self.lpf_text)
    }

    /// The LPF of a design with these ports, as [`crate::ports::ports`] gives them.
    pub fn constrain(&self, ports: &[Port]) -> Result<String, LpfError> {
        self.lpf()?.constrain(ports.iter().map(|port| (port.name.as_str(), port.width)))
    }
}

const ULX3S_LPF: &str = include_str!("../../constraints/ulx3s.lpf");
/// Compressed, and read from the flash at 62 MHz as the board's flash allows.
const PACK: &[&str] = &["--compress", "--freq", "62.0"];
const FT231X: UsbId = UsbId { vendor: 0x0403, product: 0x6015 };
const FT2232H: UsbId = UsbId { vendor: 0x0403, product: 0x6010 };
const DAPLINK: UsbId = UsbId { vendor: 0x0d28, product: 0x0204 };

const ULX3S_85F: Board = Board {
    name: "ulx3s-85f",
    description: "ULX3S with LFE5U-85F",
    device: "LFE5U-85F",
    nextpnr_device: "--85k",
    package: "CABGA381",
    speed: 6,
    clock_hz: 25_000_000,
    led_active_high: true,
    button_active_high: true,
    lpf_file: "ulx3s.lpf",
    lpf_text: ULX3S_LPF,
    pack_args: PACK,
    loader_board: "ulx3s",
    serial: FT231X,
    serial_note: "",
};

const COLORLIGHT_I5: Board = Board {
    name: "colorlight-i5",
    description: "Colorlight i5 v7.0 on its extension board",
    device: "LFE5U-25F",
    nextpnr_device: "--25k",
    led_active_high: false,
    lpf_file: "colorlight-i5.lpf",
    lpf_text: include_str!("../../constraints/colorlight-i5.lpf"),
    loader_board: "colorlight-i5",
    serial: DAPLINK,
    ..ULX3S_85F
};

static BOARDS: [Board; 7] = [
    Board {
        name: "ulx3s-12f",
        description: "ULX3S with LFE5U-12F",
        device: "LFE5U-12F",
        nextpnr_device: "--12k",
        ..ULX3S_85F
    },
    Board {
        name: "ulx3s-25f",
        description: "ULX3S with LFE5U-25F",
        device: "LFE5U-25F",
        nextpnr_device: "--25k",
        ..ULX3S_85F
    },
    Board {
        name: "ulx3s-45f",
        description: "ULX3S with LFE5U-45F",
        device: "LFE5U-45F",
        nextpnr_device: "--45k",
        ..ULX3S_85F
    },
    ULX3S_85F,
    COLORLIGHT_I5,
    Board {
        name: "colorlight-i9",
        description: "Colorlight i9 v7.2 on its extension board",
        device: "LFE5U-45F",
        nextpnr_device: "--45k",
        lpf_file: "colorlight-i9.lpf",
        lpf_text: include_str!("../../constraints/colorlight-i9.lpf"),
        loader_board: "colorlight-i9",
        ..COLORLIGHT_I5
    },
    Board {
        name: "ecp5-evn",
        description: "Lattice ECP5 evaluation board LFE5UM5G-85F-EVN",
        device: "LFE5UM5G-85F",
        nextpnr_device: "--um5g-85k",
        speed: 8,
        clock_hz: 12_000_000,
        led_active_high: false,
        button_active_high: false,
        lpf_file: "ecp5-evn.lpf",
        lpf_text: include_str!("../../constraints/ecp5-evn.lpf"),
        loader_board: "ecp5_evn",
        serial: FT2232H,
        serial_note: "as sold, the UART is not connected: move R22, R23 to R34, R35 and set port B of the FT2232H to UART",
        ..ULX3S_85F
    },
];

/// Every board.
pub fn boards() -> &'static [Board] {
    &BOARDS
}

/// The board of a name.
pub fn board(name: &str) -> Result<&'static Board, UnknownBoard> {
    BOARDS.iter().find(|board| board.name == name).ok_or_else(|| {
        let known: Vec<&str> = BOARDS.iter().map(|board| board.name).collect();
        UnknownBoard { name: name.to_string(), known: known.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_a_clock_a_serial_port_and_an_led() {
        for board in boards() {
            let lpf = board.lpf().unwrap_or_else(|error| panic!("{}: {error}", board.name));
            for port in ["clock", "uart_rx", "uart_tx", "led"] {
                assert!(lpf.width(port) >= 1, "{} has no {port}", board.name);
            }
            let mhz = lpf.pin("clock").and_then(|pin| pin.frequency_mhz);
            assert_eq!(mhz, Some(board.clock_hz as f64 / 1e6), "{}", board.name);
        }
    }

    #[test]
    fn the_fpga_transmits_where_the_bridge_receives() {
        let lpf = board("ulx3s-85f").unwrap().lpf().unwrap();
        assert_eq!(lpf.pin("uart_tx").unwrap().site, "L4"); // ftdi_rxd
        assert_eq!(lpf.pin("uart_rx").unwrap().site, "M1"); // ftdi_txd
    }

    #[test]
    fn an_unknown_board_is_answered_with_the_known_ones() {
        let error = board("ulx3s").unwrap_err().to_string();
        assert!(error.contains("no board 'ulx3s'") && error.contains("ulx3s-12f, ulx3s-25f"), "{error}");
    }
}
