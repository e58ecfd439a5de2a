//! Who calls, where proxies stand between: the address that every limit counts by.
//!
//! Always true here:
//! - Only a proxy of the operator's is believed; a caller cannot choose its own address.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use serde::Deserialize;

/// Addresses that begin alike: `10.0.0.0/8`, or one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    first: u128,
    fixed: u32,
}

/// Not the addresses of a network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct NoNetwork(String);

/// An address of IPv4 as IPv6 has it, so that both compare.
fn whole(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(it) => it.to_ipv6_mapped().into(),
        IpAddr::V6(it) => it.into(),
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let wrong = || NoNetwork(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(it, bits)| (it, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |it| it.parse().map_err(|_| wrong()))?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { first: whole(address), fixed: 128 - most + bits })
    }
}

impl TryFrom<String> for Network {
    type Error = NoNetwork;

    fn try_from(text: String) -> Result<Self, NoNetwork> {
        text.parse()
    }
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        (self.first ^ whole(address)).leading_zeros() >= self.fixed
    }
}

/// The nearest address in the chain that is no proxy of ours.
fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let ours = |it: IpAddr| proxies.iter().any(|proxy| proxy.holds(it));
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok()).collect();
    let mut nearest = peer;
    let mut chain = lines.iter().rev().flat_map(|line| line.rsplit(','));
    while ours(nearest) {
        match chain.next().map(|it| it.trim().parse::<IpAddr>()) {
            Some(Ok(before)) => nearest = before,
            Some(Err(_)) | None => break, // What stands before it nobody of ours has seen.
        }
    }
    nearest
}

/// Puts the caller's address in the place of the proxy's.
pub(crate) fn see_through(proxies: &[Network], request: &mut Request) {
    if proxies.is_empty() {
        return;
    }
    let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() else {
        return;
    };
    let address = caller(peer.ip(), request.headers(), proxies);
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, peer.port())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_of_ours_says_who_calls() {
        let proxies: Vec<Network> =
            ["10.0.0.0/8", "127.0.0.1", "fd00::/8"].map(|it| it.parse().unwrap()).into();
        for (peer, said, expected) in [
            ("10.1.2.3", &["203.0.113.7"][..], "203.0.113.7"),
            ("198.51.100.9", &["203.0.113.7"], "198.51.100.9"), // Nobody's proxy.
            ("10.1.2.3", &["192.0.2.1, 203.0.113.7, 10.9.9.9"], "203.0.113.7"), // The first was made up.
            ("10.1.2.3", &["203.0.113.7", "127.0.0.1"], "203.0.113.7"),
            ("::ffff:10.1.2.3", &["2001:db8::7"], "2001:db8::7"),
            ("fd00::1", &["unknown, 203.0.113.7"], "203.0.113.7"),
            ("10.1.2.3", &["203.0.113.7, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["10.0.0.5"], "10.0.0.5"),
        ] {
            let mut headers = HeaderMap::new();
            for line in said {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let found = caller(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {said:?}");
        }
        for wrong in ["", "10.0.0.0/33", "proxy.internal", "10.0.0.0/", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
