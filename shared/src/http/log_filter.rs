//! `/log-filter` of the management listener: the log filter, which can be replaced for 15 minutes.
//!
//! Only clients on the loopback interface may change it: those of `kubectl port-forward` and of a shell in the pod,
//! both of which Kubernetes authorizes, and not every pod that reaches the listener.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use poem::{
    Addr, Body, FromRequest, IntoResponse, Request, RequestBody, Response, Result, RouteMethod,
    delete, handler,
};

use crate::{
    problem::Problem,
    telemetry::{InvalidFilter, LogFilter, log_filter},
};

/// The maximum size of a body, in bytes; more than the longest filter.
const MAX_BYTES: usize = 4 * 1024;

/// The methods of the route.
pub(super) fn log_filter_methods() -> RouteMethod {
    delete(restore).get(read).put(replace)
}

/// The filter, for a client that may use it.
struct LocalFilter(&'static LogFilter);

impl<'a> FromRequest<'a> for LocalFilter {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => Some(address.ip().to_canonical()),
            _ => None,
        };
        // Proxies of service meshes forward to other loopback addresses.
        let local = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        if !peer.is_some_and(|peer| local.contains(&peer)) {
            let detail = "use `kubectl port-forward`, or a shell where the service runs";
            return Err(Problem::forbidden("not_local", detail).into());
        }
        let filter = log_filter().ok_or_else(Problem::internal)?;
        Ok(Self(filter))
    }
}

#[handler]
fn read(LocalFilter(filter): LocalFilter) -> Response {
    text(filter)
}

#[handler]
async fn replace(LocalFilter(filter): LocalFilter, body: Body) -> Result<Response> {
    let bytes = body.into_bytes_limit(MAX_BYTES).await;
    let bytes = bytes.map_err(|_| invalid(&InvalidFilter::Length))?;
    let text_sent = str::from_utf8(&bytes).map_err(|_| invalid(&InvalidFilter::Syntax))?;
    filter.replace(text_sent).map_err(|error| invalid(&error))?;
    Ok(text(filter))
}

#[handler]
fn restore(LocalFilter(filter): LocalFilter) -> Response {
    filter.restore();
    text(filter)
}

fn text(filter: &LogFilter) -> Response {
    format!("{}\n", filter.text()).into_response()
}

fn invalid(error: &InvalidFilter) -> Problem {
    Problem::invalid("body", error.to_string())
}
