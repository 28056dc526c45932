//! How far nets run on the chip, as nextpnr has routed them.

use super::error::{Result, SwitchingError};
use super::netlist::Netlist;
use std::collections::HashMap;

/// The switches ("pips") that the route of each net goes through, by the net's name, from the JSON text that nextpnr
/// writes with `--write` (in [`FlowOptions::nextpnr_args`](crate::flow::FlowOptions::nextpnr_args)).
///
/// The more of them, the more wire there is to charge: a weight for
/// [`count_toggles`](super::Simulator::count_toggles). nextpnr keeps one of the names in
/// [`NetInfo::names`](super::NetInfo::names). A net that it has packed away, such as that between a LUT and the
/// flip-flop behind it, is not there or has 0.
///
/// ```
/// use rust_hdl_bsp_ecp5::switching::routed_pips;
///
/// let pips = routed_pips(r#"{"modules": {"top": {"attributes": {"top": "1"}, "netnames": {
///   "q[3]": {"attributes": {"ROUTING": "X16/Y40/Q4_SLICE;;1;X16/Y40/Q4;X16/Y40/0_0_Q4_SLICE->0_0_Q4;1"}}}}}}"#)?;
/// assert_eq!(pips["q[3]"], 1);
/// # Ok::<(), rust_hdl_bsp_ecp5::switching::SwitchingError>(())
/// ```
///
/// # Errors
/// [`SwitchingError`]: the text is no such JSON, or a route is not of the form "wire;pip;strength;..".
pub fn routed_pips(text: &str) -> Result<HashMap<String, u32>> {
    let pips = |(name, route): (&str, &str)| {
        let route = route.trim();
        let fields: Vec<&str> = if route.is_empty() { Vec::new() } else { route.split(';').collect() };
        if !fields.len().is_multiple_of(3) {
            return Err(SwitchingError::Form {
                place: format!("route of net `{name}`"),
                found: format!("{} fields", fields.len()),
                expected: "a wire, a pip and a strength for every piece".into(),
            });
        }
        // a wire without a pip is where the route begins
        let count = fields.chunks(3).filter(|piece| !piece[1].is_empty()).count();
        Ok((name.to_string(), count as u32))
    };
    Netlist::read(text)?.attributes("ROUTING").map(pips).collect()
}
