//! What a scenario file may name that is not the parser's to know: the client's models and guards,
//! and the CPUs of the machine it is to run on.

use crate::model::ModelKind;

/// What `[[model]]`, `shared_state` and `[cpus]` may name.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    /// The concurrency models.
    pub models: Vec<ModelKind>,
    /// The guards of shared state.
    pub guards: Vec<GuardKind>,
    /// The CPUs; `None` where the scenario is only read, or runs elsewhere: any.
    pub cpus: Option<Vec<usize>>,
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
        Self { models: models.to_vec(), ..Self::default() }
    }
}
