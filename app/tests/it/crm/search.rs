//! Search: however it is written, as far as the role may read, and only what is there.

use super::{ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, refused_on, start, tenant};
use serde_json::{Value, json};

/// Searches as the member: kind and title of what is found.
async fn search(t: &Tenant, q: &str) -> Value {
    let client = reqwest::Url::parse_with_params("http://x/api/search/", [("q", q)]).unwrap();
    let path = format!("{}?{}", client.path(), client.query().unwrap());
    t.member.get(&path).await.expect(200).json
}

fn titles(found: &Value) -> Vec<&str> {
    let results = found["results"].as_array().unwrap();
    results
        .iter()
        .map(|hit| hit["title"].as_str().unwrap())
        .collect()
}

async fn filled(t: &Tenant) -> Value {
    let ana = json!({"name": "Ana Conceição", "email": "ana@padaria.com", "phone": "(11) 98765-4321", "document": "529.982.247-25"});
    let ana = t.make(CUSTOMERS, ana).await;
    let sol = json!({"name": "Padaria São João", "email": "contato@sol.com", "document": "12ABC34501DE35", "phone": "+551133334444",
        "contacts": [{"kind": "WHATSAPP", "value": "21 99999-8888"}], "tags": ["ouro"]});
    t.make(CUSTOMERS, sol).await;
    ana
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_however_they_are_written() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        filled(t).await;
        let (ana, sol) = ("Ana Conceição", "Padaria São João");
        for (q, title) in [
            ("conceicao", ana),
            ("CONCEIÇÃO", ana),
            ("nceiç", ana),
            ("conceição ana", ana),
            ("  ana   CONC ", ana),
            ("ANA@PADARIA", ana),
            ("52998224725", ana),
            ("529.982.247-25", ana),
            ("982.247", ana),
            ("529982247-25", ana),
            ("11987654321", ana),
            ("(11) 98765-4321", ana),
            ("98765 4321", ana),
            ("+55 11 98765-4321", ana),
            ("5511987654321", ana),
            ("011 98765-4321", ana),
            ("ana (11) 98765", ana),
            ("sao joao", sol),
            ("joão padaria", sol),
            ("12.ABC.345/01DE-35", sol),
            ("12abc345", sol),
            ("1133334444", sol),
            ("(11) 3333-4444", sol),
            ("21999998888", sol),
            ("+55 21 99999-8888", sol),
            ("ouro", sol),
            ("joao ouro contato", sol),
        ] {
            let found = search(t, q).await;
            assert_eq!(titles(&found), [title], "{} {q}", t.model);
            assert_eq!(
                (&found["approximate"], &found["capped"]),
                (&json!(false), &json!(false)),
                "{q}"
            );
        }
        for q in ["padaria", "a"] {
            assert_eq!(
                search(t, q).await["results"].as_array().unwrap().len(),
                2,
                "{q}"
            );
        }
        assert_eq!(
            titles(&search(t, "padaria").await),
            [sol, ana],
            "whose name begins so comes first"
        );
        for q in ["%", "_", "\\", "a%a", "💥", "zzz"] {
            assert_eq!(search(t, q).await["results"], json!([]), "{} {q}", t.model);
        }
        for query in [
            "",
            "?q=",
            "?q=%00",
            "?q=%20",
            "?q=a&kind=sales_goal",
            "?q=a&limit=0",
            "?q=a&limit=51",
        ] {
            t.member
                .get(&format!("/api/search/{query}"))
                .await
                .expect(400);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_nowhere_is_found_by_what_is_spelled_alike() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        filled(t).await;
        for (q, title) in [
            ("Concecao", "Ana Conceição"),
            ("padria joao", "Padaria São João"),
        ] {
            let found = search(t, q).await;
            assert_eq!(found["approximate"], true, "{q}: {found}");
            assert!(titles(&found).contains(&title), "{q}: {found}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_tells_what_it_is_as_it_stands_now() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let ana = filled(t).await;
        let hit = search(t, "conceicao").await["results"][0].clone();
        assert_eq!(
            hit,
            json!({"kind": "customer", "id": ana["id"], "title": "Ana Conceição", "subtitle": "ana@padaria.com", "url": at(CUSTOMERS, &ana)})
        );
        let sale = t
            .make(
                OPPORTUNITIES,
                json!({"customer": ana["id"], "title": "Fornecimento"}),
            )
            .await;
        let lead = t
            .lead(json!({"name": "Fornecedora", "company": "Trigo"}))
            .await;
        t.make(ACTIVITIES, json!({"title": "Fornada", "lead": lead["id"]}))
            .await;
        let found = search(t, "forn").await;
        let mut names = titles(&found);
        names.sort_unstable();
        assert_eq!(names, ["Fornada", "Fornecedora", "Fornecimento"]);
        let only = t
            .member
            .get("/api/search/?q=forn&kind=lead,activity")
            .await
            .expect(200)
            .json;
        assert_eq!(titles(&only).len(), 2);
        assert_eq!(
            t.member
                .get("/api/search/?q=forn&limit=1")
                .await
                .expect(200)
                .json["results"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        // A stage is no text to search, but it is shown.
        t.owner
            .post(
                &format!("{}stage/", at(OPPORTUNITIES, &sale)),
                json!({"stage": "PROPOSAL"}),
            )
            .await
            .expect(200);
        assert_eq!(
            search(t, "fornecimento").await["results"][0]["subtitle"],
            "PROPOSAL"
        );
        t.owner
            .patch(&at(LEADS, &lead), json!({"company": "Milho"}))
            .await
            .expect(200);
        assert_eq!(
            search(t, "fornecedora").await["results"][0]["subtitle"],
            "Milho"
        );
        assert_eq!(search(t, "trigo").await["results"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_there_and_may_be_read_is_found() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let other = tenant(&app, t.model).await;
        let ana = filled(t).await;
        let lead = t.lead(json!({"name": "Conceição Lima"})).await;
        assert_eq!(search(&other, "conceicao").await["results"], json!([]));
        t.delete(CUSTOMERS, &ana).await;
        assert_eq!(titles(&search(t, "conceicao").await), ["Conceição Lima"]);
        t.owner
            .post(&format!("{}restore/", at(CUSTOMERS, &ana)), json!({}))
            .await
            .expect(200);
        assert_eq!(titles(&search(t, "conceicao").await).len(), 2);
        let roles = json!({"leads": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", roles)
            .await
            .expect(200);
        assert_eq!(titles(&search(t, "conceicao").await), ["Ana Conceição"]);
        assert_eq!(
            titles(&search(t, "limma conceissao").await)
                .iter()
                .filter(|t| **t == "Conceição Lima")
                .count(),
            0
        );
        let found = t
            .member
            .get("/api/search/?q=conceicao&kind=lead")
            .await
            .expect(200)
            .json;
        assert_eq!(found["results"], json!([]));
        let found = t.owner.get("/api/search/?q=lima").await.expect(200).json;
        assert_eq!(found["results"][0]["id"], lead["id"]);
        refused_on(
            &t.member.get("/api/search/?q=a&kind=robot").await,
            "kind",
            "kind",
        );
    }
}
