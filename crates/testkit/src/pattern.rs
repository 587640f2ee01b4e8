//! The pattern of the tests' clusters. Each test process has a server of its own; to make one from nothing, with all
//! migrations, takes longer than most tests do. So it is made once for each build of the program, beside it, and
//! copied.

use crate::cluster::{self, TestDatabase, options, test_folder};
use nix::fcntl::{Flock, FlockArg};
use sindico_embedded::{Connection, Server};
use sindico_store::server::Server as ServerAdmin;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

/// Makes this data directory as a copy of the pattern, which the first to come makes.
pub(crate) fn copy_to(data_dir: &Path) {
    let program = &cluster::guardian().program;
    let folder = program.with_file_name("test-cluster");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    let lock = Flock::lock(lock, FlockArg::LockShared)
        .map_err(|(_, error)| error)
        .unwrap();
    let build = build_of(program);
    let is_current = || fs::read_to_string(folder.join("build")).is_ok_and(|of| of == build);
    if !is_current() {
        lock.relock(FlockArg::LockExclusive).unwrap();
        // Another may have been quicker.
        if !is_current() {
            make(&folder);
            fs::write(folder.join("build"), &build).unwrap();
        }
    }
    copy(&folder.join("data"), data_dir);
}

/// What tells one build of the program from another.
fn build_of(program: &Path) -> String {
    let file = fs::metadata(program).unwrap();
    let at = file.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{} {}", file.len(), at.as_nanos())
}

/// Makes a cluster, prepares it, stops it, and leaves it in this folder.
fn make(folder: &Path) {
    let _ = fs::remove_file(folder.join("build"));
    let _ = fs::remove_dir_all(folder.join("data"));
    let made = test_folder();
    let data = made.path().join("data");
    let server = Server::start(options(data.clone())).unwrap();
    let connection = server.connection().clone();
    // The caller may be within a runtime, which can't wait for another.
    std::thread::spawn(move || prepare(&connection))
        .join()
        .unwrap();
    server.stop().unwrap();
    copy(&data, &folder.join("data"));
}

/// With all that tests would make in it first: the control database, the administrator, the tenants' template.
fn prepare(connection: &Connection) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            TestDatabase::migrated(connection, cluster::TEMPLATE).await;
            cluster::make_admin(connection).await;
            let admin = cluster::admin_on(connection).admin();
            let server = ServerAdmin::connect(&admin, "pattern").await.unwrap();
            server.ensure_template().await.unwrap();
        });
}

/// Copies a folder with the rights and owners of its files: the server may run as another account.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(status.unwrap().success(), "can't copy {}", from.display());
}
