//! The API over HTTPS on loopback, for kubectl, helm, k9s and whoever else speaks Kubernetes.
//!
//! It is HTTPS because clients of Kubernetes keep their credentials to themselves on plain HTTP. The certificate is made
//! anew each time and signs itself: it stands in the kubeconfig as its own authority.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::service::Service;

/// A listener, bound and not yet answering.
pub struct Listener {
    socket: TcpListener,
    acceptor: TlsAcceptor,
    certificate: String,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl Listener {
    /// Binds an address, with a certificate for it and for `localhost`.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let names = vec![address.ip().to_string(), "localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .map_err(io::Error::other)?;
        let socket = TcpListener::bind(address).await?;
        Ok(Self { socket, acceptor: TlsAcceptor::from(Arc::new(config)), certificate: made.cert.pem() })
    }

    /// Where it is bound; with the port that the system chose.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The certificate in PEM, which is its own authority.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Answers until it is dropped; all connections end with it.
    pub async fn serve(self, service: Service) {
        let mut connections = JoinSet::new();
        loop {
            let Ok((stream, _)) = self.socket.accept().await else {
                // A client that has already gone, or too many open files: the next one may do better.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            // Small answers should not wait for the next one.
            let _ = stream.set_nodelay(true);
            let (service, acceptor) = (service.clone(), self.acceptor.clone());
            connections.spawn(async move {
                // A client that does not trust us, or hangs up in the middle, is no fault of the server's.
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = service_fn(move |request| service.clone().answer(request));
                let _ =
                    http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
            });
            while connections.try_join_next().is_some() {}
        }
    }
}
