//! Serving one connection.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use http_body_util::BodyExt;
use hyper::{
    Response, Version,
    body::Incoming,
    header::{CONNECTION, HeaderValue},
    service::service_fn,
};
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
use tokio::{
    net::TcpStream,
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    activity::{Activity, FIRST_HEADER_TIMEOUT},
    connection_limit::ConnectionLimit,
};
use crate::lifecycle::Shutdown;

/// The maximum size of a header, and of the data read ahead of a handler, in bytes. hyper's default of
/// 400 KiB would be gigabytes over all connections.
const HTTP1_BUFFER: usize = 32 * 1024;
/// The same for HTTP/2, per request and per connection; it is the minimum of the protocol.
const HTTP2_WINDOW: u32 = 65_535;
/// The maximum number of concurrent requests per HTTP/2 connection: the minimum that RFC 9113
/// recommends.
const HTTP2_STREAMS: u32 = 100;
/// The ping interval. A response that waits for the peer's HTTP/2 window writes nothing, so that the
/// kernel cannot detect that the peer has gone.
const HTTP2_PING: Duration = Duration::from_secs(30);
/// The time that a connection without an open request has to close after its graceful shutdown began. Over
/// HTTP/2, requests may arrive that the client sent before it knew.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The configuration shared by all connections.
pub(super) struct ConnectionServer {
    pub(super) builder: Builder<TokioExecutor>,
    pub(super) endpoint: BoxEndpoint<'static, poem::Response>,
    pub(super) local: LocalAddr,
    pub(super) limit: ConnectionLimit,
    /// The time from a response to the next complete header, while connections are not scarce.
    pub(super) keep_alive_timeout: Duration,
    /// During the drain each connection ends after its next response, and after the drain at the latest after its
    /// open requests.
    pub(super) shutdown: Shutdown,
    /// Ends each connection at once.
    pub(super) forced_shutdown: CancellationToken,
}

impl ConnectionServer {
    /// Serves the requests of one connection. A panic in a handler or in the body of a response ends
    /// the connection with this task.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, peer: RemoteAddr) {
        let activity = Arc::new(Activity::new(Instant::now()));
        let uses_http2 = Notify::new();
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let (open_request, server) = (activity.open_request(), Arc::clone(&self));
            let is_http2 = request.version() == Version::HTTP_2;
            if is_http2 {
                uses_http2.notify_one();
            }
            let request = Request::from((request, self.local.clone(), peer.clone(), Scheme::HTTP));
            async move {
                let response = server.endpoint.get_response(request).await;
                // The request is open until its body is sent: the closure owns the guard.
                let mut response = Response::from(response).map(|body| {
                    body.inspect_err(move |_| {
                        let _ = &open_request;
                    })
                });
                if server.shutdown.requested.is_cancelled() && !is_http2 {
                    let headers = response.headers_mut();
                    headers.insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
        // An idle HTTP/1 connection is not closed during the drain, because its next request may be on the way.
        // HTTP/2 tells the client which requests it must send again (GOAWAY).
        let http2_draining = async {
            self.shutdown.requested.cancelled().await;
            uses_http2.notified().await;
        };
        let stream = TokioIo::new(stream);
        let mut connection = pin!(self.builder.serve_connection(stream, service));
        // hyper-util's `GracefulShutdown` ends all connections at once; an idle one has to end alone.
        tokio::select! {
            // An error is the peer's: it has closed the connection or sent an invalid request.
            _ = &mut connection => return,
            () = activity.idle_timeout_elapsed(|| self.keep_alive_timeout()) => {}
            () = http2_draining => {}
            () = self.shutdown.drained.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        let idle_too_long = async {
            sleep(CLOSE_TIMEOUT).await;
            activity.idle_timeout_elapsed(|| CLOSE_TIMEOUT).await;
        };
        tokio::select! {
            _ = connection => {}
            () = idle_too_long => {}
            () = self.forced_shutdown.cancelled() => {}
        }
    }

    /// The keep-alive time-out: seconds while connections are scarce.
    fn keep_alive_timeout(&self) -> Duration {
        if self.limit.is_nearly_reached() {
            FIRST_HEADER_TIMEOUT
        } else {
            self.keep_alive_timeout
        }
    }
}

/// The protocol settings of all connections.
pub(super) fn http_builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(HTTP1_BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING)
        .max_concurrent_streams(HTTP2_STREAMS)
        .initial_stream_window_size(HTTP2_WINDOW)
        .initial_connection_window_size(HTTP2_WINDOW);
    builder
}
