//! Lines that are written together. Requests wait neither for the disk nor for each other's lines: they
//! leave them here, and a thread of its own writes, every [`PAUSE`], as many as there are. To wake it
//! for each line would take as long as a quarter of an answer. No line is dropped: who reads them too
//! slowly slows the program down.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How much later a line may be written than it was logged.
const PAUSE: Duration = Duration::from_millis(2);

/// How many bytes wait at the most.
const LIMIT: usize = 1 << 20;

/// Where lines are left.
#[derive(Default)]
pub(super) struct Lines {
    state: Mutex<State>,
    /// Told when there is something to write, or nothing more will come.
    more: Condvar,
    /// Told when there is room again.
    room: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    ended: bool,
}

/// Writes what is left when it is dropped.
pub struct Guard {
    lines: Arc<Lines>,
    writer: Option<JoinHandle<()>>,
}

impl Lines {
    /// Starts the thread that writes to `sink`.
    pub(super) fn start(sink: impl Write + Send + 'static) -> (Arc<Self>, Guard) {
        let lines = Arc::new(Self::default());
        let taken = Arc::clone(&lines);
        let guard = Guard {
            lines: Arc::clone(&lines),
            writer: Some(thread::spawn(move || taken.write_to(sink))),
        };
        (lines, guard)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut sink: impl Write) {
        let mut batch = Vec::new();
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() {
                if state.ended {
                    return;
                }
                state = wait(&self.more, state);
            }
            std::mem::swap(&mut batch, &mut state.waiting);
            drop(state);
            self.room.notify_all();
            // Whom should it be told that nobody reads the log?
            let _ = sink.write_all(&batch);
            batch.clear();
            thread::sleep(PAUSE);
        }
    }
}

fn wait<'a>(condition: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    condition
        .wait(state)
        .unwrap_or_else(PoisonError::into_inner)
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.lock();
        while state.waiting.len() > LIMIT && !state.ended {
            state = wait(&self.room, state);
        }
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if first {
            self.more.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.lines.lock().ended = true;
        self.lines.more.notify_one();
        self.lines.room.notify_all();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_lost_or_torn() {
        let sink = Sink::default();
        let (lines, guard) = Lines::start(sink.clone());
        // More than may wait at once.
        let line = "x".repeat(1000) + "\n";
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..1000).for_each(|_| (&*lines).write_all(line.as_bytes()).unwrap())
                });
            }
        });
        drop(guard);
        let written = sink.0.lock().unwrap();
        assert_eq!(written.len(), 4000 * line.len());
        assert!(
            written
                .chunks(line.len())
                .all(|each| each == line.as_bytes())
        );
    }
}
