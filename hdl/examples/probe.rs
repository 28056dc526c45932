use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let config = nernst_spec::ArrayConfig::ready(&a[1]).unwrap();
    let t = Instant::now();
    let soc = nernst_hdl::generate::soc_verilog(&config).unwrap();
    println!("soc {} bytes {:?}", soc.len(), t.elapsed());
    std::fs::write(format!("{}-soc.v", a[1]), soc).unwrap();
    let board = rust_hdl_bsp_ecp5::boards::board(&a[2]).unwrap();
    let d = nernst_hdl::generate::board_verilog(&config, board).unwrap();
    let name = format!("{}-{}", a[2], a[1]);
    std::fs::create_dir_all(&name).unwrap();
    std::fs::write(format!("{name}/top.v"), &d.verilog).unwrap();
    std::fs::write(format!("{name}/top.lpf"), &d.lpf).unwrap();
    if a.get(3).is_none() {
        return;
    }
    use rust_hdl_bsp_ecp5::flow::*;
    let tools = Toolchain::find(None).unwrap();
    let design = Design { top: d.top, verilog: &d.verilog, lpf: &d.lpf };
    let mut options = FlowOptions::default();
    options.freq_mhz = Some(50.0);
    options.place_ebr = a[3] == "place";
    let r = build(&tools, &design, board, std::path::Path::new(&name), &options, &mut |p| eprintln!("{p:?}"));
    println!("{r:#?}");
}
