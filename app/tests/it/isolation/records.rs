//! The walls around every kind of record, driven by the table of routes: a new route is covered by being
//! in it.

use super::{Chance, DEDICATED, House, SHARED, call, print, start};
use serde_json::{Value, json};
use sindico_testkit::TestDatabase;
use std::collections::BTreeMap;

/// The tables of the CRM, by the first part of their addresses.
const TABLES: [(&str, &str); 27] = [
    ("customers", "customer"),
    ("leads", "lead"),
    ("opportunities", "opportunity"),
    ("activities", "activity"),
    ("sales-goals", "sales_goal"),
    ("attachments", "attachment"),
    ("products", "product"),
    ("quotes", "quote"),
    ("changes", "change_set"),
    ("views", "saved_view"),
    ("teams", "team"),
    ("imports", "import_job"),
    ("notifications", "notification"),
    ("webhooks", "webhook"),
    ("webhook-deliveries", "webhook_delivery"),
    ("lead-forms", "lead_form"),
    ("lead-form-entries", "lead_form_entry"),
    ("forms", "lead_form"),
    ("form-entries", "lead_form_entry"),
    ("pipelines", "pipeline"),
    ("loss-reasons", "loss_reason"),
    ("custom-fields", "custom_field"),
    ("reasons", "loss_reason"),
    ("requests", "privacy_request"),
    ("retention", "retention_rule"),
    // Pages have names of their own.
    ("goals", "sales_goal"),
    ("today", "activity"),
];

/// Method and path of every route of the CRM.
pub(super) fn routes() -> Vec<(String, String)> {
    let table = sindico_web::table();
    let rows = table.rows().iter().filter(|row| row.access.needs_tenant());
    let rows = rows.filter(|row| !row.path.starts_with("/api/auth/"));
    let routes: Vec<_> = rows
        .map(|row| (row.method.clone(), row.path.clone()))
        .collect();
    assert!(routes.len() > 40);
    routes
}

/// The table whose ids a path takes.
pub(super) fn table_of(path: &str) -> Option<&'static str> {
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/settings").unwrap_or(path);
    let path = path.strip_prefix("/privacy").unwrap_or(path);
    // Of my day only what names nothing else is an activity's.
    let path = path.replace("/today/leads/", "/leads/");
    let part = path.trim_start_matches('/').split('/').next()?;
    let found = TABLES.iter().find(|(name, _)| *name == part);
    found.map(|(_, table)| *table)
}

impl House {
    /// A word that stands in every record of this house and nowhere else.
    fn marker(&self) -> String {
        format!("marker{}", self.id())
    }

    /// Makes so many records of every kind, and puts one of each into the bin.
    async fn fill(&self, times: usize) {
        let marker = self.marker();
        let me = self.owner.get("/api/auth/me/").await.expect(200).json["id"].clone();
        let wanted = json!({"OVERDUE": {"mail": true}});
        let preferences = "/api/notifications/preferences/";
        self.owner.patch(preferences, wanted).await.expect(200);
        let server = json!({"host": "127.0.0.1", "port": 9, "security": "NONE", "from_name": marker,
            "from_address": format!("{marker}@example.com")});
        self.owner
            .put("/api/mail-settings/", server)
            .await
            .expect(200);
        for n in 0..times {
            let post = |path: &'static str, body: Value| async move {
                let made = self.owner.post(path, body).await.expect(201);
                made.json["id"].as_i64().unwrap()
            };
            let email = format!("{marker}-{n}@example.com");
            let customer = post(
                "/api/customers/",
                json!({"name": marker, "email": email, "tags": [marker]}),
            )
            .await;
            let request = self.owner.request(
                "POST".parse().unwrap(),
                &format!("/api/customers/{customer}/attachments/?name={marker}.txt"),
            );
            let request = request.body(format!("{marker}\""));
            self.owner.send(request).await.expect(201);
            let lead =
                json!({"source": marker, "name": marker, "customer": customer, "notes": marker});
            let lead = post("/api/leads/", lead).await;
            let sale = json!({"customer": customer, "source_lead": lead, "title": marker, "amount": "10.00"});
            let sale = post("/api/opportunities/", sale).await;
            post(
                "/api/products/",
                json!({"name": marker, "code": format!("{marker}-{n}")}),
            )
            .await;
            let quote = json!({"notes": marker, "valid_until": "2026-12-31", "lines": [{"name": marker, "quantity": 1, "price": 1}]});
            let quotes = format!("/api/opportunities/{sale}/quotes/");
            let quote = self.owner.post(&quotes, quote).await.expect(201).json;
            let send = format!("/api/quotes/{}/send/", quote["id"]);
            self.owner.post(&send, json!({})).await.expect(200);
            let todo = json!({"title": marker, "lead": lead, "opportunity": sale, "due_at": "2026-11-23T11:00:00Z",
                "reminder_at": "2026-11-23T10:00:00Z", "outcome": marker});
            post("/api/activities/", todo).await;
            let goal = json!({"year": 2030, "month": 1 + n, "amount": "5.00", "notes": marker});
            post("/api/sales-goals/", goal).await;
            let grounds = format!("/api/leads/{lead}/consents/");
            let ground = json!({"purpose": marker, "evidence": marker});
            self.owner.post(&grounds, ground).await.expect(201);
            let request = json!({"kind": "EXPORT", "leads": [lead], "note": marker});
            post("/api/privacy/requests/", request).await;
            let rule = json!({"kind": "lead", "name": format!("{marker}-{n}"), "months": 240});
            post("/api/privacy/retention/", rule).await;
            let view = json!({"kind": "lead", "name": format!("{marker}-{n}"), "visibility": "TENANT",
                "filter": {"field": "source", "op": "is", "value": marker}});
            post("/api/views/", view).await;
            let pipeline = json!({"name": format!("{marker}-{n}"), "stages": [{"name": marker}]});
            post("/api/pipelines/", pipeline).await;
            post(
                "/api/loss-reasons/",
                json!({"name": format!("{marker}-{n}")}),
            )
            .await;
            let field = json!({"kind": "lead", "label": format!("{marker}-{n}"), "type": "TEXT", "searchable": true});
            post("/api/custom-fields/", field).await;
            post("/api/teams/", json!({"name": format!("{marker}-{n}")})).await;
            let file = format!(
                "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ncustomer\r\n\
                 --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{marker}.csv\"\r\n\r\n\
                 name,email\n{marker},{marker}@rows.example\r\n--x--\r\n"
            );
            let request = self.owner.request("POST".parse().unwrap(), "/api/imports/");
            let request = request.header("content-type", "multipart/form-data; boundary=x");
            self.owner.send(request.body(file)).await.expect(201);
            let form = json!({"title": marker});
            let made = self
                .owner
                .post("/api/lead-forms/", form)
                .await
                .expect(201)
                .json;
            let path = format!("/f/{}/", made["key"].as_str().unwrap());
            let typed = json!({"name": marker, "email": format!("{marker}@rows.example")});
            self.owner.post(&path, typed).await.expect(201);
            // Paused: what it would tell waits.
            let hook = json!({"name": marker, "url": format!("http://127.0.0.1:9/{marker}"), "events": ["lead.created"]});
            let hook = post("/api/webhooks/", hook).await;
            for act in ["pause/", "test/"] {
                let done = self
                    .owner
                    .post(&format!("/api/webhooks/{hook}/{act}"), json!({}))
                    .await;
                assert!(done.status < 300, "{}", done.text);
            }
        }
        let customers = self.owner.get("/api/customers/?sort=id&q=marker").await;
        let customers = customers.expect(200).json;
        let pair = json!({"ids": [customers[0]["id"], customers[1]["id"]]});
        let path = "/api/customers/duplicates/dismissed/";
        self.owner.post(path, pair).await.expect(200);
        let inside = TestDatabase::superuser(self.place("database_name")).await;
        let sql = "INSERT INTO notification (company_id, user_id, topic, cause, data, created_at)
            SELECT $1, $2, 'IMPORT_DONE', n::text, jsonb_build_object('file_name', $3::text), now()
            FROM generate_series(1, $4::bigint) n";
        let (me, times) = (me.as_i64().unwrap(), i64::try_from(times).unwrap());
        let company = self.id();
        inside
            .execute(sql, &[&company, &me, &marker, &times])
            .await
            .unwrap();
        for path in ["activities", "sales-goals"] {
            let list = self
                .owner
                .get(&format!("/api/{path}/?sort=id"))
                .await
                .expect(200)
                .json;
            let path = format!("/api/{path}/{}/", list[0]["id"]);
            self.owner.call("DELETE", &path).await.expect(204);
        }
    }

    /// Its ids in each table, in the bin or not.
    async fn ids(&self) -> BTreeMap<&'static str, Vec<i64>> {
        let inside = TestDatabase::superuser(self.place("database_name")).await;
        let mut all = BTreeMap::new();
        for (_, table) in TABLES {
            let sql = format!("SELECT id FROM {table} WHERE company_id = $1 ORDER BY id");
            let rows = inside.query(&sql, &[&self.id()]).await.unwrap();
            all.insert(table, rows.iter().map(|row| row.get(0)).collect());
        }
        all
    }

    /// All that it has, as the superuser sees it.
    pub(super) async fn everything(&self) -> String {
        let inside = TestDatabase::superuser(self.place("database_name")).await;
        let mut all = String::new();
        for table in [
            "customer",
            "lead",
            "opportunity",
            "activity",
            "sales_goal",
            "product",
            "product_change",
            "quote",
            "quote_number",
            "attachment",
            "file_content",
            "file_chunk",
            "change_set",
            "change",
            "saved_view",
            "saved_view_change",
            "pipeline",
            "pipeline_stage",
            "loss_reason",
            "custom_field",
            "setup_change",
            "team",
            "team_member",
            "team_change",
            "import_job",
            "import_row",
            "import_batch",
            "webhook",
            "webhook_delivery",
            "setting_change",
            "lead_form",
            "lead_form_entry",
            "notification",
            "notification_preference",
            "assignment_rules",
            "assignment_turn",
            "not_duplicate",
            // Not the mails: what is to be sent the program gathers by itself, whoever asks for what meanwhile.
            "mail_settings",
            "search_doc",
        ] {
            let sql = format!(
                "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t WHERE company_id = $1"
            );
            let rows: String = inside.query_one(&sql, &[&self.id()]).await.unwrap().get(0);
            all.push_str(&rows);
        }
        all
    }
}

async fn filled() -> (sindico_testkit::TestApp, Vec<House>) {
    let (app, houses) = start(&[DEDICATED, SHARED, DEDICATED, SHARED]).await;
    for (n, house) in houses.iter().enumerate() {
        // Different numbers, so that ids of one are not those of another.
        house.fill(2 + 2 * n).await;
    }
    (app, houses)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_as_if_the_other_tenant_did_not_exist() {
    let (_app, houses) = filled().await;
    let mut ids = Vec::new();
    let mut before = Vec::new();
    for house in &houses {
        ids.push(house.ids().await);
        before.push(house.everything().await);
    }
    let mut chance = Chance(3);
    let mut tried = BTreeMap::<String, usize>::new();
    let all = routes();
    for (mine, theirs) in (0..houses.len()).flat_map(|a| (0..houses.len()).map(move |b| (a, b))) {
        if mine == theirs {
            continue;
        }
        for (method, template) in all.iter().filter(|(_, path)| path.contains("{id}")) {
            let table =
                table_of(template).unwrap_or_else(|| panic!("whose ids are in {template}?"));
            let (own, others) = (&ids[mine][table], &ids[theirs][table]);
            let strange: Vec<i64> = others
                .iter()
                .copied()
                .filter(|id| !own.contains(id))
                .collect();
            // In databases of their own two tenants may have the same ids.
            if strange.is_empty() {
                continue;
            }
            // A stage that all have.
            let template = &template.replace("{stage}", "1");
            let path = |id: i64| template.replace("{id}", &id.to_string());
            let bodies = [
                json!({}),
                json!({"name": "x", "email": "x@example.com", "title": "x", "stage": "PROPOSAL",
                "source": "x", "customer": 1, "year": 2030, "month": 1, "amount": "1.00", "lead": 1}),
            ];
            let body = Some(chance.one(&bodies));
            let caller = &houses[mine].owner;
            let found = call(caller, method, &path(*chance.one(&strange)), body).await;
            let nothing = call(caller, method, &path(i64::MAX), body).await;
            assert_eq!(found, nothing, "{method} {template}");
            assert!(
                found.starts_with("404 ") || found.starts_with("400 "),
                "{method} {template}: {found}"
            );
            *tried.entry(format!("{method} {template}")).or_default() += 1;
        }
    }
    let with_ids = all.iter().filter(|(_, path)| path.contains("{id}")).count();
    assert_eq!(tried.len(), with_ids, "{tried:?}");
    for (house, before) in houses.iter().zip(before) {
        assert_eq!(house.everything().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_a_word_of_another_tenant() {
    let (_app, houses) = filled().await;
    let markers: Vec<String> = houses.iter().map(House::marker).collect();
    for (index, house) in houses.iter().enumerate() {
        let ids = house.ids().await;
        let mut told = 0;
        for (_, template) in routes().iter().filter(|(method, _)| method == "GET") {
            let paths: Vec<String> = match table_of(template) {
                Some(table) if template.contains("{id}") => {
                    let one = |id: &i64| template.replace("{id}", &id.to_string());
                    ids[table].iter().map(one).collect()
                }
                _ => vec![template.clone()],
            };
            let theirs = &markers[(index + 1) % markers.len()];
            for path in paths {
                for query in [
                    "",
                    "?limit=500",
                    // In capitals: a page shows what it was asked for.
                    &format!("?q={}", theirs.to_uppercase()),
                    &format!("?q={}", markers[index]),
                    "?since=0.0",
                ] {
                    let answer = house.owner.get(&format!("{path}{query}")).await;
                    assert!(answer.status < 500, "{path}{query}: {}", answer.text);
                    for (other, marker) in markers.iter().enumerate() {
                        let strange =
                            other != index && answer.text.contains(&format!("{marker}\""));
                        assert!(
                            !strange,
                            "{path}{query} tells of {marker}: {}",
                            print(&answer)
                        );
                    }
                    told += usize::from(answer.text.contains(&markers[index]));
                }
            }
        }
        assert!(told > 40, "only {told} answers told of the tenant's own");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_record_cant_be_referred_to() {
    let (_app, houses) = filled().await;
    let mut ids = Vec::new();
    for house in &houses {
        ids.push(house.ids().await);
    }
    for (mine, theirs) in [(0, 2), (1, 3), (0, 1), (1, 2)] {
        let strange = |table: &str| -> i64 {
            let own = &ids[mine][table];
            *ids[theirs][table]
                .iter()
                .rfind(|id| !own.contains(id))
                .unwrap()
        };
        let owner = &houses[mine].owner;
        let customer = ids[mine]["customer"][0];
        let (alien, lead, sale) = (strange("customer"), strange("lead"), strange("opportunity"));
        for (path, body, field) in [
            (
                "/api/leads/",
                json!({"source": "x", "customer": alien}),
                "customer",
            ),
            (
                "/api/opportunities/",
                json!({"customer": alien, "title": "x"}),
                "customer",
            ),
            (
                "/api/opportunities/",
                json!({"customer": customer, "title": "x", "source_lead": lead}),
                "source_lead",
            ),
            (
                "/api/activities/",
                json!({"title": "x", "lead": lead}),
                "lead",
            ),
            (
                "/api/activities/",
                json!({"title": "x", "opportunity": sale}),
                "opportunity",
            ),
        ] {
            let nobodys = body
                .to_string()
                .replace(&body[field].to_string(), &i64::MAX.to_string());
            let found = owner.post(path, body.clone()).await.expect(400);
            let nothing = owner
                .post(path, serde_json::from_str(&nobodys).unwrap())
                .await
                .expect(400);
            let id = body[field].to_string();
            let same =
                found.text.replace(&id, "N") == nothing.text.replace(&i64::MAX.to_string(), "N");
            assert!(
                same && found.json[field].is_array(),
                "{path}: {} {}",
                found.text,
                nothing.text
            );
        }
        let lead = json!({"source": "x", "email": "new@example.com", "status": "QUALIFIED"});
        let lead = owner.post("/api/leads/", lead).await.expect(201).json["id"].to_string();
        let path = format!("/api/leads/{lead}/convert/");
        let refused = owner
            .post(&path, json!({"customer": alien}))
            .await
            .expect(400);
        assert!(refused.json["customer"].is_array(), "{}", refused.text);
        // Another's card is no neighbour.
        let own = owner
            .get("/api/opportunities/?sort=id")
            .await
            .expect(200)
            .json;
        let path = format!("/api/opportunities/{}/move/", own[0]["id"]);
        owner.post(&path, json!({"after": sale})).await.expect(200);
    }
}
