//! Where the assets are served. (A stand-in until the real one is merged: it knows no hashes.)

/// The URL of an asset by its name in `ui/dist`.
pub fn url(name: &str) -> &'static str {
    match name {
        "app.css" => "/assets/app.css",
        "app.js" => "/assets/app.js",
        "sign-in.js" => "/assets/sign-in.js",
        "icons.svg" => "/assets/icons.svg",
        "favicon.svg" => "/assets/favicon.svg",
        _ => "/assets/",
    }
}
