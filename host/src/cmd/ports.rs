use nernst::port;
use serialport::SerialPortType;
use std::io::Write;

/// List the serial ports of this machine.
#[derive(clap::Args)]
pub struct Ports {}

impl Ports {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let ports = port::existing();
        for (name, kind) in &ports {
            writeln!(out, "{name:<24}{}", describe(kind))?;
        }
        if ports.is_empty() {
            writeln!(out, "no serial port found")?;
        }
        writeln!(out, "{:<24}the board's RTL, simulated: no hardware needed", "virtual[:CONFIG]")?;
        writeln!(out, "{:<24}the reference model", "model[:CONFIG]")?;
        Ok(())
    }
}

fn describe(kind: &SerialPortType) -> String {
    match kind {
        SerialPortType::UsbPort(usb) => {
            let product = usb.product.as_deref().unwrap_or("USB device");
            format!("{product} ({:04x}:{:04x})", usb.vid, usb.pid)
        }
        SerialPortType::BluetoothPort => "Bluetooth".into(),
        SerialPortType::PciPort => "built in".into(),
        SerialPortType::Unknown => String::new(),
    }
}
