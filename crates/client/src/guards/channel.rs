//! No lock: one thread owns the table and does what requests ask it for, one after the other.
//!
//! A request sends its wish over a channel and waits for the reply. The work with the entry in
//! hand is the owner's; all else of the time until the reply is there counts as waiting: the way
//! to the owner, its queue, and the way back.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use measurement::clock::now_ns;
use scenario::GuardKind;
use tokio::sync::oneshot;

use super::{Guard, Visit, Visited, empty};
use crate::{Error, Result};

pub(super) struct Owned {
    /// `None` only while it is dropped.
    door: Option<Sender<Wish>>,
    owner: Option<JoinHandle<()>>,
}

struct Wish {
    visit: Visit,
    asked_ns: u64,
    reply: oneshot::Sender<Visited>,
}

impl Guard for Owned {
    const KIND: GuardKind = GuardKind {
        name: "channel",
        summary: "one thread owns the table; requests ask it over a channel and wait for its reply",
    };
    const THREADS: u64 = 1;

    fn of(keys: usize) -> Result<Self> {
        let (door, wishes) = channel();
        let owner = std::thread::Builder::new()
            .name("owner".to_owned())
            .spawn(move || serve(keys, &wishes))
            .map_err(|error| Error::Setup(format!("cannot start the table's owner: {error}")))?;
        Ok(Self { door: Some(door), owner: Some(owner) })
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        let answered = self.ask(visit, asked_ns).and_then(|reply| reply.blocking_recv().ok());
        settled(answered, asked_ns)
    }

    async fn visit_async(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        let answered = match self.ask(visit, asked_ns) {
            Some(reply) => reply.await.ok(),
            None => None,
        };
        settled(answered, asked_ns)
    }
}

impl Owned {
    fn ask(&self, visit: &Visit, asked_ns: u64) -> Option<oneshot::Receiver<Visited>> {
        let (reply, answered) = oneshot::channel();
        let wish = Wish { visit: *visit, asked_ns, reply };
        self.door.as_ref()?.send(wish).ok().map(|()| answered)
    }
}

/// All time that was not the owner's work counts as waiting.
fn settled(answered: Option<Visited>, asked_ns: u64) -> Visited {
    debug_assert!(answered.is_some(), "the owner serves until the last door is closed");
    let visited = answered.unwrap_or_default();
    Visited { wait_ns: (now_ns() - asked_ns).saturating_sub(visited.hold_ns), ..visited }
}

fn serve(keys: usize, wishes: &Receiver<Wish>) {
    let mut table = empty(keys);
    while let Ok(Wish { visit, asked_ns, reply }) = wishes.recv() {
        // Nobody waits any more for what was asked by a trial that is over.
        if !reply.is_closed() {
            let _ = reply.send(visit.take(&mut table[visit.key], asked_ns));
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        drop(self.door.take());
        if let Some(owner) = self.owner.take() {
            // A panic has been printed by its own thread.
            let _ = owner.join();
        }
    }
}
