//! What the machine did beside the trial: told as a note on the row, no reason to refuse it.

use scenario::Checks;
use scenario::units::percentage_text;

use crate::row::TrialRow;

/// Notes on stolen CPU time and on CPU pressure.
pub(super) fn notes(row: &TrialRow, limits: &Checks) -> Vec<String> {
    let most = percentage_text(limits.noise);
    let mut notes = Vec::new();
    if row.steal.is_some_and(|steal| steal > limits.noise) {
        notes.push(format!("the hypervisor stole over {most} of the CPU time"));
    }
    let saturated = row.cpu_utilisation.is_none_or(|used| used >= limits.saturated_cpu);
    if !saturated && pressure_of_others(row).is_some_and(|share| share > limits.noise) {
        notes.push(format!(
            "for over {most} of the window some task had no CPU (pressure), beyond what the client’s own threads wait for each other"
        ));
    }
    notes
}

/// CPU pressure is of the whole machine: a model of many threads makes it by itself, whenever two
/// of them are ready at once. Its share of that is at most the time its threads stood ready, per
/// second; what lies above is somebody else's doing.
fn pressure_of_others(row: &TrialRow) -> Option<f64> {
    let own =
        row.thread_runnable_ms.zip(row.throughput_rps).map_or(0.0, |(ms, rps)| ms * rps / 1e3);
    row.pressure.map(|pressure| pressure - own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_is_told_where_it_is_not_the_client_s_own() {
        let limits = Checks::default();
        let row = TrialRow {
            pressure: Some(0.30),
            cpu_utilisation: Some(0.5),
            throughput_rps: Some(100.0),
            thread_runnable_ms: Some(0.1),
            ..TrialRow::default()
        };
        assert_eq!(notes(&row, &limits).len(), 1);
        let own = TrialRow { thread_runnable_ms: Some(3.0), ..row.clone() };
        assert_eq!(notes(&own, &limits), [""; 0], "its own threads wait for each other");
        let busy = TrialRow { cpu_utilisation: Some(0.95), ..row.clone() };
        assert_eq!(notes(&busy, &limits), [""; 0], "saturated: nobody else is needed for it");
        let stolen = TrialRow { steal: Some(0.06), ..busy };
        assert!(notes(&stolen, &limits)[0].contains("over 5 %"));
        let unknown = TrialRow { pressure: None, ..row };
        assert_eq!(notes(&unknown, &limits), [""; 0]);
    }
}
