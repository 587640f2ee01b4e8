//! Named hooks at which a test can kill, stop or fail the program. Without the feature
//! `failpoints` they compile to nothing.
//!
//! A test sets them by the environment (`FAILPOINTS="provision:roles:after=1*return(kill)"`) or by
//! `fail::cfg`. What `return(...)` does here:
//!
//! - `kill`: the process kills itself with SIGKILL;
//! - `stop`: the process stops itself with SIGSTOP, and goes on from there at SIGCONT;
//! - `error(53300)`: the step fails as if the target server had answered with this SQLSTATE.
//!
//! `pause` and `sleep(ms)` freeze the operation, its heartbeat included, but no other.

use crate::error::StepError;

/// The names of all fail points, in the order in which an operation comes by.
pub const FAIL_POINTS: fn() -> Vec<String> = names;

fn names() -> Vec<String> {
    let mut names = vec!["provision:claimed".to_owned()];
    for step in crate::plan::step_names() {
        for place in ["before", "after", "recorded"] {
            names.push(format!("provision:{step}:{place}"));
        }
    }
    names.extend(["provision:finish:before", "provision:finish:after"].map(str::to_owned));
    names
}

/// Sets up the fail points of the environment variable `FAILPOINTS`, for the life of the program.
/// Call it once, before the engine is started; does nothing without the feature.
pub fn setup() {
    #[cfg(feature = "failpoints")]
    std::mem::forget(fail::FailScenario::setup());
}

/// Comes by a fail point.
#[cfg(not(feature = "failpoints"))]
pub(crate) async fn hit(_step: &str, _place: &str) -> Result<(), StepError> {
    Ok(())
}

/// Comes by the fail point `provision:<step>:<place>`, or `provision:<step>` without a place.
#[cfg(feature = "failpoints")]
pub(crate) async fn hit(step: &str, place: &str) -> Result<(), StepError> {
    let mut name = format!("provision:{step}");
    if !place.is_empty() {
        name = format!("{name}:{place}");
    }
    let look = || fail::eval(&name, |what| what).flatten();
    // A `pause` blocks the task, as a frozen program would, and not its neighbours.
    let what = match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::CurrentThread => look(),
        _ => tokio::task::block_in_place(look),
    };
    what.map_or(Ok(()), |what| carry_out(&what))
}

#[cfg(feature = "failpoints")]
fn carry_out(what: &str) -> Result<(), StepError> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let signal = |signal| {
        kill(Pid::this(), signal)
            .map_err(|e| StepError::permanent(format!("The fail point could not signal: {e}."), ""))
    };
    let code = what
        .strip_prefix("error(")
        .and_then(|rest| rest.strip_suffix(')'));
    match (what, code) {
        ("kill", _) => signal(Signal::SIGKILL),
        ("stop", _) => signal(Signal::SIGSTOP),
        (_, Some(code)) => Err(StepError::from_server("A fail point", code, "")),
        _ => Err(StepError::permanent(
            format!("The fail point's action {what:?} is unknown."),
            "Use kill, stop or error(SQLSTATE).",
        )),
    }
}
