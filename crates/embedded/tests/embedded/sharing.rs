//! One owner, many visitors.

use std::fs;
use std::time::Duration;

use crate::support::{Place, SOON, wait_until};

#[test]
fn a_second_owner_is_refused() {
    let place = Place::new();
    let mut first = place.probe("owner");
    let ready = first.ready();
    let said = place.probe("owner").refused();
    let data_dir = place.data_dir.display().to_string();
    assert!(
        said.contains(&data_dir) && said.contains(&format!("process {}", first.child.id())),
        "{said}"
    );
    assert_eq!(place.ask(&ready.socket_dir, "select 1").as_deref(), Ok("1"));
    first.stop();
}

#[test]
fn a_visitor_uses_the_owners_server_and_is_waited_for() {
    let place = Place::new();
    // Both at once: the visitor comes while the owner still makes its cluster.
    let mut owner = place.probe("owner");
    wait_until("a holder", SOON, || {
        fs::read_to_string(place.data_dir.join("program.lock"))
            .is_ok_and(|text| text.contains("owner"))
    });
    let mut visitor = place.probe("visitor");
    let (owners, visitors) = (owner.ready(), visitor.ready());
    assert!(owners.owned && !visitors.owned);
    assert_eq!(owners.socket_dir, visitors.socket_dir);
    place.assert_populated();
    drop(owner.child.stdin.take());
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(
        place.ask(&visitors.socket_dir, "select 1").as_deref(),
        Ok("1"),
        "the owner waits"
    );
    visitor.stop();
    owner.stop();
    place.assert_deserted(Duration::ZERO);
}

#[test]
fn a_visitor_alone_starts_the_server_and_an_owner_waits_for_it() {
    let place = Place::new();
    let mut visitor = place.probe("visitor");
    assert!(visitor.ready().owned);
    place.assert_populated();
    let mut second = place.probe("visitor");
    assert!(!second.ready().owned, "commands share too");
    second.stop();
    let mut owner = place.probe("owner");
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        owner.child.try_wait().expect("a state").is_none(),
        "not refused"
    );
    visitor.stop();
    assert!(owner.ready().owned);
    owner.stop();
    place.assert_deserted(Duration::ZERO);
}
