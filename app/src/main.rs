//! Síndico.
fn main() {}
