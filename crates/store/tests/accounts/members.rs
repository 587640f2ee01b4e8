//! Members of a tenant: seats, owners, versions, the audit.

use crate::support::{Db, assert_refused, browser, refusal, shell};
use futures_util::future::join_all;
use sindico_domain::Refusal;
use sindico_domain::access::member::{Member, MemberChanges, NewMember};
use sindico_domain::access::{Actor, Role, User};
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_store::Result;
use sindico_store::control::members::{self, Added};
use sindico_store::control::users;

const ROLES: [Role; 3] = [Role::Member, Role::Manager, Role::Owner];

impl Db {
    async fn add(&self, company: i64, name: &str, role: Role) -> Result<Added> {
        self.add_as(&shell(), company, name, Some(role), true).await
    }

    async fn add_as(
        &self,
        actor: &Actor,
        company: i64,
        name: &str,
        role: Option<Role>,
        is_active: bool,
    ) -> Result<Added> {
        let new = NewMember {
            username: name.to_owned(),
            role,
            is_active,
        };
        let once = members::add(&self.store, actor, company, &new, None).await?;
        Ok(once.value)
    }

    async fn change(
        &self,
        actor: &Actor,
        company: i64,
        member: &Member,
        role: Option<Role>,
        is_active: Option<bool>,
    ) -> Result<Option<Member>> {
        let changes = MemberChanges { role, is_active };
        let none = Precondition::None;
        members::change(&self.store, actor, company, member.id, changes, &none).await
    }

    async fn remove(&self, actor: &Actor, company: i64, member: &Member) -> Result<Option<Member>> {
        members::remove(&self.store, actor, company, member.id, &Precondition::None).await
    }

    /// How many can act as owners.
    async fn owners(&self, company: i64) -> i64 {
        self.count(&format!(
            "SELECT count(*) FROM company_membership m JOIN app_user u ON u.id = m.user_id
            WHERE m.company_id = {company} AND m.is_active AND m.role = 'OWNER' AND u.is_active"
        ))
        .await
    }
}

#[tokio::test]
async fn a_member_is_added_and_changed() {
    let db = Db::new("members").await;
    let ana = db.user("ana").await;
    db.user("bia").await;
    let acme = db.company("acme", "Acme", 3).await;
    let zeta = db.company("zeta", "Ágil", 3).await;
    let shut = db.company("shut", "Shut", 3).await;

    let added = db.add(acme, "Ana", Role::Owner).await.unwrap();
    assert!(added.created);
    let member = added.member;
    assert_eq!(
        (member.user_id, member.username.as_str(), member.role),
        (ana.id, "ana", Role::Owner)
    );
    // What changes nothing is not recorded, nor a new version.
    let again = db.add(acme, "ana", Role::Owner).await.unwrap();
    assert_eq!((again.created, &again.member), (false, &member));
    let bia = db.add(acme, "bia", Role::Owner).await.unwrap().member;
    let changed = db.add(acme, "ana", Role::Member).await.unwrap();
    assert_eq!(
        (changed.created, changed.member.role),
        (false, Role::Member)
    );
    assert!(changed.member.version() > member.version());
    // A role that is not told is kept; for somebody new it is MEMBER.
    let kept = db.add_as(&shell(), acme, "bia", None, true).await.unwrap();
    assert_eq!(kept.member.role, Role::Owner);
    db.user("caio").await;
    let caio = db.add_as(&shell(), acme, "caio", None, true).await.unwrap();
    assert_eq!(caio.member.role, Role::Member);
    db.remove(&shell(), acme, &caio.member).await.unwrap();
    db.remove(&shell(), acme, &caio.member).await.unwrap();
    let back = db.add(acme, "caio", Role::Manager).await.unwrap();
    assert!(!back.created && back.member.is_active && back.member.id == caio.member.id);
    let demoted = db
        .change(&shell(), acme, &back.member, Some(Role::Member), None)
        .await;
    assert_eq!(demoted.unwrap().unwrap().role, Role::Member);

    let recorded: Vec<String> = db
        .audited()
        .await
        .into_iter()
        .filter(|action| action.starts_with("member."))
        .collect();
    assert_eq!(
        recorded,
        [
            "member.add",
            "member.add",
            "member.change",
            "member.add",
            "member.remove",
            "member.add",
            "member.change"
        ]
    );
    let told = "SELECT count(*) FROM audit_event WHERE action = 'member.change'
        AND subject = 'member ana of acme' AND before->>'role' = 'OWNER' AND after->>'role' = 'MEMBER'";
    assert_eq!(db.count(told).await, 1);

    let names = |page: sindico_domain::page::Page<Member>| {
        let names = page.items.into_iter().map(|member| member.username);
        names.collect::<Vec<_>>()
    };
    let page = PageRequest::default();
    let all = members::list(&db.store, acme, &page).await.unwrap();
    assert_eq!(names(all), ["ana", "bia", "caio"]);
    // Another company's id names nobody.
    assert_eq!(db.remove(&shell(), zeta, &bia).await.unwrap(), None);
    let moved = db
        .change(&shell(), zeta, &bia, Some(Role::Member), None)
        .await;
    assert_eq!(moved.unwrap(), None);

    db.add(zeta, "ana", Role::Manager).await.unwrap();
    db.add(shut, "ana", Role::Owner).await.unwrap();
    db.run("UPDATE company SET is_active = false WHERE tenant_code = 'shut'")
        .await;
    let places = users::memberships(&db.store, ana.id).await.unwrap();
    let names: Vec<_> = places
        .iter()
        .map(|m| (m.company_name.as_str(), m.role))
        .collect();
    // By name, as people sort.
    assert_eq!(names, [("Acme", Role::Member), ("Ágil", Role::Manager)]);
    db.run("UPDATE company_membership SET is_active = false")
        .await;
    assert_eq!(users::memberships(&db.store, ana.id).await.unwrap(), []);
}

#[tokio::test]
async fn unknown_companies_and_users_are_refused() {
    let db = Db::new("unknown").await;
    db.user("ana").await;
    let acme = db.company("acme", "Acme", 3).await;
    let nowhere = db.add(acme + 1, "ana", Role::Member).await;
    assert_eq!(refusal(nowhere), Refusal::NotFound);
    assert_refused(db.add(acme, "nobody", Role::Member).await, "username");
    db.run("UPDATE app_user SET is_active = false").await;
    assert_refused(db.add(acme, "ana", Role::Member).await, "username");
    for odd in ["a\0b", "", "a b"] {
        let found = members::find_by_username(&db.store, acme, odd).await;
        assert_eq!(found.unwrap(), None);
    }
}

#[tokio::test]
async fn nobody_gets_a_seat_too_many() {
    let db = Db::new("seats").await;
    for i in 0..20 {
        db.user(&format!("user{i}")).await;
    }
    let acme = db.company("acme", "Acme", 3).await;
    let all = (0..20).map(|i| {
        let db = &db;
        async move { db.add(acme, &format!("user{i}"), Role::Member).await }
    });
    let mut seated = Vec::new();
    for outcome in join_all(all).await {
        match outcome {
            Ok(added) => seated.push(added.member),
            refused => assert_refused(refused, "non_field_errors"),
        }
    }
    assert_eq!(seated.len(), 3);

    // Whoever has a seat may change in it; whoever left needs one again.
    let one = &seated[0];
    let name = one.username.as_str();
    db.add(acme, name, Role::Owner).await.unwrap();
    db.add(acme, &seated[1].username, Role::Owner)
        .await
        .unwrap();
    db.remove(&shell(), acme, one).await.unwrap().unwrap();
    db.run("UPDATE tenant_contract SET seats = 2").await;
    assert_refused(db.add(acme, name, Role::Owner).await, "non_field_errors");
    let back = db.change(&shell(), acme, one, None, Some(true)).await;
    assert_refused(back, "non_field_errors");
    // Nobody who takes no seat is in the way.
    db.add_as(&shell(), acme, "user19", None, false)
        .await
        .unwrap();
    db.change(&shell(), acme, one, Some(Role::Member), None)
        .await
        .unwrap();
    db.run("UPDATE tenant_contract SET seats = 3").await;
    db.add(acme, name, Role::Owner).await.unwrap();
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let db = Db::new("owners").await;
    db.user("ana").await;
    db.user("bia").await;
    let acme = db.company("acme", "Acme", 3).await;
    let ana = db.add(acme, "ana", Role::Owner).await.unwrap().member;
    let every_way_out = async || {
        assert_refused(db.add(acme, "ana", Role::Manager).await, "role");
        let out = db.add_as(&shell(), acme, "ana", None, false).await;
        assert_refused(out, "is_active");
        let (role, inactive) = (Some(Role::Member), Some(false));
        let out = db.change(&shell(), acme, &ana, role, inactive).await;
        assert_refused(out, "role");
        let out = db.remove(&shell(), acme, &ana).await;
        assert!(matches!(refusal(out), Refusal::Invalid(_)));
    };
    every_way_out().await;
    let bia = db.add(acme, "bia", Role::Owner).await.unwrap().member;
    // An owner who can't sign in doesn't count.
    db.run("UPDATE app_user SET is_active = false WHERE username = 'bia'")
        .await;
    every_way_out().await;
    // Nor is one the last who can act: they can go, and come back as somebody else.
    let demoted = db
        .change(&shell(), acme, &bia, Some(Role::Member), None)
        .await;
    demoted.unwrap().unwrap();
    db.run("UPDATE app_user SET is_active = true").await;
    every_way_out().await;
    db.add(acme, "bia", Role::Owner).await.unwrap();

    // Of two who leave at the same time, one stays.
    let (ana, bia) = tokio::join!(
        db.add(acme, "ana", Role::Member),
        db.add(acme, "bia", Role::Member)
    );
    match (ana, bia) {
        (Ok(_), refused) | (refused, Ok(_)) => assert_refused(refused, "role"),
        neither => panic!("{neither:?}"),
    }
    assert_eq!(db.owners(acme).await, 1);
}

#[tokio::test]
async fn an_owner_keeps_their_own_place() {
    let db = Db::new("own_place").await;
    let ana = db.user("ana").await;
    db.user("bia").await;
    let acme = db.company("acme", "Acme", 3).await;
    let place = db.add(acme, "ana", Role::Owner).await.unwrap().member;
    // Not even when there is another.
    db.add(acme, "bia", Role::Owner).await.unwrap();
    let me = browser(&ana);
    for role in [Role::Member, Role::Manager] {
        let down = db.add_as(&me, acme, "ana", Some(role), true).await;
        assert_refused(down, "role");
        let down = db.change(&me, acme, &place, Some(role), None).await;
        assert_refused(down, "role");
    }
    let out = db.change(&me, acme, &place, None, Some(false)).await;
    assert_refused(out, "is_active");
    let out = db.add_as(&me, acme, "ana", None, false).await;
    assert_refused(out, "is_active");
    assert!(matches!(
        refusal(db.remove(&me, acme, &place).await),
        Refusal::Invalid(_)
    ));
    assert_eq!(db.owners(acme).await, 2);
}

#[tokio::test]
async fn owners_who_demote_each_other_leave_one() {
    let db = &Db::new("each_other").await;
    let mut owners: Vec<(User, Member)> = Vec::new();
    let acme = db.company("acme", "Acme", 9).await;
    for i in 0..4 {
        let user = db.user(&format!("owner{i}")).await;
        let added = db.add(acme, &user.username, Role::Owner).await.unwrap();
        owners.push((user, added.member));
    }
    for _round in 0..5 {
        // Everybody takes everybody else's ownership, in every way, at once.
        let calls = owners.iter().flat_map(|(user, _)| {
            owners
                .iter()
                .enumerate()
                .map(move |(way, (other, member))| {
                    let me = browser(user);
                    async move {
                        if other.id == user.id {
                            return None;
                        }
                        Some(match way % 3 {
                            0 => db.change(&me, acme, member, Some(Role::Member), None).await,
                            1 => db.remove(&me, acme, member).await,
                            _ => db
                                .add_as(&me, acme, &other.username, Some(Role::Manager), true)
                                .await
                                .map(|added| Some(added.member)),
                        })
                    }
                })
        });
        let mut done = 0;
        for outcome in join_all(calls).await.into_iter().flatten() {
            match outcome {
                // Some were done already.
                Ok(Some(_)) => done += 1,
                // Whoever has lost the ownership while waiting is told so.
                refused => assert!(matches!(refusal(refused), Refusal::Forbidden(_))),
            }
        }
        assert!(done >= 3, "{done}");
        assert_eq!(db.owners(acme).await, 1);
        for (user, _) in &owners {
            db.add(acme, &user.username, Role::Owner).await.unwrap();
        }
    }
}

#[tokio::test]
async fn only_an_owner_or_a_superuser_writes() {
    let db = Db::new("authority").await;
    let acme = db.company("acme", "Acme", 9).await;
    let zeta = db.company("zeta", "Zeta", 9).await;
    for name in ["ana", "bia", "root"] {
        db.user(name).await;
    }
    let user = async |name: &str| {
        users::find_by_username(&db.store, name)
            .await
            .unwrap()
            .unwrap()
    };
    db.run("UPDATE app_user SET is_superuser = true WHERE username = 'root'")
        .await;
    let (ana, root) = (user("ana").await, user("root").await);
    db.add(acme, "ana", Role::Owner).await.unwrap();
    // An owner somewhere else is nobody here.
    let out = db.add_as(&browser(&ana), zeta, "bia", None, true).await;
    assert!(matches!(refusal(out), Refusal::Forbidden(_)));
    db.add_as(&browser(&root), zeta, "bia", None, true)
        .await
        .unwrap();
    db.run("UPDATE app_user SET is_active = false WHERE username = 'root'")
        .await;
    let out = db.add_as(&browser(&root), zeta, "ana", None, true).await;
    assert!(matches!(refusal(out), Refusal::Forbidden(_)));
    for role in [Role::Member, Role::Manager] {
        db.add(zeta, "ana", role).await.unwrap();
        let out = db
            .add_as(&browser(&ana), zeta, "bia", Some(Role::Owner), true)
            .await;
        assert!(matches!(refusal(out), Refusal::Forbidden(_)));
    }
}

#[tokio::test]
async fn a_list_goes_on_where_it_stopped() {
    let db = Db::new("member_list").await;
    let acme = db.company("acme", "Acme", 50).await;
    let mut names = Vec::new();
    for (i, name) in ["Álvaro", "bia", "Zeca", "ana", "caio.2", "caio", "Émile"]
        .into_iter()
        .enumerate()
    {
        db.user(name).await;
        db.add(acme, name, ROLES[i % 3]).await.unwrap();
        names.push(name);
    }
    let mut page = PageRequest {
        limit: 2,
        after: None,
        count: true,
    };
    let mut seen = Vec::new();
    loop {
        let part = members::list(&db.store, acme, &page).await.unwrap();
        assert_eq!(part.total, Some(7));
        seen.extend(part.items.into_iter().map(|member| member.username));
        match part.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    // As people sort: neither accents nor letter case come first.
    let sorted = ["Álvaro", "ana", "bia", "caio", "caio.2", "Émile", "Zeca"];
    assert_eq!(seen, sorted);
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let db = Db::new("member_versions").await;
    db.user("ana").await;
    let acme = db.company("acme", "Acme", 3).await;
    let member = db.add(acme, "ana", Role::Member).await.unwrap().member;
    let read = Precondition::OneOf(vec![member.version()]);
    let changes = |role| MemberChanges {
        role: Some(role),
        is_active: None,
    };
    let change = async |role| {
        members::change(&db.store, &shell(), acme, member.id, changes(role), &read).await
    };
    let (one, two) = tokio::join!(change(Role::Manager), change(Role::Owner));
    match (one, two) {
        (Ok(Some(_)), stale) | (stale, Ok(Some(_))) => {
            assert_eq!(refusal(stale), Refusal::PreconditionFailed);
        }
        neither => panic!("{neither:?}"),
    }
    let removed = members::remove(&db.store, &shell(), acme, member.id, &read).await;
    assert_eq!(refusal(removed), Refusal::PreconditionFailed);
}
