//! The SQL of two writes as it is run by the program, for `pgbench`: a round trip for each statement, in a
//! transaction with its change set.

/// The change set of a write on one record.
fn change(action: &str, kind: &str, op: &str, fields: &str) -> String {
    format!(
        "WITH one AS (INSERT INTO change_set (action, user_id, username, address, request_id)
            VALUES ('{action}', 1, 'bench', '127.0.0.1', 'bench') RETURNING id)
         INSERT INTO change (change_set_id, kind, record_id, op, title, before, after)
         SELECT one.id, c.kind, c.record_id, c.op, c.title, c.before, c.after
         FROM one, jsonb_to_recordset('[{{\"kind\": \"{kind}\", \"record_id\": 1, \"op\": \"{op}\", \"title\": \"Bench\",
             \"before\": {fields}, \"after\": {fields}}}]')
             AS c (kind text, record_id bigint, op text, title text, before jsonb, after jsonb)
         RETURNING change_set_id"
    )
}

/// The creation of a lead.
pub fn create_a_lead() -> Vec<String> {
    let lead =
        "INSERT INTO lead (source, name, email, phone, search_text) VALUES ('Site', 'Lead ' || :n,
            'lead' || :n || '@example.com', '(11) 98765-4321',
            'site lead ' || :n || ' lead' || :n || '@example.com (11) 98765-4321 11987654321')
        RETURNING id, version, created_at, updated_at";
    let fields = r#"{"name": "Lead", "email": "lead@example.com", "phone": "(11) 98765-4321", "source": "Site"}"#;
    vec![
        lead.to_owned(),
        change("lead.create", "lead", "CREATE", fields),
    ]
}

/// The move of one of these cards below another: locked, placed between its neighbours, written.
pub fn move_a_card(cards: &str) -> Vec<String> {
    let card = format!("(ARRAY[{cards}]::bigint[])[:n]");
    let other = format!("(ARRAY[{cards}]::bigint[])[:n + 1]");
    vec![
        format!("SELECT * FROM opportunity WHERE id = {card} AND deleted_at IS NULL FOR NO KEY UPDATE"),
        format!(
            "SELECT (SELECT rank FROM opportunity WHERE id = {other} AND stage = 'PROPOSAL' AND deleted_at IS NULL)"
        ),
        format!(
            "SELECT rank FROM opportunity WHERE stage = 'PROPOSAL' AND rank > (SELECT rank FROM opportunity WHERE id = {other})
             AND deleted_at IS NULL ORDER BY rank, id LIMIT 1"
        ),
        format!(
            "UPDATE opportunity SET rank = (SELECT rank FROM opportunity WHERE id = {other}) || 'i',
             version = version + 1, updated_at = now() WHERE id = {card} RETURNING id, version"
        ),
        change("opportunity.move", "opportunity", "UPDATE", r#"{"rank": "9999999999998i"}"#),
    ]
}
