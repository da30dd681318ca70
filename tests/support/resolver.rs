//! A client for the DNS server: the resolver and verifier of the libraries, not of the program.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Asks that server alone, once a question, over UDP and where cut over TCP.
pub fn resolver(addr: SocketAddr) -> TokioResolver {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut one| {
        one.port = addr.port();
        one
    });
    let server = NameServerConfig::new(addr.ip(), true, connections.to_vec());
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_tls_config(no_tls());
    builder.options_mut().attempts = 1;
    builder.build().expect("a resolver")
}

/// Runs one future to its end, for tests that are not asynchronous themselves.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

/// Plain DNS only. Without this the resolver reads the system's CA certificates and fails where
/// there are none (no ca-certificates installed), though it never encrypts.
fn no_tls() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}
