//! Hosts to which a connection does not leave the machine.

use std::net::IpAddr;

/// Returns whether a host is the loopback interface or a socket in the file system.
#[must_use]
pub fn is_local_host(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.starts_with('/')
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_resemble_the_loopback_interface_are_remote() {
        for host in [
            "localhost",
            "127.0.0.1",
            "127.1.2.3",
            "::1",
            "[::1]",
            "/run/postgresql",
        ] {
            assert!(is_local_host(host), "{host}");
        }
        for host in [
            "",
            "db",
            "localhost.example",
            "127.0.0.1.example",
            "10.0.0.1",
            "[::2]",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }
}
