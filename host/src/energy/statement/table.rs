//! Bills as CSV.

use super::Statement;

/// A row for each counter and place of each bill: `prices,device,group,counter,place,count,joules,grade,source`.
/// Counters without a price have no joules, grade and source.
pub fn csv(statement: &Statement) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(["prices", "device", "group", "counter", "place", "count", "joules", "grade", "source"])?;
    for bill in &statement.bills {
        let (prices, device) = (bill.prices.as_str(), bill.device.as_deref().unwrap_or_default());
        for line in &bill.lines {
            let grade = line.estimate.grade.to_string();
            for share in &line.shares {
                let (count, joules) = (share.count.to_string(), format!("{:e}", share.joules));
                let row =
                    [prices, device, &line.group, &line.counter, &share.place, &count, &joules, &grade, &line.source];
                writer.write_record(row)?;
            }
        }
        for unpriced in &bill.unpriced {
            let count = unpriced.count.to_string();
            writer.write_record([prices, device, &unpriced.group, &unpriced.counter, "all", &count, "", "", ""])?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    // Made of strings alone.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
