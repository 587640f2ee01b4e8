//! A server that takes the connection and falls silent.

use crate::support::PASSWORD;
use sindico_store::server::Server;
use sindico_store::{DatabaseConfig, SslMode, TlsSettings};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Says `first` to the request for TLS, then nothing for ever.
async fn silent(first: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 8];
            let _ = socket.read_exact(&mut request).await;
            let _ = socket.write_all(first).await;
            open.push(socket);
        }
    });
    port
}

#[tokio::test]
async fn it_ends_by_the_connect_timeout() {
    let patience = Duration::from_millis(600);
    for first in [b"".as_slice(), b"S"] {
        let port = silent(first).await;
        for mode in [SslMode::Prefer, SslMode::Require] {
            let config = DatabaseConfig::server("127.0.0.1", port)
                .with_tls(&TlsSettings::new(mode, None).unwrap())
                .with_user("ana", PASSWORD)
                .with_dbname("x")
                .with_connect_timeout(patience);
            let begin = Instant::now();
            let error = Server::connect(&config, "x").await.err().unwrap();
            let took = begin.elapsed();
            assert!(took >= patience && took < patience * 4, "{took:?}");
            let text = format!("{error} {error:?}");
            assert!(text.contains("no connection within 0.6 s"), "{text}");
            assert!(!text.contains(PASSWORD), "{text}");
        }
    }
}
