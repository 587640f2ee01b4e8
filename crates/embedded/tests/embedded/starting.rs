//! Starting: first and again, in odd places, as other users, and when it cannot be.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use crate::support::{Place, Probe, SOON, is_root, names, set_mode};

#[test]
fn starts_again_quickly_and_keeps_its_data() {
    let place = Place::new();
    let mut first = place.probe("owner");
    let ready = first.ready();
    assert!(ready.owned);
    place.assert_populated();
    place
        .ask(&ready.socket_dir, "create table t as select 42 as x")
        .expect("a table");
    assert_eq!(
        place
            .ask(&ready.socket_dir, "show server_encoding")
            .as_deref(),
        Ok("UTF8")
    );
    assert_eq!(
        place
            .ask(&ready.socket_dir, "show listen_addresses")
            .as_deref(),
        Ok("")
    );
    first.stop();
    place.assert_deserted(Duration::ZERO);

    let mut second = place.probe("owner");
    let ready = second.ready();
    assert_eq!(
        place.ask(&ready.socket_dir, "select x from t").as_deref(),
        Ok("42")
    );
    // 150 ms on an idle machine; this one may be busy.
    assert!(ready.millis < 2000, "{} ms", ready.millis);
    second.stop();
    place.assert_deserted(Duration::ZERO);
}

#[test]
fn durability_is_as_asked() {
    for (durable, expected) in [(true, "on"), (false, "off")] {
        let place = Place::new();
        let mut command = place.command("owner");
        if durable {
            command.env("PROBE_DURABLE", "1");
        }
        let mut probe = Probe::spawn(command);
        let socket_dir = probe.ready().socket_dir;
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let shown = place.ask(&socket_dir, &format!("show {setting}"));
            assert_eq!(shown.as_deref(), Ok(expected), "{setting}");
        }
        probe.stop();
    }
}

#[test]
fn only_its_account_and_root_can_reach_it() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").mode() & 0o777;
    assert_eq!(mode(&ready.socket_dir), 0o700);
    assert_eq!(mode(&place.pgdata()), 0o700);
    assert_eq!(mode(&place.data_dir.join("postgres.password")), 0o600);
    assert_eq!(mode(&place.data_dir.join("postgres.log")), 0o600);
    let password =
        fs::read_to_string(place.data_dir.join("postgres.password")).expect("a password");
    let password = password.trim();
    assert_eq!(password.len(), 64);
    let processes = place.processes();
    assert!(
        processes
            .iter()
            .all(|process| !process.command.contains(password)),
        "{processes:#?}"
    );
    // A wrong password does not get in, and a statement that fails is not logged.
    fs::write(place.data_dir.join("postgres.password"), "wrong").expect("write");
    let refused = place
        .ask(&ready.socket_dir, "select 1")
        .expect_err("a wrong password");
    assert!(
        refused.contains("password authentication failed"),
        "{refused}"
    );
    fs::write(place.data_dir.join("postgres.password"), password).expect("write");
    place
        .ask(
            &ready.socket_dir,
            "alter role nobodyhere password 'opensesame'",
        )
        .expect_err("no such role");
    let log = place.log();
    assert!(
        log.contains("nobodyhere") && !log.contains("sesame") && !log.contains(password),
        "{log}"
    );
    probe.stop();
}

#[test]
fn the_programs_environment_stays_its_own() {
    let place = Place::new();
    let mut command = place.command("owner");
    command.env("SECRET_KEY", "opensesame");
    let mut probe = Probe::spawn(command);
    probe.ready();
    let environ = |pid: u32| fs::read(format!("/proc/{pid}/environ")).expect("readable");
    let has = |pid: u32| {
        environ(pid)
            .windows(10)
            .any(|window| window == b"opensesame")
    };
    assert!(has(probe.child.id()));
    assert!(!environ(place.postmaster()).is_empty() && !has(place.postmaster()));
    probe.stop();
}

#[test]
fn a_long_path_with_odd_characters_works() {
    let place = Place::at(&format!("{}/a, \"b\" é", "long/".repeat(24)));
    fs::create_dir_all(&place.data_dir).expect("directories");
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    assert!(
        ready.socket_dir.as_os_str().len() < 90,
        "{}",
        ready.socket_dir.display()
    );
    assert_eq!(
        fs::metadata(&ready.socket_dir).expect("there").mode() & 0o777,
        0o700
    );
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    let mut visitor = place.probe("visitor");
    assert_eq!(visitor.ready().socket_dir, ready.socket_dir);
    visitor.stop();
    probe.stop();
    fs::remove_dir(&ready.socket_dir).expect("an empty directory");
}

#[test]
fn odd_characters_in_the_socket_directory_work() {
    let place = Place::at("a, \"b\" é");
    let mut probe = place.probe("owner");
    let ready = probe.ready();
    assert!(ready.socket_dir.starts_with(&place.data_dir));
    assert!(
        ready.socket_dir.join(".s.PGSQL.5432").exists(),
        "{:?}",
        names(&ready.socket_dir)
    );
    let mut visitor = place.probe("visitor");
    assert!(!visitor.ready().owned);
    visitor.stop();
    probe.stop();
}

/// As `nobody` when the tests run as root; else they run as an ordinary user anyway.
#[test]
fn an_ordinary_user_runs_it_as_themselves() {
    let place = Place::at("home/data");
    let home = place.root().join("home");
    fs::create_dir(&home).expect("a home");
    // The target directory may be out of that user's reach.
    let program = place.root().join("probe");
    // Copied by another process: see ETXTBSY.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_embedded-probe"))
        .arg(&program)
        .status();
    assert!(copied.expect("cp").success());
    let mut uid = nix::unistd::geteuid().as_raw();
    let mut command = Command::new(&program);
    command.arg("owner").arg(&place.data_dir).current_dir("/");
    if is_root() {
        uid = 65534;
        std::os::unix::fs::chown(&home, Some(uid), Some(uid)).expect("an owner");
        command.uid(uid).gid(uid);
    }
    set_mode(&home, 0o700);
    let mut probe = Probe::spawn(command);
    let ready = probe.ready();
    assert_eq!(
        fs::metadata(format!("/proc/{}", place.postmaster()))
            .expect("alive")
            .uid(),
        uid
    );
    assert_eq!(
        fs::metadata(&place.data_dir).expect("there").mode() & 0o777,
        0o700
    );
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    place.assert_populated();
    probe.kill();
    place.assert_deserted(SOON);
    // Root on the same directory later: the cluster's account stays. (Whoever is not root simply starts it again.)
    let mut next = place.probe("visitor");
    if is_root() {
        set_mode(&home, 0o700);
    }
    next.ready();
    assert_eq!(
        fs::metadata(format!("/proc/{}", place.postmaster()))
            .expect("alive")
            .uid(),
        uid
    );
    next.stop();
}

#[test]
fn a_door_that_is_closed_to_the_servers_account_is_named() {
    let place = Place::at("closed/data");
    let closed = place.root().join("closed");
    fs::create_dir(&closed).expect("a directory");
    set_mode(&closed, 0o700);
    if is_root() {
        let said = place.probe("owner").refused();
        let closed_words = closed.display().to_string();
        assert!(
            said.contains(&format!("pass through {closed_words} ")),
            "{said}"
        );
        assert!(
            said.contains(&format!("chmod o+x {closed_words}`")),
            "{said}"
        );
        set_mode(&closed, 0o711);
    }
    // With the door open, or to its own user, nothing is in the way.
    let mut probe = place.probe("owner");
    probe.ready();
    probe.stop();
}

#[test]
fn wrong_programs_and_wrong_directories_are_named() {
    let place = Place::new();
    let empty = place.root().join("nothing");
    fs::create_dir(&empty).expect("a directory");
    let mut command = place.command("owner");
    command.arg(&empty);
    let said = Probe::spawn(command).refused();
    assert!(
        said.contains("SINDICO_POSTGRES_BIN") && said.contains(&empty.display().to_string()),
        "{said}"
    );

    fs::create_dir(place.pgdata()).expect("a directory");
    fs::write(place.pgdata().join("letter.txt"), "dear").expect("a file");
    let said = place.probe("owner").refused();
    assert!(said.contains("is not a PostgreSQL cluster"), "{said}");

    fs::write(place.pgdata().join("PG_VERSION"), "12\n").expect("a file");
    let said = place.probe("owner").refused();
    assert!(
        said.contains("made by PostgreSQL 12 but the server found in"),
        "{said}"
    );
    place.assert_deserted(Duration::ZERO);
}

#[test]
fn a_failed_start_quotes_the_log() {
    let place = Place::new();
    let mut probe = place.probe("owner");
    probe.ready();
    probe.stop();
    fs::remove_file(place.pgdata().join("global/pg_control")).expect("it was there");
    let said = place.probe("owner").refused();
    assert!(
        said.contains("did not start") && said.contains("pg_control"),
        "{said}"
    );
    assert!(
        !said.contains("ready to accept connections"),
        "only this start's lines: {said}"
    );
    place.assert_deserted(Duration::ZERO);
}
