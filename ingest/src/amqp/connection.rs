//! Connections to the broker.

use std::io;

use analytics_shared::config::is_local_host;
use lapin::{
    Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::OwnedTLSConfig,
    uri::{AMQPScheme, AMQPUri},
};

use crate::config::AmqpConfig;

/// The default heartbeat interval, in seconds. A connection is closed after two missed heartbeats.
const HEARTBEAT: u16 = 10;

/// Connects to the broker, with a name that its management interface shows. `amqps` is TLS with a
/// certificate that an authority of the system or of `AMQP_CA_FILE` has signed, or an error.
pub async fn connect(config: &AmqpConfig, name: &str) -> lapin::Result<Connection> {
    let mut uri = uri(config).map_err(io::Error::other)?;
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let tls = OwnedTLSConfig {
        identity: None,
        cert_chain: config
            .amqp_ca_file
            .as_ref()
            .map(|file| file.pem().to_owned()),
    };
    Connection::connect_uri_with_config(uri, properties, tls, default_runtime()?).await
}

/// Checks the settings of TLS, and warns about a connection that leaves the machine without it.
pub fn check_tls(config: &AmqpConfig) -> Result<(), String> {
    if config.amqp_url.is_none() {
        return Ok(());
    }
    let uri = uri(config)?;
    let is_plain = uri.scheme == AMQPScheme::AMQP;
    if is_plain && config.amqp_ca_file.is_some() {
        return Err("AMQP_CA_FILE requires `amqps://` in AMQP_URL".to_owned());
    }
    if is_plain && !is_local_host(&uri.authority.host) {
        tracing::warn!(
            "the connection to the broker leaves this machine without TLS: use `amqps://` in AMQP_URL"
        );
    }
    Ok(())
}

fn uri(config: &AmqpConfig) -> Result<AMQPUri, String> {
    let url = config.amqp_url.as_ref().ok_or("AMQP_URL is not set")?;
    url.expose().parse()
}
