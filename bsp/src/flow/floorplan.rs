//! Where the EBRs are on the chip.

/// Rows of EBRs, and the columns at which a group of four begins; from Project Trellis' `tilegrid.json`.
fn ebr_grid(device: &str) -> (&'static [u32], &'static [u32]) {
    match device {
        "LFE5U-12F" | "LFE5U-25F" | "LFE5UM-25F" | "LFE5UM5G-25F" => (&[25, 37], &[4, 13, 22, 33, 42, 51, 60]),
        "LFE5U-45F" | "LFE5UM-45F" | "LFE5UM5G-45F" => (&[10, 34, 58], &[4, 13, 22, 31, 42, 51, 60, 69, 78]),
        "LFE5U-85F" | "LFE5UM-85F" | "LFE5UM5G-85F" => {
            (&[22, 46, 70, 82], &[4, 13, 22, 31, 40, 49, 58, 69, 78, 87, 96, 105, 114])
        }
        _ => (&[], &[]),
    }
}

/// nextpnr's names of all EBRs of a device: row by row, there and back. Empty for a device that is not an ECP5.
pub(super) fn ebr_bels(device: &str) -> Vec<String> {
    let (rows, groups) = ebr_grid(device);
    let mut bels = Vec::new();
    for (index, y) in rows.iter().enumerate() {
        let row = groups.iter().flat_map(|x| (0..4).map(move |z| format!("X{}/Y{y}/EBR{z}", x + 2 * z)));
        if index % 2 == 0 { bels.extend(row) } else { bels.extend(row.collect::<Vec<_>>().into_iter().rev()) }
    }
    bels
}

/// Text and numbers of a name in turn, so that `tile9` sorts before `tile10`.
pub(super) fn natural_key(name: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[text..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| text + length);
        key.push((rest[..text].to_string(), rest[text..number].parse().unwrap_or(0)));
        rest = &rest[number..];
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_has_the_number_of_ebrs_of_its_data_sheet() {
        for (device, count) in
            [("LFE5U-12F", 56), ("LFE5U-25F", 56), ("LFE5U-45F", 108), ("LFE5U-85F", 208), ("LFE5UM5G-85F", 208)]
        {
            assert_eq!(ebr_bels(device).len(), count, "{device}");
        }
        assert_eq!(ebr_bels("LFE5U-25F")[27..29], ["X66/Y25/EBR3", "X66/Y37/EBR3"]);
    }
}
