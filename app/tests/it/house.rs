//! The house rules that a machine can check: walls between the crates, small files, and pages that
//! name only what is there.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where to ask what a file's second job is.
const LONGEST_FILE: usize = 500;

/// Pages whose paths must exist.
const PAGES: [&str; 3] = ["README.md", "CONTRIBUTING.md", "docs"];

pub(crate) fn root() -> PathBuf {
    let app = Path::new(env!("CARGO_MANIFEST_DIR"));
    app.parent().expect("app lies in the root").to_owned()
}

/// The files under a path, with this ending; build output and hidden folders left out.
pub(crate) fn files(at: &Path, ending: &str) -> Vec<PathBuf> {
    if at.is_file() {
        let fits = at.extension().is_some_and(|e| e == ending);
        return if fits { vec![at.to_owned()] } else { vec![] };
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(at).unwrap_or_else(|e| panic!("{}: {e}", at.display())) {
        let path = entry.expect("a folder that can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        }
    }
    found.sort();
    found
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Rust file of ours.
pub(crate) fn sources() -> Vec<PathBuf> {
    let root = root();
    let all: Vec<_> = ["app", "crates"]
        .iter()
        .flat_map(|part| files(&root.join(part), "rs"))
        .collect();
    assert!(all.len() > 50, "only {} sources were found", all.len());
    all
}

// ---- pages ----

/// The places that a page names: targets of its links, and words in backquotes that look like a
/// path of this repository. What stands in a fenced block is a program's, not the page's.
fn named_paths(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                found.push(target.to_owned());
            }
        }
        found.extend(line.split('`').skip(1).step_by(2).filter_map(path_of));
    }
    found
}

/// `crates/store/src/migrate.rs` of `crates/store/src/migrate.rs::control`; nothing for what is no
/// path from the root.
fn path_of(word: &str) -> Option<String> {
    const TOPS: [&str; 6] = [
        "app/",
        "crates/",
        "docs/",
        "migrations/",
        "scripts/",
        ".config/",
    ];
    let word = word.split("::").next().unwrap_or_default();
    let pattern = word.contains(|c: char| "<>{}* ".contains(c));
    (!pattern && TOPS.iter().any(|top| word.starts_with(top))).then(|| format!("/{word}"))
}

#[test]
fn pages_name_only_what_is_there() {
    let root = root();
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for page in PAGES.iter().flat_map(|part| files(&root.join(part), "md")) {
        for name in named_paths(&read(&page)) {
            seen += 1;
            let path = match name.strip_prefix('/') {
                Some(from_root) => root.join(from_root),
                None => page.parent().expect("a page lies somewhere").join(&name),
            };
            if !path.exists() {
                missing.insert(format!(
                    "{}: {name}",
                    page.strip_prefix(&root).unwrap().display()
                ));
            }
        }
    }
    assert!(seen > 100, "only {seen} paths were found in the pages");
    let missing = Vec::from_iter(missing).join("\n");
    assert!(missing.is_empty(), "not there:\n{missing}");
}

#[test]
fn paths_in_pages_are_found() {
    let page = "[a](docs/x.md#part) [b](https://example.org) `app/src/main.rs` `crates/*/src`\n\
                ```\n[c](gone.md) `app/gone.rs`\n```\n`crates/a/b.rs::tests` `x/y`";
    assert_eq!(
        named_paths(page),
        ["docs/x.md", "/app/src/main.rs", "/crates/a/b.rs"]
    );
}

/// The table of rules: each names a file that holds it and a file that tests it.
#[test]
fn every_rule_has_a_file_and_a_test() {
    let page = read(&root().join("docs/RULES.md"));
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split(" | ").collect::<Vec<_>>())
        .filter(|cells| cells[0].trim() != "rule")
        .collect();
    assert!(rows.len() > 60, "only {} rules were found", rows.len());
    for cells in rows {
        assert_eq!(cells.len(), 3, "three cells: {cells:?}");
        for cell in &cells[1..] {
            let paths: Vec<_> = cell
                .split('`')
                .skip(1)
                .step_by(2)
                .filter_map(path_of)
                .collect();
            assert!(
                !paths.is_empty(),
                "{:?} names no file in {cell:?}",
                cells[0]
            );
        }
    }
}

/// A test that `docs/RULES.md` names as `file.rs::name` is in that file.
#[test]
fn the_tests_that_rules_name_are_there() {
    let root = root();
    let page = read(&root.join("docs/RULES.md"));
    let mut missing = Vec::new();
    for word in page.split('`').skip(1).step_by(2) {
        if let Some((file, name)) = word.split_once(".rs::") {
            let text = fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_default();
            if !text.contains(&format!("fn {name}(")) {
                missing.push(word.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

// ---- walls ----

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned(), "--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// What a crate is built from, without what only its tests need.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

/// Our crates, each with those of ours that it may be built from.
const DIRECTION: [(&str, &[&str]); 13] = [
    ("sindico-domain", &[]),
    ("sindico-embedded", &[]),
    ("sindico-db", &["sindico-domain"]),
    // It can name neither a pool nor the control database.
    ("sindico-crm", &["sindico-db", "sindico-domain"]),
    ("sindico-secrets", &[]),
    // It could call for anybody.
    ("sindico-outbound", &[]),
    // It could read anybody's spreadsheets.
    ("sindico-sheet", &[]),
    (
        "sindico-store",
        &["sindico-db", "sindico-domain", "sindico-secrets"],
    ),
    (
        "sindico-provisioning",
        &["sindico-domain", "sindico-secrets", "sindico-store"],
    ),
    (
        "sindico-web",
        &[
            "sindico-crm",
            "sindico-db",
            "sindico-domain",
            "sindico-outbound",
            "sindico-store",
            "sindico-provisioning",
            "sindico-sheet",
        ],
    ),
    (
        "sindico",
        &[
            "sindico-crm",
            "sindico-domain",
            "sindico-embedded",
            "sindico-outbound",
            "sindico-secrets",
            "sindico-store",
            "sindico-provisioning",
            "sindico-web",
        ],
    ),
    (
        "sindico-bench",
        &[
            "sindico-crm",
            "sindico-domain",
            "sindico-embedded",
            "sindico-store",
        ],
    ),
    (
        "sindico-testkit",
        &[
            "sindico-domain",
            "sindico-embedded",
            "sindico-outbound",
            "sindico-secrets",
            "sindico-store",
            "sindico-provisioning",
            "sindico-web",
        ],
    ),
];

/// Crates from outside that only some of ours may name.
const ONLY_IN: [(&str, &[&str]); 9] = [
    (
        "tokio-postgres",
        &["sindico-db", "sindico-store", "sindico-testkit"],
    ),
    ("deadpool-postgres", &["sindico-db", "sindico-store"]),
    (
        "rustls",
        &["sindico-outbound", "sindico-secrets", "sindico-store"],
    ),
    ("tokio-postgres-rustls", &["sindico-store"]),
    ("axum", &["sindico-web"]),
    ("hyper", &["sindico-outbound", "sindico-web"]),
    ("reqwest", &["sindico-secrets", "sindico-testkit"]),
    ("clap", &["sindico", "sindico-bench"]),
    ("argon2", &["sindico-store"]),
];

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let allowed = BTreeMap::from(DIRECTION);
    let packages = metadata.workspace_packages();
    assert_eq!(
        packages.len(),
        allowed.len(),
        "a crate is missing in DIRECTION"
    );
    for package in packages {
        let name = package.name.as_str();
        let allowed = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in DIRECTION"));
        for dependency in dependencies(package) {
            assert!(
                !dependency.starts_with("sindico") || allowed.contains(&dependency),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn outside_crates_stay_where_they_belong() {
    let metadata = metadata();
    for (outside, allowed) in ONLY_IN {
        let users: Vec<&str> = metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| dependencies(package).contains(outside))
            .map(|package| package.name.as_str())
            .collect();
        assert!(
            !users.is_empty(),
            "nobody uses {outside}: is the rule out of date?"
        );
        for user in users {
            assert!(
                allowed.contains(&user),
                "{user} must not depend on {outside}"
            );
        }
    }
}

#[test]
fn the_domain_is_pure() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let domain = packages
        .iter()
        .find(|package| package.name.as_str() == "sindico-domain")
        .expect("the domain is a crate");
    for dependency in dependencies(domain) {
        let impure = [
            "tokio",
            "axum",
            "postgres",
            "deadpool",
            "hyper",
            "tracing",
            "getrandom",
        ];
        assert!(
            !impure.iter().any(|word| dependency.contains(word)),
            "the domain must not depend on {dependency}"
        );
    }
}

/// Tests may look at a database from the side; the program's own code goes through the store.
#[test]
fn only_the_store_names_the_driver() {
    let root = root();
    let driver = ["tokio", "postgres"].join("_");
    let mut users = BTreeSet::new();
    for path in sources() {
        let path = path.strip_prefix(&root).unwrap();
        let part = path.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>();
        let tests = part.contains(&"tests".into()) || part[1] == "testkit";
        if !tests && read(&root.join(path)).contains(&driver) {
            users.insert(part[..3].join("/"));
        }
    }
    let allowed = ["crates/db/src", "crates/store/src"].map(str::to_owned);
    assert_eq!(users, BTreeSet::from(allowed));
}

// ---- files ----

#[test]
fn files_stay_small() {
    let root = root();
    let long: Vec<String> = sources()
        .iter()
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| {
            format!(
                "{} has {lines}",
                path.strip_prefix(&root).unwrap().display()
            )
        })
        .collect();
    assert!(
        long.is_empty(),
        "more than {LONGEST_FILE} lines:\n{}",
        long.join("\n")
    );
}
