//! The words of a scenario file whose meaning lives with the client, handed to the parser.

use crate::model::ModelKind;

/// What `[[model]]` and `shared_state` may name.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    /// The concurrency models.
    pub models: Vec<ModelKind>,
    /// The guards of shared state.
    pub guards: Vec<GuardKind>,
}

/// What the parser (and `loadgen models`, and the JSON Schema) must know of a guard.
#[derive(Debug, Clone, Copy)]
pub struct GuardKind {
    /// The word after `guard =`.
    pub name: &'static str,
    /// One line: how it keeps requests apart.
    pub summary: &'static str,
}

impl Kinds {
    /// Of these models, without any guard.
    pub fn of_models(models: &[ModelKind]) -> Self {
        Self { models: models.to_vec(), guards: Vec::new() }
    }
}
