//! The operations engine.

/// Placeholder until the engine lands.
#[derive(Clone)]
pub struct Engine;
