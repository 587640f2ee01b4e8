//! Programs, guardians and servers killed in every way; nothing survives and everything starts again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::{Place, SOON, is_root, kill_process, names, signal, wait_until};

#[test]
fn a_killed_program_takes_the_server_with_it() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    place
        .ask(&ready.socket_dir, "create table t as select 7 as x")
        .expect("a table");
    place.assert_populated();
    probe.kill();
    // At once, so that it meets the old server on its way out.
    let mut next = place.probe("owner");
    let ready = next.ready();
    assert_eq!(
        place.ask(&ready.socket_dir, "select x from t").as_deref(),
        Ok("7")
    );
    next.kill();
    place.assert_deserted(SOON);
}

#[test]
fn a_killed_process_group_takes_the_server_with_it() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    probe.ready();
    place.assert_populated();
    probe.kill_group();
    place.assert_deserted(SOON);
    // The guardian was not in the group: it lived on to end the server in good order.
    assert!(
        place.log().contains("received fast shutdown request"),
        "{}",
        place.log()
    );
    assert!(
        !place.log().contains("immediate shutdown"),
        "{}",
        place.log()
    );
    let mut next = place.probe("owner");
    next.ready();
    next.stop();
}

#[test]
fn a_killed_program_and_guardian_take_the_server_with_them() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    place.assert_populated();
    kill_process(ready.guardian);
    probe.kill();
    place.assert_deserted(SOON);
    let mut next = place.probe("owner");
    next.ready();
    next.stop();
}

#[test]
fn a_killed_guardian_is_replaced() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    let before = place.postmaster();
    kill_process(ready.guardian);
    wait_until("a new server", SOON, || {
        place.find_postmaster().is_some_and(|new| new != before)
            && place.ask(&ready.socket_dir, "select 1").is_ok()
    });
    place.assert_populated();
    assert!(
        place
            .processes()
            .iter()
            .all(|process| process.pid != ready.guardian)
    );
    probe.stop();
    place.assert_deserted(Duration::ZERO);
}

#[test]
fn a_killed_server_is_started_again() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    let before = place.postmaster();
    kill_process(before);
    wait_until("a new server", SOON, || {
        place.find_postmaster().is_some_and(|new| new != before)
            && place.ask(&ready.socket_dir, "select 1").is_ok()
    });
    assert!(
        place
            .processes()
            .iter()
            .any(|process| process.pid == ready.guardian),
        "the same guardian"
    );
    assert!(
        place
            .log()
            .contains("sindico guardian: PostgreSQL ended with signal: 9"),
        "{}",
        place.log()
    );
    probe.stop();
    place.assert_deserted(Duration::ZERO);
}

#[test]
fn everything_killed_at_once_starts_again() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    let postmaster = place.postmaster();
    kill_process(ready.guardian);
    let _ = nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(postmaster.cast_signed()),
        nix::sys::signal::Signal::SIGKILL,
    );
    probe.kill();
    place.assert_deserted(SOON);
    assert!(place.pgdata().join("postmaster.pid").exists() || !names(&place.pgdata()).is_empty());
    let mut next = place.probe("owner");
    next.ready();
    next.stop();
}

/// After a crash of the machine the number in the pid file may be any process's, even one of the server's account.
#[test]
fn a_stale_pid_file_is_no_obstacle() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    probe.ready();
    let pid_file = place.pgdata().join("postmaster.pid");
    let socket_lock = place.data_dir.join("run/.s.PGSQL.5432.lock");
    let (text, socket_text) = (
        fs::read_to_string(&pid_file).expect("pid"),
        fs::read_to_string(&socket_lock).expect("lock"),
    );
    let old = place.postmaster().to_string();
    probe.stop();
    let mut sleeper = Command::new("sleep");
    sleeper.arg("60").current_dir("/").stdin(Stdio::null());
    if is_root() {
        sleeper.uid(fs::metadata(place.pgdata()).expect("there").uid());
    }
    let mut sleeper = sleeper.spawn().expect("sleep");
    let new = sleeper.id().to_string();
    fs::write(&pid_file, text.replacen(&old, &new, 1)).expect("write");
    fs::write(&socket_lock, socket_text.replacen(&old, &new, 1)).expect("write");
    let mut next = place.probe("owner");
    let ready = next.ready();
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    next.stop();
    sleeper.kill().expect("still asleep");
    sleeper.wait().expect("an end");
}

#[test]
fn a_kill_during_initdb_does_not_matter() {
    let place = Place::new();
    let probe = place.probe("owner");
    wait_until("initdb at work", SOON, || {
        let rubbish = names(&place.data_dir)
            .into_iter()
            .find(|name| name.starts_with("initdb."));
        rubbish.is_some_and(|name| place.data_dir.join(name).join("data/PG_VERSION").exists())
    });
    probe.kill();
    assert!(!place.pgdata().exists(), "killed before it was through");
    place.assert_deserted(SOON);
    assert!(
        names(&place.data_dir)
            .iter()
            .any(|name| name.starts_with("initdb."))
    );
    let mut next = place.probe("owner");
    let ready = next.ready();
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    assert!(
        !names(&place.data_dir)
            .iter()
            .any(|name| name.starts_with("initdb."))
    );
    next.stop();
}

/// With program and guardian gone, the server's own hold on the lock keeps a second server off its files.
#[test]
fn a_server_that_lingers_is_waited_for() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    let old = place.postmaster();
    // Stopped, it cannot follow the signal that its guardian's death sends.
    signal(old, Signal::SIGSTOP);
    kill_process(ready.guardian);
    probe.kill();
    let mut next = place.probe("owner");
    std::thread::sleep(Duration::from_millis(1500));
    assert!(
        next.child.try_wait().expect("a state").is_none(),
        "not refused"
    );
    assert_eq!(place.find_postmaster(), Some(old), "not replaced");
    signal(old, Signal::SIGCONT);
    let ready = next.ready();
    assert_ne!(place.postmaster(), old);
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    next.stop();
    place.assert_deserted(SOON);
}
