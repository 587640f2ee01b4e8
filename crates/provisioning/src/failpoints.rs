//! Named places at which tests kill, freeze or fail the program. Without the feature `failpoints`
//! nothing of this is compiled in.
//!
//! Set by the environment, for example `FAILPOINTS=provision:roles:after=return(kill)`. Actions:
//! `kill` (SIGKILL to itself), `stop` (SIGSTOP), `error(SQLSTATE)`; and, without `return`,
//! `sleep(MS)`.

use crate::error::StepError;
use crate::plan::Step;

/// Every fail point of a provisioning, whatever its provider.
pub fn all() -> Vec<String> {
    let mut names = vec!["provision:claimed".to_owned()];
    for step in Step::ALL {
        for place in ["before", "after", "recorded"] {
            names.push(format!("provision:{}:{place}", step.name()));
        }
    }
    names.extend(["provision:finish:before", "provision:finish:after"].map(str::to_owned));
    names
}

/// Those of the providers that work on a server: inside a step, between two of its acts.
pub fn inside() -> Vec<String> {
    ["secret", "roles", "database"]
        .map(|step| format!("provision:{step}:inside"))
        .into()
}

/// Reads `FAILPOINTS` from the environment, in builds that have fail points.
pub fn setup() {
    // The scenario ends with the program.
    #[cfg(feature = "failpoints")]
    std::mem::forget(fail::FailScenario::setup());
}

/// The place with this name.
#[cfg(feature = "failpoints")]
pub(crate) fn hit(name: &str) -> Result<(), StepError> {
    use nix::sys::signal::{Signal, raise};
    use tokio::runtime::{Handle, RuntimeFlavor};
    // `sleep(MS)` waits inside, and must not hold up what else the runtime has to do: requests,
    // the heartbeat of the lease.
    let action = match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(|| action(name)),
        _ => action(name),
    };
    let Some(action) = action else {
        return Ok(());
    };
    let code = action
        .strip_prefix("error(")
        .and_then(|rest| rest.strip_suffix(')'));
    match (action.as_str(), code) {
        ("kill", _) => {
            let _ = raise(Signal::SIGKILL);
        }
        ("stop", _) => {
            let _ = raise(Signal::SIGSTOP);
        }
        (_, Some(code)) => return Err(StepError::of_sqlstate(code, "injected")),
        _ => {}
    }
    Ok(())
}

#[cfg(feature = "failpoints")]
fn action(name: &str) -> Option<String> {
    fail::fail_point!(name, |action| action);
    None
}

/// The place with this name.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn hit(_: &str) -> Result<(), StepError> {
    Ok(())
}
