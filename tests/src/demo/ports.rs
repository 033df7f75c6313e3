//! The ports of the services.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context;

/// The loopback address of `port`. Fails if another program listens on it; `option` chooses the port.
pub fn free(port: u16, option: &str) -> anyhow::Result<SocketAddr> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).with_context(|| {
        let variable = format!("DEMO_{}", option.replace('-', "_").to_uppercase());
        format!(
            "cannot listen on {address}. If another program has the port (an earlier demo?), \
             end it, or choose another port with --{option} or {variable}"
        )
    })?;
    Ok(address)
}
