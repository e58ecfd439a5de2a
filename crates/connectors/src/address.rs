//! Which addresses are on the public network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one that anybody may be reached at: not this machine, not a private
/// network, not link-local, multicast or set aside (IANA special-purpose address registries).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let set_aside = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // Shared by carriers, RFC 6598.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)); // Benchmarks, RFC 2544.
    !(set_aside
        || it.is_loopback()
        || it.is_private()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation())
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    if let Some(inner) = it.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let parts = it.segments();
    // An IPv4 address in disguise (RFC 6052, RFC 3056) leads where that one leads.
    if parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(inner_v4(parts[6], parts[7]));
    }
    if parts[0] == 0x2002 {
        return is_public_v4(inner_v4(parts[1], parts[2]));
    }
    // Only what is given out as global unicast, less documentation and the rest of 2001::/23.
    let global = (0x2000..0x4000).contains(&parts[0]);
    let documentation =
        (parts[0] == 0x2001 && parts[1] == 0xdb8) || (parts[0] == 0x3fff && parts[1] < 0x1000);
    global && !documentation && !(parts[0] == 0x2001 && parts[1] < 0x200)
}

fn inner_v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called() {
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }
}
