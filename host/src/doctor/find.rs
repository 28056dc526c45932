//! Serial ports that are boards, by their USB identity.

use rust_hdl_bsp_ecp5::boards::boards;
use serde::Serialize;
use serialport::SerialPortType;

/// Vendor of the bridges on most boards.
const FTDI: u16 = 0x0403;

/// A serial port on USB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    pub port: String,
    pub vendor: u16,
    pub product: u16,
    /// What the device calls itself.
    pub name: Option<String>,
    pub serial_number: Option<String>,
    /// Boards of this crate that have such a bridge; a bridge does not say on which it is.
    pub boards: Vec<&'static str>,
}

impl Found {
    /// Whether it may be a board: a bridge of a known one, or any of FTDI, as boards of one's own have.
    pub fn may_be_board(&self) -> bool {
        !self.boards.is_empty() || self.vendor == FTDI
    }

    /// `FT231X USB UART (0403:6015): ulx3s-12f, ulx3s-25f`
    pub fn in_words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("USB device");
        let boards = match (self.boards.as_slice(), self.may_be_board()) {
            ([], true) => "an FTDI bridge of no board that nernst knows".into(),
            ([], false) => "not the bridge of a board that nernst knows".into(),
            (boards, _) => format!("as on {}", boards.join(", ")),
        };
        format!("{name} ({:04x}:{:04x}), {boards}", self.vendor, self.product)
    }
}

/// Those among the ports of a machine, as [`crate::port::existing`] lists them, that are on USB.
pub fn find(ports: &[(String, SerialPortType)]) -> Vec<Found> {
    let found = |(port, kind): &(String, SerialPortType)| {
        let SerialPortType::UsbPort(usb) = kind else { return None };
        let same = |board: &&rust_hdl_bsp_ecp5::boards::Board| {
            (board.serial.vendor, board.serial.product) == (usb.vid, usb.pid)
        };
        Some(Found {
            port: port.clone(),
            vendor: usb.vid,
            product: usb.pid,
            name: usb.product.clone(),
            serial_number: usb.serial_number.clone(),
            boards: boards().iter().filter(same).map(|board| board.name).collect(),
        })
    };
    ports.iter().filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::UsbPortInfo;

    #[test]
    fn bridges_are_known_by_their_identity() {
        let usb = |port: &str, vid, pid| {
            let info = UsbPortInfo { vid, pid, serial_number: None, manufacturer: None, product: None };
            (port.to_string(), SerialPortType::UsbPort(info))
        };
        let ports = [
            usb("/dev/ttyUSB0", 0x0403, 0x6015),
            usb("/dev/ttyUSB1", 0x0403, 0x6014),
            usb("/dev/ttyACM0", 0x2341, 0x0043),
            ("/dev/ttyS0".to_string(), SerialPortType::PciPort),
        ];
        let found = find(&ports);
        assert_eq!(found.iter().map(|found| found.may_be_board()).collect::<Vec<_>>(), [true, true, false]);
        assert!(found[0].boards.contains(&"ulx3s-25f") && found[1].boards.is_empty(), "{found:?}");
        assert!(found[0].in_words().contains("(0403:6015), as on ulx3s-12f"), "{}", found[0].in_words());
    }
}
