//! What is handed out, and how it comes back: by being dropped, whatever happens.

use super::Server;
use super::connect::Opened;
use crate::tenant::route::Target;
use sindico_db::{ClientWrapper, Held};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A place in a server's budget, without a connection.
pub(super) struct Slot(Option<Arc<Server>>);

impl Slot {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self(Some(server))
    }

    /// The place with its connection.
    pub(super) fn filled(self, opened: Opened) -> Pooled {
        Pooled {
            slot: self,
            opened: Some(opened),
            hung: AtomicBool::new(false),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(server) = self.0.take() {
            server.lost();
        }
    }
}

/// A connection, until it is dropped.
pub(super) struct Pooled {
    slot: Slot,
    opened: Option<Opened>,
    hung: AtomicBool,
}

impl Pooled {
    /// Whether it can be used for this place. A connection knows by itself where it leads: whatever
    /// went wrong on its way here, nobody gets another tenant's.
    pub(super) fn leads_to(&self, target: &Target) -> bool {
        let opened = self.opened.as_ref();
        opened.is_some_and(|opened| *opened.target == *target && !opened.client.is_closed())
    }

    /// Lets go of the connection, and keeps the place for another one.
    pub(super) fn into_slot(mut self) -> Slot {
        self.opened = None;
        Slot(self.slot.0.take())
    }
}

impl Held for Pooled {
    #[expect(
        clippy::expect_used,
        reason = "taken only by drop and into_slot, which end this value"
    )]
    fn client(&self) -> &ClientWrapper {
        &self
            .opened
            .as_ref()
            .expect("a pooled connection is open")
            .client
    }

    fn hung(&self) {
        self.hung.store(true, Ordering::Relaxed);
        if let Some(server) = &self.slot.0 {
            server.is_down("it does not answer in time");
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        // A dead one leaves only its place in the budget, by the slot's own drop.
        if !self.hung.load(Ordering::Relaxed)
            && !opened.client.is_closed()
            && let Some(server) = self.slot.0.take()
        {
            server.give_back(opened);
        }
    }
}
