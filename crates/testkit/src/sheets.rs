//! Files that are imported: sending one, and waiting for what is done with it.

use crate::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const IMPORTS: &str = "/api/imports/";

/// How long an import may work at one act.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// Uploads a file of records of this kind, as a Brazilian browser does.
    pub async fn send_sheet(&self, kind: &str, file: impl AsRef<[u8]>) -> Answer {
        let mut body = Vec::new();
        for part in [
            format!("--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n")
                .as_bytes(),
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n",
            file.as_ref(),
            b"\r\n--x--\r\n",
        ] {
            body.extend_from_slice(part);
        }
        let request = self
            .request(Method::POST, IMPORTS)
            .header("content-type", "multipart/form-data; boundary=x")
            .header("accept-language", "pt-BR")
            .body(body);
        self.send(request).await
    }

    /// Asks for the next act of an import (`dry-run`, `commit`, `undo`), and waits until nothing is under way: the
    /// import as it is then.
    pub async fn until_done(&self, job: &Value, act: &str) -> Value {
        let path = format!("{IMPORTS}{}/", job["id"]);
        self.post(&format!("{path}{act}/"), json!({}))
            .await
            .expect(202);
        let end = Instant::now() + PATIENCE;
        loop {
            let now = self.get(&path).await.expect(200).json;
            let state = now["state"].as_str().unwrap();
            if !["CHECKING", "COMMITTING", "UNDOING"].contains(&state) {
                return now;
            }
            assert!(Instant::now() < end, "{now}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
