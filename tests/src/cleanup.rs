//! Asynchronous cleanup in `Drop`, also after a panic.

/// Runs `cleanup` on a thread with its own runtime and waits for its end. Errors are printed, because a panic
/// during a panic would abort the test program.
pub fn run<F: Future<Output = anyhow::Result<()>>>(
    name: &str,
    cleanup: impl FnOnce() -> F + Send + 'static,
) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(cleanup())
    });
    match thread.join() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => eprintln!("cannot clean up {name}: {error:#}"),
        Err(_) => eprintln!("cannot clean up {name}"),
    }
}
