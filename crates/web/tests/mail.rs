//! Mails to a mail server of the test's own.
#![allow(
    clippy::unwrap_used,
    reason = "a test's helpers may panic like the test"
)]

use secrecy::SecretString;
use sindico_web::mail::{Mail, MailConfig, MailTls, Mailer};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Takes one conversation and answers the end of the mail with `verdict`; what it heard.
async fn converse(listener: &TcpListener, verdict: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut heard = String::new();
    let mut in_mail = false;
    write.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push_str(&line);
        heard.push('\n');
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_mail = false;
                verdict
            }
            _ if in_mail => continue,
            "EHLO" => "250-test\r\n250 AUTH PLAIN",
            "AUTH" => "235 welcome",
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            "QUIT" => break,
            _ => "250 ok",
        };
        let answer = format!("{answer}\r\n");
        write.write_all(answer.as_bytes()).await.unwrap();
    }
    heard
}

/// A server that listens, and a mailer with one mail for it.
async fn server() -> (TcpListener, Mailer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = MailConfig {
        host: "127.0.0.1".to_owned(),
        port: listener.local_addr().unwrap().port(),
        tls: MailTls::None,
        user: "mailer".to_owned(),
        password: Some(SecretString::from("secret")),
        from: "Síndico <sindico@example.com>".to_owned(),
    };
    let mailer = Mailer::new(&config, Path::new("/nowhere")).unwrap();
    mailer.post(async {
        Some(Mail {
            to: "ana@example.com".to_owned(),
            subject: "Olá".to_owned(),
            text: "Bom dia".to_owned(),
            about: "a test".to_owned(),
        })
    });
    (listener, mailer)
}

#[tokio::test]
async fn a_mail_is_handed_over_to_the_server() {
    let (listener, mailer) = server().await;
    let heard = converse(&listener, "250 taken").await;
    for part in [
        // "\0mailer\0secret", as RFC 4616 has it.
        "AUTH PLAIN AG1haWxlcgBzZWNyZXQ=",
        "MAIL FROM:<sindico@example.com>",
        "RCPT TO:<ana@example.com>",
        "Bom dia",
    ] {
        assert!(heard.contains(part), "{part} is not in\n{heard}");
    }
    mailer.finish(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let (listener, mailer) = server().await;
    converse(&listener, "550 no such person").await;
    // It is over at once: there is nothing to wait for.
    let over = timeout(
        Duration::from_secs(3),
        mailer.finish(Duration::from_secs(60)),
    );
    over.await.unwrap();
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_again() {
    let (listener, mailer) = server().await;
    converse(&listener, "451 later").await;
    let heard = timeout(Duration::from_secs(15), converse(&listener, "250 taken")).await;
    assert!(heard.unwrap().contains("Bom dia"));
    mailer.finish(Duration::from_secs(5)).await;
}
