//! The floor of single facts: a route that reads the body, responds like `POST /track`, and stores nothing, in
//! its own process like the service.

use std::{
    io::{Write, stdout},
    process::Stdio,
};

use anyhow::Context;
use poem::{
    Body, IntoResponse, Route, Server, handler,
    http::StatusCode,
    listener::{Acceptor, Listener, TcpListener},
    post,
    web::Json,
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The process, which is killed when this value is dropped.
pub struct EmptyRoute {
    child: Child,
}

impl EmptyRoute {
    /// Starts the process; returns it with its URL.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start() -> anyhow::Result<(Self, String)> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("empty-route")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the empty route")?;
        let printed = child.stdout.take().context("its output")?;
        let url = BufReader::new(printed).lines().next_line().await?;
        let url = url.context("the empty route ended at once")?;
        Ok((Self { child }, url))
    }

    /// Its process id.
    ///
    /// # Errors
    /// When it has exited.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("the empty route has ended")
    }
}

/// Serves the route until killed.
///
/// # Errors
/// When it cannot listen.
pub async fn serve() -> anyhow::Result<()> {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    let address = acceptor.local_addr().pop().context("its address")?;
    let address = address.as_socket_addr().context("an address of TCP")?;
    let mut printed = stdout();
    writeln!(printed, "http://{address}")?;
    printed.flush()?;
    let route = Route::new().at("/api/v1/analytics/track", post(take));
    Ok(Server::new_with_acceptor(acceptor).run(route).await?)
}

#[handler]
async fn take(body: Body) -> poem::Result<impl IntoResponse> {
    body.into_bytes().await?;
    let receipt = json!({"id": "019aa000-0000-7000-8000-000000000000", "status": "stored"});
    Ok(Json(receipt).with_status(StatusCode::ACCEPTED))
}
