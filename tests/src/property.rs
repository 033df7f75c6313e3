//! Property tests of the real programs: one world for all cases, and a tenant for each case.

use std::fmt::Debug;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};

use crate::world::World;

/// Checks `cases` random cases (or `PROPTEST_CASES`, if that is set) and shrinks the first that fails.
///
/// # Panics
/// When a case fails, or the world does not start or stop.
pub fn for_all<S>(strategy: &S, cases: u32, check: &impl AsyncFn(&World, &S::Value))
where
    S: Strategy,
    S::Value: Debug,
{
    for_all_with(&[], strategy, cases, check);
}

/// The same, with more environment for the write tier.
///
/// # Panics
/// When a case fails, or the world does not start or stop.
pub fn for_all_with<S>(
    environment: &[(&str, &str)],
    strategy: &S,
    cases: u32,
    check: &impl AsyncFn(&World, &S::Value),
) where
    S: Strategy,
    S::Value: Debug,
{
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let world = runtime.block_on(World::start_with(environment));
    let asked = std::env::var("PROPTEST_CASES");
    let config = Config {
        cases: asked.ok().and_then(|n| n.parse().ok()).unwrap_or(cases),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(strategy, |case| {
        runtime.block_on(check(&world, &case));
        Ok(())
    });
    checked.expect("every case holds");
    runtime.block_on(world.end());
}
