//! Takes what `ui/` was built into (`ui/dist`) into the program: each file with its content's hash in its
//! address, and compressed ahead of time.
#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script everything by its environment"
)]

use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = root.join("../../ui/dist");
    let manifest = dist.join("manifest.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let listed = match fs::read(&manifest) {
        Ok(bytes) => serde_json::from_slice(&bytes).expect("ui/dist/manifest.json is JSON"),
        Err(_) => missing(),
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("assets.rs");
    fs::write(out, table(&dist, &listed)).expect("the target folder can be written");
}

/// Pages without their style and scripts are no release; a check of the code needs neither.
fn missing() -> Value {
    let how = "the pages' style and scripts are not built: run ./demo or ./test, or `npm ci && npm run build` in ui/";
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::error={how}");
    } else {
        println!("cargo::warning={how}");
    }
    Value::Object(serde_json::Map::new())
}

fn table(dist: &Path, listed: &Value) -> String {
    let files = listed.as_object().expect("the manifest is an object");
    let mut text = String::from("pub(super) const ASSETS: &[Asset] = &[\n");
    for (name, about) in files {
        let word = |key: &str| about[key].as_str().unwrap_or_default();
        let (hash, kind) = (word("hash"), word("type"));
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let path = |ending: &str| dist.join(format!("{name}{ending}")).display().to_string();
        writeln!(
            text,
            "Asset {{ name: {name:?}, url: \"/assets/{stem}.{hash}.{ending}\", kind: {kind:?}, \
             plain: include_bytes!({:?}), br: include_bytes!({:?}), gz: include_bytes!({:?}) }},",
            path(""),
            path(".br"),
            path(".gz"),
        )
        .expect("a string can be written");
    }
    text.push_str("];\n");
    text
}
