//! Somebody who has lost their second factor, helped at the shell.

use super::{Shell, done, err};

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_second_factor_is_taken_off_at_the_shell() {
    let shell = Shell::new().await;
    shell.user("ana", &[]);
    let sql = shell.database.sql().await;
    sql.batch_execute(
        "INSERT INTO totp (user_id, key_id, wrapped_key, payload, confirmed_at)
         SELECT id, 'x', 'x', 'x', now() FROM app_user;
         INSERT INTO recovery_code (user_id, digest) SELECT id, 'x' FROM app_user",
    )
    .await
    .unwrap();
    let reset = |name: &str| shell.run(&["user", "reset-totp", "--username", name]);
    assert!(done(&reset("ana")).contains("with the password alone again"));
    let left = "SELECT (SELECT count(*) FROM totp) + (SELECT count(*) FROM recovery_code)";
    assert_eq!(sql.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert!(done(&reset("ana")).contains("has no second factor"));
    assert!(err(&reset("nobody")).contains("nobody"));
    let told = "SELECT count(*) FROM audit_event WHERE action = 'totp.reset'";
    assert_eq!(sql.query_one(told, &[]).await.unwrap().get::<_, i64>(0), 1);
}
