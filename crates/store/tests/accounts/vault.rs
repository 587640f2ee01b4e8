//! Sealed passwords in a control database.

use crate::support::Db;
use secrecy::{ExposeSecret, SecretString};
use sindico_secrets::{Keyring, Sources};
use sindico_store::tenant::vault::Vault;
use std::sync::Arc;

fn vault(db: &Db, current: &str, older: &[&str]) -> Vault {
    let older: Vec<SecretString> = older.iter().map(|key| (*key).into()).collect();
    let keyring = Keyring::new(&current.into(), &older).unwrap();
    Vault::new(db.store.clone(), keyring, Sources::new(Arc::new(|_| None)))
}

/// Keeps a password as a provisioning does; returns its reference.
async fn keep(db: &Db, vault: &Vault, company: i64, password: &str) -> String {
    let sealed = vault.seal(company, 1, &password.into()).unwrap();
    let sql = "INSERT INTO tenant_secret (company_id, generation, key_id, wrapped_key, payload)
        VALUES ($1, 1, $2, $3, $4) RETURNING id";
    let row = db
        .sql()
        .query_one(
            sql,
            &[
                &company,
                &sealed.key_id,
                &sealed.wrapped_key,
                &sealed.payload,
            ],
        )
        .await
        .unwrap();
    format!("db:{}", row.get::<_, i64>(0))
}

async fn found(vault: &Vault, reference: &str) -> Result<String, String> {
    let found = vault.find(reference).await;
    found
        .map(|p| p.expose_secret().to_owned())
        .map_err(|e| e.to_string())
}

#[tokio::test]
async fn a_changed_key_reads_the_old_and_seals_it_anew() {
    let db = Db::new("vault_keys").await;
    let company = db.company("acme", "acme", 3).await;
    let old = vault(&db, "the old key", &[]);
    let reference = keep(&db, &old, company, "senha").await;
    assert_eq!(found(&old, &reference).await.unwrap(), "senha");

    let new = vault(&db, "the new key", &[]);
    let error = found(&new, &reference).await.unwrap_err();
    assert!(
        error.contains("SECRET_KEY_FALLBACKS") && !error.contains("senha"),
        "{error}"
    );
    assert_eq!(
        new.rewrap().await.unwrap(),
        0,
        "what can't be read stays as it is"
    );

    let both = vault(&db, "the new key", &["the old key"]);
    assert_eq!(found(&both, &reference).await.unwrap(), "senha");
    assert_eq!(both.rewrap().await.unwrap(), 1);
    assert_eq!(both.rewrap().await.unwrap(), 0);
    assert_eq!(found(&new, &reference).await.unwrap(), "senha");
    assert!(found(&old, &reference).await.is_err());
}

#[tokio::test]
async fn a_row_that_is_anothers_is_not_opened() {
    let db = Db::new("vault_rows").await;
    let (acme, other) = (
        db.company("acme", "acme", 3).await,
        db.company("other", "other", 3).await,
    );
    let vault = vault(&db, "a key", &[]);
    let reference = keep(&db, &vault, acme, "senha").await;
    let sql = "UPDATE tenant_secret SET company_id = $1";
    db.sql().execute(sql, &[&other]).await.unwrap();
    assert!(
        found(&vault, &reference)
            .await
            .unwrap_err()
            .contains("another tenant")
    );
    assert!(
        found(&vault, "db:999")
            .await
            .unwrap_err()
            .contains("db:999")
    );
    assert!(
        found(&vault, "hunter2")
            .await
            .unwrap_err()
            .contains("database_password_secret")
    );
}
