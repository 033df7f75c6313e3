//! One connection, from its first byte to its end.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use poem::{
    Endpoint, Request,
    endpoint::BoxEndpoint,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{net::TcpStream, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    accept::Room,
    activity::{Activity, FIRST_HEADER, NEXT_HEADER},
    answer::Answer,
    socket::Socket,
};

/// The largest header, and bytes that are read ahead of a handler, at most. hyper's own 400 KiB
/// would be gigabytes over all connections.
const HTTP1_BUFFER: usize = 32 * 1024;
/// The same of HTTP/2, for a request and for all of a connection; it cannot be less.
const HTTP2_WINDOW: u32 = 65_535;
/// Requests of one connection at once, over HTTP/2: what its specification recommends at least.
const HTTP2_STREAMS: u32 = 100;
/// Over HTTP/2 an answer may wait for a reader without anything to write: a ping tells whether it is
/// still there.
const HTTP2_PING: Duration = Duration::from_secs(30);
/// Once we are leaving, for what is no open request: half a header, a peer that does not answer.
const LEAVING: Duration = Duration::from_secs(1);

/// What all connections have in common.
pub(super) struct Connections {
    builder: Builder<TokioExecutor>,
    endpoint: BoxEndpoint<'static, poem::Response>,
    local: LocalAddr,
    room: Room,
    leave: CancellationToken,
    cut: CancellationToken,
}

impl Connections {
    /// Connections to `endpoint`. With `leave` each ends after its open requests, with `cut` at once.
    pub(super) fn new(
        endpoint: BoxEndpoint<'static, poem::Response>,
        local: LocalAddr,
        room: Room,
        leave: CancellationToken,
        cut: CancellationToken,
    ) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().max_buf_size(HTTP1_BUFFER);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(HTTP2_PING)
            .max_concurrent_streams(HTTP2_STREAMS)
            .initial_stream_window_size(HTTP2_WINDOW)
            .initial_connection_window_size(HTTP2_WINDOW);
        Self {
            builder,
            endpoint,
            local,
            room,
            leave,
            cut,
        }
    }

    /// Answers the requests of one connection. What panics on the way, a handler or the body of an
    /// answer, ends the connection with this task.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, peer: RemoteAddr) {
        let activity = Arc::new(Activity::new(Instant::now()));
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let (open, connections) = (activity.open(), Arc::clone(&self));
            let peer = peer.clone();
            async move {
                let local = connections.local.clone();
                let request = Request::from((request, local, peer, Scheme::HTTP));
                let response = connections.endpoint.get_response(request).await;
                let response = Response::from(response).map(|body| Answer::new(body, open));
                Ok::<_, Infallible>(response)
            }
        });
        let socket = TokioIo::new(Socket::new(stream, Arc::clone(&activity)));
        let mut connection = std::pin::pin!(self.builder.serve_connection(socket, service));
        tokio::select! {
            // How it ended is the peer's affair.
            _ = &mut connection => return,
            () = activity.until_too_quiet(|| self.patience()) => {}
            () = self.leave.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection => {}
            () = activity.until_too_quiet(|| LEAVING) => {}
            () = self.cut.cancelled() => {}
        }
    }

    /// Connections between two requests make room where there is little.
    fn patience(&self) -> Duration {
        if self.room.is_crowded() {
            FIRST_HEADER
        } else {
            NEXT_HEADER
        }
    }
}
