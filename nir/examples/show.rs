//! What is in NIR files: nodes, shapes, and what was declared wrong.
//!
//!     cargo run -p nernst-nir --example show FILE..

use nernst_nir::{Graph, GraphError};
use std::process::ExitCode;

fn show(graph: &Graph) -> Result<(), GraphError> {
    let flat = graph.flattened()?;
    let shapes = flat.shapes()?;
    for (name, node) in &flat.nodes {
        println!("  {name}: {} {:?}", node.kind(), shapes.outputs[name]);
    }
    for (from, to) in &flat.edges {
        println!("  {from} -> {to}");
    }
    for correction in &shapes.corrections {
        println!("  {correction}");
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in std::env::args().skip(1) {
        println!("{path}");
        let problem = match Graph::read(&path) {
            Ok(graph) => show(&graph).err().map(|problem| problem.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            println!("  {problem}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
