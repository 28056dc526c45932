//! How far nets run on the chip, as nextpnr has routed them.

use super::error::{Result, SwitchingError};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Deserialize)]
struct File {
    modules: BTreeMap<String, Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    netnames: BTreeMap<String, Net>,
}

#[derive(Deserialize)]
struct Net {
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

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
    let File { modules } = serde_json::from_str(text)?;
    let top =
        modules.into_values().find(|module| module.attributes.contains_key("top")).ok_or(SwitchingError::NoTop)?;
    let pips = |(name, net): (String, Net)| {
        let route = net.attributes.get("ROUTING").and_then(Value::as_str).unwrap_or("");
        let fields: Vec<&str> = if route.trim().is_empty() { Vec::new() } else { route.trim().split(';').collect() };
        if !fields.len().is_multiple_of(3) {
            return Err(SwitchingError::Form {
                place: format!("route of net `{name}`"),
                found: format!("{} fields", fields.len()),
                expected: "a wire, a pip and a strength for every piece".into(),
            });
        }
        // a wire without a pip is where the route begins
        let count = fields.chunks(3).filter(|piece| !piece[1].is_empty()).count();
        Ok((name, count as u32))
    };
    top.netnames.into_iter().map(pips).collect()
}
