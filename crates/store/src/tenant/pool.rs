//! Connections to tenants' places, under one budget per server.
//!
//! A server that can't be reached fails at once for a second, then one request tries again: only its
//! own tenants suffer, and quickly. Whoever waits for a connection waits for [`PATIENCE`] at most.

mod budget;
mod connect;
mod held;

pub use connect::{Passwords, Places};

use crate::{Error, Result};
use budget::{Asked, Budget, Grant, Ticket};
use connect::{OpenError, Opened};
use futures_util::future::BoxFuture;
use held::{Pooled, Slot};
use sindico_db::{Connections, Held, TenantConnection};
use sindico_domain::Refusal;
use sindico_domain::access::sight::Sight;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::route::{Route, Target};

/// How long a request waits for a connection.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// What a request is told whose tenant's place can't be reached; why, is for the log.
const UNREACHABLE: &str =
    "The place of this tenant's data can't be reached for now. Try again in a moment.";

/// How long a connection stays open without work.
const IDLE: Duration = Duration::from_secs(60);

/// How long a server that can't be reached is left alone.
const DOWN: Duration = Duration::from_secs(1);

/// How many connections to one server are made at once.
const CONNECTING: usize = 8;

/// The pools of this program.
#[derive(Clone)]
pub struct Pools(Arc<Inner>);

struct Inner {
    places: Places,
    /// Connections per server.
    budget: usize,
    servers: Mutex<HashMap<(String, u16), Arc<Server>>>,
}

/// How busy a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// `host:port`.
    pub server: String,
    /// Connections that are open, or being made.
    pub open: usize,
    /// Those without work.
    pub idle: usize,
    /// Requests that wait.
    pub waiting: usize,
}

/// One server: its budget, and whether it can be reached.
struct Server {
    state: Mutex<State>,
    connecting: Semaphore,
    tickets: AtomicU64,
}

struct State {
    budget: Budget<Arc<Target>, Opened>,
    /// Who waits, by ticket.
    waiters: HashMap<Ticket, oneshot::Sender<Turn>>,
    down: Option<Down>,
}

struct Down {
    until: Instant,
    why: String,
}

/// What a request goes on with.
enum Turn {
    Ready(Box<Pooled>),
    Open(Slot),
}

impl Pools {
    /// Pools that hold at most `budget` connections to each server.
    pub fn new(places: Places, budget: usize) -> Self {
        let inner = Arc::new(Inner {
            places,
            budget,
            servers: Mutex::default(),
        });
        tokio::spawn(reap(Arc::downgrade(&inner)));
        Self(inner)
    }

    /// The way to a tenant's data, read with these eyes. Costs nothing until it is used.
    pub fn tenant(&self, route: Route, sight: Sight) -> TenantConnection {
        let (company_id, scope) = (route.company_id, route.scope());
        let pools = self.clone();
        TenantConnection::new(company_id, scope, sight, Arc::new(Way { pools, route }))
    }

    /// Opens a connection to the place and closes it again: whether it can be reached, and is the
    /// right one.
    ///
    /// # Errors
    /// As a request would get it.
    pub async fn check(&self, route: &Route) -> Result<()> {
        let held = self.acquire(route).await?;
        drop(held);
        Ok(())
    }

    /// How busy each server is.
    pub fn usage(&self) -> Vec<Usage> {
        let servers = lock(&self.0.servers);
        let mut usage: Vec<Usage> = servers
            .iter()
            .map(|((host, port), server)| {
                let state = server.lock();
                let (open, idle) = state.budget.counts();
                Usage {
                    server: format!("{host}:{port}"),
                    open,
                    idle,
                    waiting: state.budget.waiters(),
                }
            })
            .collect();
        usage.sort_by(|a, b| a.server.cmp(&b.server));
        usage
    }

    fn server(&self, target: &Target) -> Arc<Server> {
        let mut servers = lock(&self.0.servers);
        let key = (target.host.clone(), target.port);
        let new = || Arc::new(Server::new(self.0.budget));
        Arc::clone(servers.entry(key).or_insert_with(new))
    }

    async fn acquire(&self, route: &Route) -> Result<Box<dyn Held>> {
        let server = self.server(&route.target);
        let deadline = Instant::now() + PATIENCE;
        let turn = timeout_at(deadline, server.turn(route)).await;
        let slot = match turn.map_err(|_| busy())?? {
            Turn::Ready(pooled) if pooled.leads_to(&route.target) => return Ok(pooled),
            // The server closed it while nobody looked.
            Turn::Ready(pooled) => pooled.into_slot(),
            Turn::Open(slot) => slot,
        };
        let opened = self.open(&server, &route.target, deadline).await?;
        Ok(Box::new(slot.filled(opened)))
    }

    async fn open(
        &self,
        server: &Server,
        target: &Arc<Target>,
        deadline: Instant,
    ) -> Result<Opened> {
        let open = async {
            let _permit = server.connecting.acquire().await;
            self.0.places.open(target).await
        };
        let opened = timeout_at(deadline, open).await.unwrap_or_else(|_| {
            let why = format!("{}:{} does not answer in time", target.host, target.port);
            Err(OpenError::Server(why))
        });
        match &opened {
            Err(OpenError::Server(why)) => server.is_down(why),
            // It answered, whatever it said.
            Ok(_) | Err(OpenError::Place(_)) => server.lock().down = None,
        }
        Ok(opened?)
    }
}

struct Way {
    pools: Pools,
    route: Route,
}

impl Connections for Way {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Held>>> {
        Box::pin(async move {
            let acquired = self.pools.acquire(&self.route).await;
            acquired.map_err(|error| match error {
                Error::Unavailable(why) => {
                    tracing::warn!(
                        company = self.route.company_id,
                        why,
                        "a tenant's place can't be reached"
                    );
                    Refusal::Unavailable(UNREACHABLE.to_owned()).into()
                }
                other => other,
            })
        })
    }
}

impl Server {
    fn new(budget: usize) -> Self {
        Self {
            state: Mutex::new(State {
                budget: Budget::new(budget),
                waiters: HashMap::new(),
                down: None,
            }),
            connecting: Semaphore::new(CONNECTING),
            tickets: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A connection, or the right to open one; waits for it if need be.
    async fn turn(self: &Arc<Self>, route: &Route) -> Result<Turn> {
        let (ticket, turn) = {
            let mut state = self.lock();
            state.refuse_when_down()?;
            match state.budget.ask(&route.target) {
                Asked::Granted(grant, close) => {
                    drop(state);
                    drop(close);
                    return Ok(self.turn_of(grant));
                }
                Asked::Wait => {
                    let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
                    let target = Arc::clone(&route.target);
                    state.budget.wait(route.company_id, target, ticket);
                    let (sender, receiver) = oneshot::channel();
                    state.waiters.insert(ticket, sender);
                    (ticket, receiver)
                }
            }
        };
        let waiting = Waiting {
            server: self,
            ticket,
        };
        let turn = turn.await.map_err(|_| busy());
        std::mem::forget(waiting);
        turn
    }

    fn turn_of(self: &Arc<Self>, grant: Grant<Opened>) -> Turn {
        let slot = Slot::new(Arc::clone(self));
        match grant {
            Grant::Ready(opened) => Turn::Ready(Box::new(slot.filled(opened))),
            Grant::Open => Turn::Open(slot),
        }
    }

    /// A connection comes back; whoever is next goes on.
    fn give_back(self: &Arc<Self>, opened: Opened) {
        let mut state = self.lock();
        state.down = None;
        let target = Arc::clone(&opened.target);
        let (next, close) = state.budget.give_back(target, opened.used_now());
        let next = next.map(|(ticket, grant)| (state.waiters.remove(&ticket), grant));
        drop(state);
        drop(close);
        if let Some((waiter, grant)) = next {
            let turn = self.turn_of(grant);
            // When the waiter is gone, what it was sent comes back by being dropped.
            if let Some(waiter) = waiter {
                let _ = waiter.send(turn);
            }
        }
    }

    /// A connection is no more; whoever is next opens another.
    fn lost(self: &Arc<Self>) {
        let mut state = self.lock();
        let ticket = state.budget.lost();
        let waiter = ticket.and_then(|ticket| state.waiters.remove(&ticket));
        drop(state);
        if ticket.is_some() {
            let slot = self.turn_of(Grant::Open);
            if let Some(waiter) = waiter {
                let _ = waiter.send(slot);
            }
        }
    }

    /// The server can't be reached, or hangs: idle connections to it are of no use, and nobody tries
    /// for a moment.
    fn is_down(&self, why: &str) {
        let mut state = self.lock();
        state.down = Some(Down {
            until: Instant::now() + DOWN,
            why: why.to_owned(),
        });
        let idle = state.budget.reap(|_, _| true);
        drop(state);
        drop(idle);
    }
}

impl State {
    fn refuse_when_down(&mut self) -> Result<()> {
        match &mut self.down {
            Some(down) if Instant::now() < down.until => Err(Error::Unavailable(down.why.clone())),
            Some(down) => {
                // This one tries; the others are refused until it knows.
                down.until = Instant::now() + PATIENCE;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Leaves the queue when the request goes away, or its patience ends.
struct Waiting<'a> {
    server: &'a Arc<Server>,
    ticket: Ticket,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.server.lock();
        state.waiters.remove(&self.ticket);
        state.budget.forget(self.ticket);
    }
}

/// Closes what nobody needs, for as long as there are pools.
async fn reap(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let servers: Vec<Arc<Server>> = lock(&inner.servers).values().cloned().collect();
        for server in servers {
            let old = server
                .lock()
                .budget
                .reap(|_, opened| opened.idle_for() > IDLE || opened.client.is_closed());
            drop(old);
        }
    }
}

fn busy() -> Error {
    Error::Unavailable("all connections to the tenant's server are in use".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
