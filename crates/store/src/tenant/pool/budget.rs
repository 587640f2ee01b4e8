//! Who gets the next connection of a server: one budget over the pools of all its tenants.
//!
//! A server has tens of connections for thousands of tenants. A tenant's idle connection is used
//! again; else a new one is made, while the budget lasts; else the least recently used idle one of
//! another tenant is closed for it; else the tenant waits, and those who wait are served in turn,
//! each tenant once before any is served twice. No state here knows time or sockets, so that its
//! rules can be tested by themselves.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

/// How many times in a row a connection serves its own place while tenants of other places wait.
/// Making a new one costs as much as tens of short statements.
const QUANTUM: u32 = 16;

/// What somebody who asks, or who waited, gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Grant<C> {
    /// An open connection to the place.
    Ready(C),
    /// The right to open one.
    Open,
}

/// The answer to who asks.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<C> {
    /// Go on; a connection that has to be closed for it, if any.
    Granted(Grant<C>, Option<C>),
    /// None is free.
    Wait,
}

/// Somebody who waits: a number that the caller chose.
pub type Ticket = u64;

/// The connections of one server. `P` names a place, `C` is a connection.
#[derive(Debug)]
pub struct Budget<P, C> {
    limit: usize,
    /// Open, being made, or handed out: never more than `limit`.
    open: usize,
    /// The least recently used first.
    idle: VecDeque<(P, C)>,
    /// By tenant, each in the order of coming.
    waiting: HashMap<i64, VecDeque<(Ticket, P)>>,
    /// The tenants that wait, in the order of their turn.
    turns: VecDeque<i64>,
    /// Who gave up.
    gone: HashSet<Ticket>,
    /// How often in a row each busy place was preferred to those that wait.
    streak: HashMap<P, u32>,
}

impl<P: Clone + Eq + Hash, C> Budget<P, C> {
    /// At most `limit` connections.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            open: 0,
            idle: VecDeque::new(),
            waiting: HashMap::new(),
            turns: VecDeque::new(),
            gone: HashSet::new(),
            streak: HashMap::new(),
        }
    }

    /// Connections that count, and how many of them are idle.
    pub fn counts(&self) -> (usize, usize) {
        (self.open, self.idle.len())
    }

    /// How many wait.
    pub fn waiters(&self) -> usize {
        let all: usize = self.waiting.values().map(VecDeque::len).sum();
        all - self.gone.len()
    }

    /// Asks for a connection to a place.
    pub fn ask(&mut self, place: &P) -> Asked<C> {
        // The one used last: its server process is warm.
        if let Some(index) = self.idle.iter().rposition(|(of, _)| of == place)
            && let Some((_, connection)) = self.idle.remove(index)
        {
            return Asked::Granted(Grant::Ready(connection), None);
        }
        if self.open < self.limit {
            self.open += 1;
            return Asked::Granted(Grant::Open, None);
        }
        match self.idle.pop_front() {
            Some((_, other)) => Asked::Granted(Grant::Open, Some(other)),
            None => Asked::Wait,
        }
    }

    /// Waits for a connection to a place, on behalf of a tenant.
    pub fn wait(&mut self, tenant: i64, place: P, ticket: Ticket) {
        let queue = self.waiting.entry(tenant).or_default();
        if queue.is_empty() {
            self.turns.push_back(tenant);
        }
        queue.push_back((ticket, place));
    }

    /// Somebody who waited gave up.
    pub fn forget(&mut self, ticket: Ticket) {
        let waits = |queue: &VecDeque<(Ticket, P)>| queue.iter().any(|(t, _)| *t == ticket);
        if self.waiting.values().any(waits) {
            self.gone.insert(ticket);
            self.sweep();
        }
    }

    /// A connection comes back. Who gets it or its place in the budget, and what has to be closed.
    pub fn give_back(
        &mut self,
        place: P,
        connection: C,
    ) -> (Option<(Ticket, Grant<C>)>, Option<C>) {
        let Some(next) = self.turns.front().copied() else {
            self.streak.clear();
            self.idle.push_back((place, connection));
            return (None, None);
        };
        let served = self.streak.get(&place).copied().unwrap_or(0);
        let heads = |tenant: &&i64| {
            let first = self.waiting.get(tenant).and_then(VecDeque::front);
            first.is_some_and(|(_, wanted)| *wanted == place)
        };
        let own = if heads(&&next) {
            Some(next)
        } else if served < QUANTUM {
            self.turns.iter().find(heads).copied()
        } else {
            None
        };
        if let Some(tenant) = own {
            // In its turn it costs nobody anything.
            let served = if tenant == next { 0 } else { served + 1 };
            self.streak.insert(place, served);
            let ticket = self.serve(tenant);
            return (
                ticket.map(|ticket| (ticket, Grant::Ready(connection))),
                None,
            );
        }
        self.streak.remove(&place);
        let ticket = self.serve(next);
        (ticket.map(|ticket| (ticket, Grant::Open)), Some(connection))
    }

    /// A connection is no more, or was never made. Who may open one in its stead.
    pub fn lost(&mut self) -> Option<Ticket> {
        match self.turns.front().copied() {
            Some(next) => self.serve(next),
            None => {
                self.open = self.open.saturating_sub(1);
                None
            }
        }
    }

    /// Takes out the idle connections that `old` says are; they don't count any more.
    pub fn reap(&mut self, mut old: impl FnMut(&P, &C) -> bool) -> Vec<C> {
        let mut reaped = Vec::new();
        let mut kept = VecDeque::with_capacity(self.idle.len());
        for (place, connection) in self.idle.drain(..) {
            if old(&place, &connection) {
                reaped.push(connection);
            } else {
                kept.push_back((place, connection));
            }
        }
        self.idle = kept;
        self.open -= reaped.len();
        reaped
    }

    /// The first in a tenant's queue; the tenant goes to the end of the turns.
    fn serve(&mut self, tenant: i64) -> Option<Ticket> {
        let queue = self.waiting.get_mut(&tenant)?;
        let ticket = queue.pop_front().map(|(ticket, _)| ticket);
        let more = !queue.is_empty();
        self.turns.retain(|other| *other != tenant);
        if more {
            self.turns.push_back(tenant);
        } else {
            self.waiting.remove(&tenant);
        }
        self.sweep();
        ticket
    }

    /// Those who gave up leave the heads of their queues, where only they are looked at.
    fn sweep(&mut self) {
        if self.gone.is_empty() {
            return;
        }
        let gone = &mut self.gone;
        self.waiting.retain(|_, queue| {
            while queue.front().is_some_and(|(ticket, _)| gone.remove(ticket)) {
                queue.pop_front();
            }
            !queue.is_empty()
        });
        let waiting = &self.waiting;
        self.turns.retain(|tenant| waiting.contains_key(tenant));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type B = Budget<&'static str, u32>;

    fn open(budget: &mut B, place: &'static str) -> bool {
        budget.ask(&place) == Asked::Granted(Grant::Open, None)
    }

    #[test]
    fn an_idle_connection_is_used_again() {
        let mut b = B::new(2);
        assert!(open(&mut b, "a"));
        assert_eq!(b.give_back("a", 1), (None, None));
        assert_eq!(b.ask(&"a"), Asked::Granted(Grant::Ready(1), None));
    }

    #[test]
    fn the_least_recently_used_makes_room() {
        let mut b = B::new(2);
        assert!(open(&mut b, "a") && open(&mut b, "b"));
        b.give_back("b", 2);
        b.give_back("a", 1);
        assert_eq!(b.ask(&"c"), Asked::Granted(Grant::Open, Some(2)));
        assert_eq!(b.counts(), (2, 1));
    }

    #[test]
    fn tenants_are_served_in_turn() {
        let mut b = Budget::<&str, u32>::new(1);
        assert!(open(&mut b, "s"));
        // One tenant asks for three before two others ask for one each.
        for (ticket, tenant) in [(1, 7), (2, 7), (3, 7), (4, 8), (5, 9)] {
            assert_eq!(b.ask(&"s"), Asked::Wait);
            b.wait(tenant, "s", ticket);
        }
        let mut order = Vec::new();
        while let (Some((ticket, Grant::Ready(_))), None) = b.give_back("s", 1) {
            order.push(ticket);
        }
        assert_eq!(order, [1, 4, 5, 2, 3]);
    }

    #[test]
    fn a_busy_place_gives_way_after_its_quantum() {
        let mut b = B::new(1);
        assert!(open(&mut b, "a"));
        b.wait(2, "b", 1000);
        for ticket in 0..100 {
            b.wait(1, "a", ticket);
        }
        let mut served = 0;
        loop {
            match b.give_back("a", 1) {
                (Some((ticket, Grant::Ready(_))), None) => {
                    assert_ne!(ticket, 1000);
                    served += 1;
                }
                (Some((ticket, Grant::Open)), Some(1)) => {
                    assert_eq!(ticket, 1000);
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(served, QUANTUM);
    }

    #[test]
    fn who_gave_up_is_passed_over() {
        let mut b = B::new(1);
        assert!(open(&mut b, "a"));
        b.wait(1, "a", 1);
        b.wait(2, "a", 2);
        b.forget(1);
        assert_eq!(b.waiters(), 1);
        assert_eq!(b.give_back("a", 9), (Some((2, Grant::Ready(9))), None));
        b.forget(2);
        assert_eq!(b.lost(), None);
        assert_eq!(b.counts(), (0, 0));
    }

    proptest! {
        /// Whatever happens, in whatever order: never more connections than the budget, nobody who
        /// waits while one is idle, nobody served twice, and no waiter that more than
        /// `QUANTUM` x tenants grants pass by.
        #[test]
        fn the_budget_holds(limit in 1usize..5, steps in proptest::collection::vec((0u8..5, 0usize..4), 1..400)) {
            const PLACES: [&str; 4] = ["a", "b", "c", "shared"];
            let mut b = Budget::<&str, u32>::new(limit);
            let mut busy: Vec<(&str, u32)> = Vec::new();
            let mut pending: Vec<(Ticket, usize, u32)> = Vec::new();
            let (mut made, mut ticket) = (0u32, 0u64);
            for (step, which) in steps {
                let place = PLACES[which];
                let granted = match step {
                    0 | 1 => {
                        ticket += 1;
                        match b.ask(&place) {
                            Asked::Granted(Grant::Ready(c), None) => { busy.push((place, c)); }
                            Asked::Granted(Grant::Ready(_), Some(_)) => panic!("closed one for an open one"),
                            Asked::Granted(Grant::Open, _) => { made += 1; busy.push((place, made)); }
                            Asked::Wait => { b.wait(which as i64, place, ticket); pending.push((ticket, which, 0)); }
                        }
                        None
                    }
                    2 if !busy.is_empty() => {
                        let (place, c) = busy.remove(which % busy.len());
                        let (next, _closed) = b.give_back(place, c);
                        next.map(|(t, grant)| (t, match grant { Grant::Ready(c) => Some((place, c)), Grant::Open => None }))
                    }
                    3 if !busy.is_empty() => {
                        busy.remove(which % busy.len());
                        b.lost().map(|t| (t, None))
                    }
                    4 if !pending.is_empty() => {
                        let (t, _, _) = pending.remove(which % pending.len());
                        b.forget(t);
                        None
                    }
                    _ => None,
                };
                if let Some((t, connection)) = granted {
                    let index = pending.iter().position(|(p, _, _)| *p == t).expect("served somebody who does not wait");
                    let (_, which, _) = pending.remove(index);
                    let connection = connection.unwrap_or_else(|| { made += 1; (PLACES[which], made) });
                    prop_assert_eq!(connection.0, PLACES[which], "a connection to another place");
                    busy.push(connection);
                    for (_, _, passed) in &mut pending {
                        *passed += 1;
                        prop_assert!(*passed <= (QUANTUM + 1) * 4 * 50, "starved");
                    }
                }
                let (open, idle) = b.counts();
                prop_assert!(open <= limit);
                prop_assert_eq!(open, busy.len() + idle);
                prop_assert_eq!(b.waiters(), pending.len());
                prop_assert!(pending.is_empty() || idle == 0, "somebody waits beside an idle connection");
            }
        }
    }
}
