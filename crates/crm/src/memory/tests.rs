use super::*;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use tokio::time::{sleep, timeout};

/// A world in which something is written now and then: its numbers are how much was written.
#[derive(Default)]
struct World {
    written: AtomicI64,
    looks: AtomicU32,
    counts: AtomicU32,
    takes: Duration,
}

impl World {
    fn slow() -> Self {
        Self {
            takes: Duration::from_millis(20),
            ..Self::default()
        }
    }

    fn write(&self) -> i64 {
        self.written.fetch_add(1, SeqCst) + 1
    }
}

impl Source<i64> for World {
    async fn changed(&self, since: &Since) -> Result<bool> {
        self.looks.fetch_add(1, SeqCst);
        let seen: Since = format!("{}:0:", self.written.load(SeqCst)).parse()?;
        Ok(seen != *since)
    }

    async fn count(&self) -> Result<(i64, Since)> {
        self.counts.fetch_add(1, SeqCst);
        let seen = self.written.load(SeqCst);
        // Numbers are what was there when the count began, however long it takes.
        sleep(self.takes).await;
        Ok((seen, format!("{seen}:0:").parse()?))
    }
}

#[tokio::test]
async fn what_has_not_changed_is_counted_once_and_what_has_at_once_anew() {
    let (memory, world) = (Memory::default(), World::default());
    for _ in 0..10 {
        assert_eq!(memory.get((), &world).await.unwrap(), 0);
    }
    assert_eq!(
        (world.counts.load(SeqCst), world.looks.load(SeqCst)),
        (1, 9)
    );
    for _ in 0..10 {
        let written = world.write();
        assert_eq!(memory.get((), &world).await.unwrap(), written);
    }
    assert_eq!(world.counts.load(SeqCst), 11);
}

#[tokio::test]
async fn numbers_move_with_the_clock_although_nothing_changes() {
    let memory = Memory {
        good: Duration::from_millis(30),
        ..Memory::default()
    };
    let world = World::default();
    memory.get((), &world).await.unwrap();
    sleep(Duration::from_millis(40)).await;
    memory.get((), &world).await.unwrap();
    assert_eq!(
        (world.counts.load(SeqCst), world.looks.load(SeqCst)),
        (2, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_who_ask_at_once_share_one_count() {
    let (memory, world) = (Arc::new(Memory::default()), Arc::new(World::slow()));
    let asking = (0..50).map(|_| {
        let (memory, world) = (memory.clone(), world.clone());
        tokio::spawn(async move { memory.get((), &*world).await.unwrap() })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), 0);
    }
    assert_eq!(world.counts.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_told_less_than_what_they_wrote_and_nobody_counts_for_each() {
    let (memory, world) = (Arc::new(Memory::default()), Arc::new(World::slow()));
    let writers = (0..8).map(|_| {
        let (memory, world) = (memory.clone(), world.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                let written = world.write();
                let told = memory.get((), &*world).await.unwrap();
                assert!(told >= written, "{told} after {written} were written");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert!(world.counts.load(SeqCst) < 100, "160 asked");
}

#[tokio::test]
async fn each_question_has_its_own_numbers() {
    let memory = Memory::default();
    let worlds: Vec<World> = (0..3).map(|_| World::default()).collect();
    for (n, world) in worlds.iter().enumerate() {
        (0..n).for_each(|_| _ = world.write());
    }
    // The same company in two places, and another one in the second.
    let keys = [(1, "a"), (1, "b"), (2, "b")];
    for _ in 0..3 {
        for (expected, (key, world)) in (0i64..).zip(keys.iter().zip(&worlds)) {
            assert_eq!(memory.get(*key, world).await.unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn who_goes_away_while_they_count_leaves_the_turn_to_the_next() {
    let (memory, world) = (Memory::default(), World::slow());
    let gone = timeout(Duration::from_millis(1), memory.get((), &world)).await;
    assert!(gone.is_err());
    assert_eq!(memory.get((), &world).await.unwrap(), 0);
}

#[tokio::test]
async fn only_so_much_is_remembered_and_the_rest_is_counted() {
    let mut memory = Memory::default();
    let world = World::default();
    for key in 0..MOST + 10 {
        assert_eq!(memory.get(key, &world).await.unwrap(), 0);
    }
    assert_eq!(lock(&memory.slots).len(), MOST);
    // Later there is room again.
    memory.good = Duration::ZERO;
    memory.get(MOST + 10, &world).await.unwrap();
    assert_eq!(lock(&memory.slots).len(), 1);
}
