//! A server that gives every request the same kind of response.

use std::{
    convert::Infallible,
    future,
    net::{Ipv4Addr, SocketAddr},
};

use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Answers requests at the returned address with what `respond` returns, until the runtime ends.
///
/// # Panics
/// When it cannot listen.
pub async fn respond_with(
    respond: impl Fn() -> Response<Full<Bytes>> + Clone + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let respond = respond.clone();
            let service = service_fn(move |_| future::ready(Ok::<_, Infallible>(respond())));
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    address
}
