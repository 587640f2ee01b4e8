//! Starting, sharing and stopping the server.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};

use crate::binaries::{Binaries, Search};
use crate::cluster::{Layout, settings};
use crate::error::{Error, failed};
use crate::job::{Job, PidFile};
use crate::keeper::Keeper;
use crate::locks::{self, Holder, POLL, Phase, lock_within};
use crate::user::ServerUser;
use crate::{Connection, Options, PORT, Role, SUPERUSER, install};

/// An owner waits this long for a command that has the server, and for a program that is just leaving.
const FOR_VISITOR: Duration = Duration::from_secs(15);
const FOR_LEAVING: Duration = Duration::from_secs(60);
/// The line in `program.lock` is written just after the lock is taken, so a moment's doubt is in order.
const FOR_DOUBT: Duration = Duration::from_millis(300);
/// A visitor waits this long for an owner's server, which may be making its cluster.
const FOR_OWNER: Duration = Duration::from_secs(120);
/// A leaving owner waits this long for visitors; a command that leaves waits longer, for it is in no hurry.
const OWNER_LEAVES: Duration = Duration::from_secs(10);
const VISITOR_LEAVES: Duration = Duration::from_secs(30);

/// A running server, or somebody else's that we use. Stops the server when dropped if it is ours, which can take some
/// seconds; [`Server::stop`] does the same and tells how it went.
pub struct Server {
    connection: Connection,
    /// Shared with all users, so that an owner knows that we are here.
    users: Option<Flock<File>>,
    /// `None` when the server is somebody else's.
    ownership: Option<Ownership>,
}

struct Ownership {
    keeper: Keeper,
    program: Flock<File>,
    role: Role,
    layout: Layout,
}

impl Server {
    /// Starts the server, or finds the running one, and returns when it takes connections.
    pub fn start(options: Options) -> Result<Self, Error> {
        let layout = Layout::open(&options.data_dir)?;
        match options.role {
            Role::Owner => {
                let program = take_ownership(&layout)?;
                own(options, layout, program)
            }
            Role::Visitor => visit(options, layout),
        }
    }

    /// How to connect.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether the server is this program's, and stops with it.
    pub fn owned(&self) -> bool {
        self.ownership.is_some()
    }

    /// Whether the guardian of our server is alive and its server ready. When not, another is being started. `true` for
    /// somebody else's server, whose guardian is not ours to watch.
    pub fn guardian_alive(&self) -> bool {
        self.ownership.as_ref().is_none_or(|own| own.keeper.ready())
    }

    /// The process id of our guardian, for diagnosis.
    pub fn guardian_pid(&self) -> Option<u32> {
        self.ownership.as_ref()?.keeper.pid()
    }

    /// Waits some seconds for other users to leave, then stops the server, if it is ours.
    pub fn stop(mut self) -> Result<(), Error> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), Error> {
        let Some(own) = self.ownership.take() else {
            self.users = None;
            return Ok(());
        };
        // From here on newcomers wait for the next server instead of using this one.
        let leaving = Holder::of_this_process(own.role, Phase::Stopping).write(&own.program);
        if let Err(error) = leaving {
            tracing::warn!(%error, "program.lock cannot be written");
        }
        let patience = match own.role {
            Role::Owner => OWNER_LEAVES,
            Role::Visitor => VISITOR_LEAVES,
        };
        // Our own share goes first, then everybody's is asked for.
        self.users = None;
        let alone = lock_within(
            &own.layout.users_lock(),
            FlockArg::LockExclusiveNonblock,
            patience,
            || false,
        )?;
        if alone.is_none() {
            tracing::warn!(
                "another command still uses the private PostgreSQL; it is stopped all the same"
            );
        }
        let gently = own.keeper.stop();
        // Only now may another program have the data directory.
        drop(own.program);
        drop(alone);
        if gently {
            Ok(())
        } else {
            Err(Error::NotStopped {
                data_dir: own.layout.data_dir.clone(),
            })
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the private PostgreSQL did not stop as it should");
        }
    }
}

/// Takes `program.lock` for an owner: at once, or after a command or a leaving program has let go of it.
fn take_ownership(layout: &Layout) -> Result<Flock<File>, Error> {
    let path = layout.program_lock();
    let mut file = locks::open(&path)?;
    let (mut holder, mut since) = (None, Instant::now());
    loop {
        file = match locks::try_lock(file, FlockArg::LockExclusiveNonblock, &path)? {
            Ok(lock) => return Ok(lock),
            Err(file) => file,
        };
        // Patience starts anew when something changes: each state of each holder has its own.
        let found = Holder::read(&path);
        if found != holder {
            (holder, since) = (found, Instant::now());
        }
        let patience = match holder {
            Some(Holder {
                phase: Phase::Stopping,
                ..
            }) => FOR_LEAVING,
            Some(Holder {
                role: Role::Visitor,
                ..
            }) => FOR_VISITOR,
            Some(Holder {
                role: Role::Owner, ..
            })
            | None => FOR_DOUBT,
        };
        if since.elapsed() >= patience {
            let data_dir = layout.data_dir.clone();
            let (pid, role) = holder.map_or((None, Role::Owner), |holder| {
                (Some(holder.pid), holder.role)
            });
            return Err(Error::Taken {
                data_dir,
                pid,
                role,
            });
        }
        thread::sleep(POLL);
    }
}

/// Uses the running server, waits for one that is coming up, or becomes its owner for a while.
fn visit(options: Options, layout: Layout) -> Result<Server, Error> {
    let begun = Instant::now();
    loop {
        let now = Duration::ZERO;
        if let Some(program) = lock_within(
            &layout.program_lock(),
            FlockArg::LockExclusiveNonblock,
            now,
            || true,
        )? {
            return own(options, layout, program);
        }
        // The share comes before the look, so that the owner cannot leave in between.
        let users = lock_within(
            &layout.users_lock(),
            FlockArg::LockSharedNonblock,
            now,
            || true,
        )?;
        if let Some(users) = users
            && let Some(socket_dir) = running(&layout)
        {
            let connection = connection(&layout, socket_dir)?;
            return Ok(Server {
                connection,
                users: Some(users),
                ownership: None,
            });
        }
        if begun.elapsed() >= FOR_OWNER {
            return Err(Error::NotReady {
                data_dir: layout.data_dir,
                seconds: FOR_OWNER.as_secs(),
            });
        }
        thread::sleep(POLL);
    }
}

/// The socket directory of a server that is ready, by all signs: its owner says so, the server says so, and somebody
/// listens. Either file may be left over from a crash.
fn running(layout: &Layout) -> Option<PathBuf> {
    let owner_ready =
        Holder::read(&layout.program_lock()).is_some_and(|holder| holder.phase == Phase::Ready);
    let file = PidFile::read(layout).filter(|file| owner_ready && file.ready)?;
    UnixStream::connect(file.socket_dir.join(format!(".s.PGSQL.{PORT}"))).ok()?;
    Some(file.socket_dir)
}

/// Starts the server, as the holder of `program.lock`.
fn own(options: Options, layout: Layout, program: Flock<File>) -> Result<Server, Error> {
    let lock_path = layout.program_lock();
    let announce = |phase| {
        Holder::of_this_process(options.role, phase)
            .write(&program)
            .map_err(failed("write", &lock_path))
    };
    announce(Phase::Starting)?;
    // A program that is just through with leaving may hold it for another moment.
    let users = lock_within(
        &layout.users_lock(),
        FlockArg::LockSharedNonblock,
        FOR_VISITOR,
        || false,
    )?;
    let user = ServerUser::choose(&layout.pgdata())?;
    let binaries = find(&options, &layout, &user)?;
    // Installing may have made the account that is the first choice.
    let user = if layout.cluster_version().is_some() {
        user
    } else {
        ServerUser::choose(&layout.pgdata())?
    };
    layout.make_cluster(&binaries, &user, options.durable)?;
    let socket_dir = layout.make_socket_dir(&user)?;
    let connection = connection(&layout, socket_dir.clone())?;
    let log = layout.open_log(true)?;
    let log_start = fs::metadata(layout.log()).map_or(0, |meta| meta.len());
    let settings = settings(&socket_dir, options.durable, &options.extra_conf);
    let job = Job {
        data_dir: layout.data_dir.clone(),
        postgres: binaries.postgres(),
        user,
        socket_dir,
        settings,
    };
    let keeper =
        Keeper::start(options.guardian.clone(), job.to_args(), log)?.map_err(|reason| {
            Error::NotStarted {
                reason,
                log: layout.log(),
                tail: layout.log_tail(log_start),
            }
        })?;
    announce(Phase::Ready)?;
    let ownership = Ownership {
        keeper,
        program,
        role: options.role,
        layout,
    };
    Ok(Server {
        connection,
        users,
        ownership: Some(ownership),
    })
}

fn find(options: &Options, layout: &Layout, user: &ServerUser) -> Result<Binaries, Error> {
    let pgdata = layout.pgdata();
    let cluster = layout
        .cluster_version()
        .map(|version| (pgdata.as_path(), version));
    let search = Search {
        configured: options.bin_dir.as_deref(),
        cluster,
        user,
        data_dir: &layout.data_dir,
    };
    if let Some(found) = search.run()? {
        return Ok(found);
    }
    if options.install && install::possible() {
        install::run()?;
        if let Some(found) = search.run()? {
            return Ok(found);
        }
    }
    Err(Error::NoBinaries)
}

fn connection(layout: &Layout, socket_dir: PathBuf) -> Result<Connection, Error> {
    Ok(Connection {
        socket_dir,
        port: PORT,
        user: SUPERUSER.to_owned(),
        password: layout.password()?,
    })
}
