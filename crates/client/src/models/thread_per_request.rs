//! A request is a new OS thread; its two fetches are two more, joined.

use std::sync::{Arc, Mutex, PoisonError};

use measurement::clock::now_ns;
use measurement::record::LegOutcome;
use scenario::{ModelKind, OptionKind, OptionSpec, Options};

use super::{Model, STACK};
use crate::Result;
use crate::admission::Threads;
use crate::http::Fetched;
use crate::lean_thread::Spawner;
use crate::thread_time::ThreadTimes;
use crate::transport::Poll2;
use crate::trial::{Job, Ticket};
use crate::workload::Workload;

pub(crate) struct ThreadPerRequest;

/// The request's own thread and one per fetch.
const THREADS_PER_REQUEST: u64 = 3;

impl Model for ThreadPerRequest {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "thread-per-request",
            summary: "a request is a new OS thread, its fetches two more; they wait in poll(2), it in join",
            options: &[
                OptionSpec {
                    key: "threads",
                    kind: OptionKind::Word(&["std", "lean"]),
                    doc: "std: as std::thread ships it (default); lean: no signal stack, and a stack of 64 KiB if none is stated",
                },
                STACK,
            ],
        }
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let stack_bytes = options.bytes(STACK.key);
        let spawner = match options.word("threads") {
            Some("lean") => Spawner::Lean { stack_bytes },
            _ => Spawner::Std { stack_bytes },
        };
        let threads = job.threads();
        let (mut arrivals, workload) = job.blocking()?;
        while let Some(ticket) = arrivals.next_blocking() {
            if !threads.admit(THREADS_PER_REQUEST) {
                break;
            }
            let request = Request {
                spawner,
                ticket,
                workload: Arc::clone(&workload),
                threads: Arc::clone(&threads),
            };
            if let Err(error) = spawner.spawn(move || request.run()) {
                threads.refused(&error);
                break;
            }
        }
        Ok(())
    }
}

/// What the request's thread needs.
struct Request {
    spawner: Spawner,
    ticket: Ticket,
    workload: Arc<Workload<Poll2>>,
    threads: Arc<Threads>,
}

impl Request {
    fn run(self) {
        self.workload.begin(&self.ticket);
        let began_ns = now_ns();
        let first = self.fetch(0);
        let second = self.fetch(1);
        let fetched = [first.join(), second.join()];
        self.workload.finish(&self.ticket, fetched);
        if ThreadTimes::samples(self.ticket.id) {
            self.threads.times().add_this_thread(began_ns);
            self.threads.times().add_request();
        }
        self.threads.ended(THREADS_PER_REQUEST);
    }

    fn fetch(&self, leg: usize) -> Leg {
        let answer = Arc::new(Mutex::new(None));
        let (slot, workload, ticket) =
            (Arc::clone(&answer), Arc::clone(&self.workload), self.ticket);
        let threads = ThreadTimes::samples(ticket.id).then(|| Arc::clone(&self.threads));
        let started = self.spawner.spawn(move || {
            let began_ns = if threads.is_some() { now_ns() } else { 0 };
            let fetched = workload.fetch(&ticket, leg);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
            if let Some(threads) = threads {
                threads.times().add_this_thread(began_ns);
            }
        });
        if let Err(error) = &started {
            self.threads.refused(error);
        }
        Leg { started: started.ok(), answer }
    }
}

/// A fetch on its thread.
struct Leg {
    started: Option<crate::lean_thread::Started>,
    answer: Arc<Mutex<Option<Fetched>>>,
}

impl Leg {
    fn join(self) -> Fetched {
        if let Some(started) = self.started {
            started.join();
        }
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.unwrap_or_else(|| Fetched::failed(LegOutcome::Connect))
    }
}
