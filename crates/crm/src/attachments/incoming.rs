//! A file on its way in: piece by piece into the tenant's place, so that its size costs no memory. Nobody sees it
//! before it is whole and attached; what breaks off is swept away.

use super::{ROOM, USED, too_large};
use sha2::{Digest, Sha256};
use sindico_db::{Result, TenantConnection, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::attachment::{FileName, Limits, Media};

/// The bytes of a piece.
pub const PIECE: usize = 256 << 10;

sindico_db::statements! { "incoming":
    BEGIN = "INSERT INTO file_content DEFAULT VALUES RETURNING id";
    // Of one that still comes in, and was not swept away as one that had stopped.
    TOUCH = "UPDATE file_content SET size = size + $2, touched_at = now() WHERE id = $1 AND sha256 IS NULL";
    PUT = "INSERT INTO file_chunk (content_id, n, bytes) VALUES ($1, $2, $3)";
    FORGET = "DELETE FROM file_content WHERE id = ANY ($1) AND sha256 IS NULL";
}

/// A file that comes in.
pub struct Incoming {
    data: TenantConnection,
    content: i64,
    name: FileName,
    media: Option<Media>,
    piece: Vec<u8>,
    n: i32,
    size: u64,
    hash: Sha256,
    limits: Limits,
}

/// A file that is there as a whole, and at no record yet.
#[derive(Debug)]
pub struct Received {
    /// Where its bytes are.
    pub content: i64,
    /// What it is called.
    pub name: FileName,
    /// What it is.
    pub media: Media,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of all of it.
    pub sha256: Vec<u8>,
}

impl Incoming {
    /// Begins to take a file.
    ///
    /// # Errors
    /// When the company's files take all that they may already; or its place can't be reached.
    pub async fn begin(data: &TenantConnection, name: FileName, limits: Limits) -> Result<Self> {
        let tx = data.begin().await?;
        tx.execute(&ROOM, &[]).await?;
        let used: i64 = tx.write_one(&USED, &[]).await?.get(0);
        let used = u64::try_from(used).unwrap_or_default();
        if used >= limits.company {
            return Err(super::no_room(used, limits));
        }
        let content = tx.write_one(&BEGIN, &[]).await?.get(0);
        tx.commit().await?;
        Ok(Self {
            data: data.clone(),
            content,
            name,
            media: None,
            piece: Vec::new(),
            n: 0,
            size: 0,
            hash: Sha256::new(),
            limits,
        })
    }

    /// Where its bytes are, for who gives up.
    pub fn content(&self) -> i64 {
        self.content
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// More than a file may have, and what is not taken; or the tenant's place can't be reached.
    pub async fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.limits.file {
            return Err(too_large(self.limits));
        }
        self.hash.update(bytes);
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = rest;
            if self.piece.len() == PIECE {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// All of it has come.
    ///
    /// # Errors
    /// As [`Incoming::take`].
    pub async fn close(mut self) -> Result<Received> {
        if !self.piece.is_empty() || self.n == 0 {
            self.flush().await?;
        }
        let Some(media) = self.media else {
            return Err(FieldErrors::one("file", "The file is empty.").into());
        };
        Ok(Received {
            content: self.content,
            name: self.name,
            media,
            size: self.size,
            sha256: self.hash.finalize().to_vec(),
        })
    }

    async fn flush(&mut self) -> Result<()> {
        if self.media.is_none() {
            let media = Media::of(&self.piece, &self.name);
            self.media = Some(media.map_err(|told| FieldErrors::one("file", told))?);
        }
        let tx = self.data.begin().await?;
        let length = i64::try_from(self.piece.len()).unwrap_or_default();
        if tx.execute(&TOUCH, &[&self.content, &length]).await? == 0 {
            return Err(too_late());
        }
        let params: [&(dyn ToSql + Sync); 3] = [&self.content, &self.n, &self.piece];
        tx.execute(&PUT, &params).await?;
        tx.commit().await?;
        self.n += 1;
        self.piece.clear();
        Ok(())
    }
}

/// What is said of a file whose beginning is gone already.
pub(super) fn too_late() -> sindico_db::Error {
    FieldErrors::one("file", "The file took too long to come. Send it again.").into()
}

/// Forgets what came in and will not be attached.
///
/// # Errors
/// When the tenant's place can't be reached: then it is swept away later.
pub async fn forget(data: &TenantConnection, contents: &[i64]) -> Result<()> {
    let tx = data.begin().await?;
    tx.execute(&FORGET, &[&contents]).await?;
    tx.commit().await
}
