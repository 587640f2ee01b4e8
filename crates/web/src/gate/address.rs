//! Where a request came from, when proxies stand between.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// The proxies whose word is believed (`SINDICO_TRUSTED_PROXIES`).
#[derive(Debug, Clone, Default)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0
            .iter()
            .any(|net| net.contains(&address.to_canonical()))
    }

    /// The client's address: the last one in `X-Forwarded-For` that isn't a proxy of ours, read
    /// from the right, since the left end is whatever the client wrote.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        while self.trust(client) {
            match hops.pop().map(str::parse::<IpAddr>) {
                Some(Ok(hop)) => client = hop.to_canonical(),
                _ => break,
            }
        }
        client
    }

    /// Whether the client spoke TLS with the outermost proxy of ours.
    pub fn secure(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        self.trust(peer.to_canonical())
            && headers
                .get("x-forwarded-proto")
                .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_proxies_are_believed() {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "6.6.6.6, 203.0.113.9, 10.1.1.1".parse().unwrap(),
        );
        let client = |peer: &str| proxies.client(peer.parse().unwrap(), &headers).to_string();
        assert_eq!(client("10.0.0.1"), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1"), "203.0.113.9");
        assert_eq!(client("198.51.100.7"), "198.51.100.7");
    }
}
