//! Calls against receivers that misbehave in every way, and names that lead where nobody may go.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use futures_util::FutureExt;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sindico_outbound::{Answer, CallError, Lookup, Outbound, Refused, Target};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// A receiver that answers each request with these bytes, and counts its connections.
async fn receiver(answer: &'static [u8], then_wait: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(attend(stream, answer, then_wait));
        }
    });
    (address, count)
}

async fn attend(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &'static [u8],
    then_wait: bool,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let _ = stream.write_all(answer).await;
    let _ = stream.flush().await;
    if then_wait {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let _ = stream.shutdown().await;
}

fn local() -> Vec<ipnet::IpNet> {
    vec!["127.0.0.0/8".parse().unwrap()]
}

/// Names that lead to one address each, in turn.
fn names(addresses: Vec<Vec<&'static str>>) -> Lookup {
    let turn = Arc::new(AtomicUsize::new(0));
    Arc::new(move |_| {
        let now = turn.fetch_add(1, Ordering::SeqCst).min(addresses.len() - 1);
        let found = addresses[now]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        async move { Ok::<Vec<IpAddr>, String>(found) }.boxed()
    })
}

async fn post(outbound: &Outbound, url: &str) -> Result<Answer, CallError> {
    let target = Target::parse(url).unwrap();
    outbound
        .post(
            &target,
            &[("webhook-id", "msg_1".to_owned())],
            "{}".to_owned(),
        )
        .await
}

#[tokio::test]
async fn an_answer_is_what_it_is() {
    let out = Outbound::new(local(), sindico_outbound::system());
    for (answer, status, retry_after, excerpt) in [
        (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], 204, None, ""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, None, "ok"),
        (b"HTTP/1.1 503 Later\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n", 503, Some(120), ""),
        // An instant instead of seconds is not read, and no fault.
        (b"HTTP/1.1 429 Slow\r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\ncontent-length: 1\r\n\r\nx", 429, None, "x"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\0\xff", 200, None, "a \u{fffd}"),
    ] {
        let (address, _) = receiver(answer, false).await;
        let got = post(&out, &format!("http://{address}/hook")).await.unwrap();
        let expected = Answer { status, retry_after, excerpt: excerpt.to_owned() };
        assert_eq!(got, expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (inner, reached) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false).await;
    let answer =
        format!("HTTP/1.1 307 Go\r\nlocation: http://{inner}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = receiver(answer.leak().as_bytes(), false).await;
    let out = Outbound::new(local(), sindico_outbound::system());
    assert_eq!(
        post(&out, &format!("http://{address}/"))
            .await
            .unwrap()
            .status,
        307
    );
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn receivers_that_misbehave_cost_little() {
    let out = Outbound::new(local(), sindico_outbound::system());
    let huge: &'static [u8] = {
        let mut all = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        all.resize(20 << 20, b'x');
        Box::leak(all.into_boxed_slice())
    };
    let (address, _) = receiver(huge, false).await;
    let started = Instant::now();
    let got = post(&out, &format!("http://{address}/")).await.unwrap();
    assert_eq!((got.status, got.excerpt.len()), (200, 1_000));
    assert!(started.elapsed() < Duration::from_secs(5));
    // A head without an end is no answer.
    let endless: &'static [u8] = {
        let mut all = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
        all.resize(1 << 20, b'y');
        Box::leak(all.into_boxed_slice())
    };
    for answer in [
        endless,
        b"",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconte",
    ] {
        let (address, _) = receiver(answer, false).await;
        let got = post(&out, &format!("http://{address}/")).await;
        assert!(matches!(got, Err(CallError::Broken(_))), "{got:?}");
    }
    // A body that never ends does not take its status away.
    let (address, _) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", true).await;
    let got = post(&out, &format!("http://{address}/")).await.unwrap();
    assert_eq!((got.status, got.excerpt.as_str()), (200, "half"));
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let got = post(&out, &format!("http://{nobody}/")).await;
    assert!(matches!(got, Err(CallError::Connect(_))), "{got:?}");
}

#[tokio::test]
async fn silence_ends() {
    let out = Outbound::new(local(), sindico_outbound::system());
    let (address, _) = receiver(b"", true).await;
    let started = Instant::now();
    assert_eq!(
        post(&out, &format!("http://{address}/")).await,
        Err(CallError::Late)
    );
    assert!(started.elapsed() < Duration::from_secs(12));
}

#[tokio::test]
async fn nothing_private_is_called_by_whatever_name() {
    let (address, reached) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false).await;
    let port = address.port();
    let out = Outbound::new(Vec::new(), names(vec![vec!["127.0.0.1"]]));
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f000001:{port}/"),
        format!("https://127.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://[64:ff9b::7f00:1]:{port}/"),
        format!("https://rebound.example:{port}/"),
        format!("https://localhost:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://0.0.0.0/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
    ] {
        assert_eq!(
            post(&out, &url).await,
            Err(CallError::Refused(Refused::Private)),
            "{url}"
        );
    }
    // One good address does not take a bad one along.
    let out = Outbound::new(Vec::new(), names(vec![vec!["8.8.8.8", "10.0.0.1"]]));
    assert_eq!(
        post(&out, "https://both.example/").await,
        Err(CallError::Refused(Refused::Private))
    );
    // A name that was public when it was typed is asked anew for each call.
    let out = Outbound::new(Vec::new(), names(vec![vec!["8.8.8.8"], vec!["127.0.0.1"]]));
    let target = Target::parse(&format!("https://turning.example:{port}/")).unwrap();
    assert!(out.check(&target).await.is_ok());
    let got = out.post(&target, &[], String::new()).await;
    assert_eq!(got, Err(CallError::Refused(Refused::Private)));
    // In the clear only into networks that are listed.
    let out = Outbound::new(local(), names(vec![vec!["8.8.8.8"]]));
    assert_eq!(
        post(&out, "http://plain.example/").await,
        Err(CallError::Refused(Refused::NotSecure))
    );
    let none = Outbound::new(Vec::new(), Arc::new(|_| async { Ok(Vec::new()) }.boxed()));
    assert_eq!(
        post(&none, "https://nobody.example/").await,
        Err(CallError::Refused(Refused::Unknown))
    );
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn certificates_are_checked() {
    let made = rcgen::generate_simple_self_signed(["hooks.example".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(attend(
                    stream,
                    b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nsafe",
                    false,
                ));
            }
        }
    });
    let home = || names(vec![vec!["127.0.0.1"]]);
    let trusting = Outbound::trusting(local(), home(), &[certificate]);
    let url = format!("https://hooks.example:{port}/");
    assert_eq!(post(&trusting, &url).await.unwrap().excerpt, "safe");
    // Another name, and nobody who vouches for it.
    let wrong = post(&trusting, &format!("https://other.example:{port}/")).await;
    assert!(matches!(wrong, Err(CallError::Connect(_))), "{wrong:?}");
    let unknown = post(&Outbound::new(local(), home()), &url).await;
    assert!(matches!(unknown, Err(CallError::Connect(_))), "{unknown:?}");
}
