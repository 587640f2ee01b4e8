//! What a name's TXT records say.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Looks up the TXT records of a name: what they say, or why nobody knows.
pub type TxtLookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, Result<Vec<String>, String>> + Send + Sync>;

/// How long a lookup may take in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one server has for one answer, so that the next gets its turn.
const TURN: Duration = Duration::from_secs(2);

/// A DNS server: an address, with its port unless that is 53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DnsServer(pub SocketAddr);

impl FromStr for DnsServer {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<IpAddr>() {
            Ok(ip) => Ok(Self((ip, 53).into())),
            Err(_) => text.parse().map(Self),
        }
    }
}

/// Asks these servers; when there are none, those that the system is set up with (`resolv.conf`).
pub fn resolver(servers: Vec<DnsServer>) -> TxtLookup {
    let servers: Arc<[DnsServer]> = servers.into();
    Arc::new(move |name| lookup(Arc::clone(&servers), name).boxed())
}

fn builder(servers: &[DnsServer]) -> Result<ResolverBuilder<TokioRuntimeProvider>, String> {
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio().map_err(|error| error.to_string())?
    } else {
        let servers = servers.iter().map(|DnsServer(address)| {
            let mut ways = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for way in &mut ways {
                way.port = address.port();
            }
            NameServerConfig::new(address.ip(), true, ways)
        });
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    builder.options_mut().timeout = TURN;
    Ok(builder)
}

async fn lookup(servers: Arc<[DnsServer]>, name: String) -> Result<Vec<String>, String> {
    // A new one each time: nothing is remembered from before the record was set.
    let resolver = builder(&servers)?.build();
    let resolver = resolver.map_err(|error| error.to_string())?;
    // With its final dot a name is whole, and no search domain is tried.
    let found = timeout(PATIENCE, resolver.txt_lookup(format!("{name}."))).await;
    match found.map_err(|_| "no answer in time".to_owned())? {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::TXT(text) => Some(text.txt_data.concat()),
                _ => None,
            })
            // A long value comes in several strings (RFC 7208, 3.3, has the custom).
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
    use hickory_resolver::proto::rr::rdata::TXT;
    use hickory_resolver::proto::rr::{Record, RecordType};
    use std::time::Instant;
    use tokio::net::UdpSocket;

    /// A server that has two records for one name, is broken for another, is silent for a third, and
    /// knows no others.
    async fn server() -> DnsServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 1_500];
            loop {
                let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
                let mut message = Message::from_vec(&buffer[..length]).unwrap();
                let query = message.queries[0].clone();
                assert_eq!(query.query_type(), RecordType::TXT);
                let name = query.name().to_string();
                if name == "_sindico.silent.example." {
                    continue;
                }
                message.metadata.message_type = MessageType::Response;
                message.metadata.response_code = match name.as_str() {
                    "_sindico.crm.example." => ResponseCode::NoError,
                    "_sindico.broken.example." => ResponseCode::ServFail,
                    _ => ResponseCode::NXDomain,
                };
                if name == "_sindico.crm.example." {
                    for said in [vec!["v=spf1 -all"], vec!["sindico-", "verify=1"]] {
                        let text = TXT::new(said.into_iter().map(str::to_owned).collect());
                        let name = query.name().clone();
                        message.add_answer(Record::from_rdata(name, 60, RData::TXT(text)));
                    }
                }
                let answer = message.to_vec().unwrap();
                socket.send_to(&answer, peer).await.unwrap();
            }
        });
        DnsServer(address)
    }

    #[tokio::test]
    async fn what_the_servers_say_and_what_they_do_not() {
        let ask = resolver(vec![server().await]);
        let ask = async |host: &str| ask(format!("_sindico.{host}")).await;
        let mut found = ask("crm.example").await.unwrap();
        found.sort();
        assert_eq!(found, ["sindico-verify=1", "v=spf1 -all"]);
        assert_eq!(ask("nobody.example").await, Ok(Vec::new()));
        assert!(ask("broken.example").await.is_err());
        let asked = Instant::now();
        assert!(ask("silent.example").await.is_err());
        assert!(asked.elapsed() < PATIENCE + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_server_that_is_silent_does_not_stop_the_next() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let silent = (DnsServer(silent.local_addr().unwrap()), silent);
        let ask = resolver(vec![silent.0, server().await]);
        assert_eq!(
            ask("_sindico.crm.example".to_owned()).await.unwrap().len(),
            2
        );
    }

    #[test]
    fn a_server_is_an_address_perhaps_with_a_port() {
        let read = |text: &str| text.parse::<DnsServer>().ok().map(|server| server.0);
        for (text, address) in [
            ("9.9.9.9", "9.9.9.9:53"),
            ("127.0.0.1:5353", "127.0.0.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
        ] {
            assert_eq!(read(text), Some(address.parse().unwrap()), "{text}");
        }
        for text in ["", "dns.example", "1.2.3", "1.2.3.4:", "1.2.3.4:99999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
