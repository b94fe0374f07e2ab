//! Networks of addresses.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use crate::error::{Error, Operation, Result};

/// An IP address or network, for [`Authenticator::allow`](super::Authenticator::allow) and
/// [`deny`](super::Authenticator::deny).
///
/// ```
/// use std::net::Ipv4Addr;
/// use zmq::security::Network;
///
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains(Ipv4Addr::new(10, 1, 2, 3)));
/// assert_eq!(Network::from(Ipv4Addr::LOCALHOST), "127.0.0.1".parse()?);
///
/// let error = "10.1.2.3/16".parse::<Network>().unwrap_err();
/// assert_eq!(error.to_string(), "network 10.1.2.3/16: the address has non-zero bits after the prefix; did you mean 10.1.0.0/16?");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Creates a network of all addresses whose first `prefix` bits are the same as in `address`.
    ///
    /// A network of IPv4 addresses in IPv6 notation, such as `::ffff:10.0.0.0/104`, becomes an IPv4 network: `10.0.0.0/8`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the prefix is longer than the address (32 bits for IPv4, 128 for
    /// IPv6), or if the address has non-zero bits after the prefix.
    pub fn new(address: impl Into<IpAddr>, prefix: u8) -> Result<Network> {
        let address = address.into();
        let text = || format!("{address}/{prefix}");
        let bits = if address.is_ipv4() { 32 } else { 128 };
        if prefix > bits {
            return Err(Error::invalid(
                Operation::Network,
                text(),
                format!("the prefix must be at most {bits} bits"),
            ));
        }
        let network = Network { address: masked(address, prefix), prefix };
        if network.address != address {
            let reason = format!("the address has non-zero bits after the prefix; did you mean {network}?");
            return Err(Error::invalid(Operation::Network, text(), reason));
        }
        match (address.to_canonical(), prefix.checked_sub(MAPPED)) {
            (address @ IpAddr::V4(_), Some(prefix)) if network.address.is_ipv6() => {
                Ok(Network { address, prefix })
            }
            _ => Ok(network),
        }
    }

    /// Returns whether an address belongs to the network. An IPv4 address in IPv6 notation, such as `::ffff:10.1.2.3`, counts
    /// as an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: impl Into<IpAddr>) -> bool {
        let address = address.into().to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }
}

/// The number of bits before an IPv4 address in IPv6 notation.
const MAPPED: u8 = 96;

/// Returns the address with all bits after the first `prefix` bits set to zero.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Network {
        let address = address.to_canonical();
        Network { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl From<Ipv4Addr> for Network {
    fn from(address: Ipv4Addr) -> Network {
        IpAddr::from(address).into()
    }
}

impl From<Ipv6Addr> for Network {
    fn from(address: Ipv6Addr) -> Network {
        IpAddr::from(address).into()
    }
}

impl FromStr for Network {
    type Err = Error;

    /// Reads an address, or a network such as `192.168.0.0/16` or `fe80::/10`.
    fn from_str(text: &str) -> Result<Network> {
        let refuse = |reason: &'static str| Error::invalid(Operation::Network, text, reason);
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| refuse("not an IPv4 or IPv6 address"))?;
        match prefix {
            None => Ok(address.into()),
            // `parse` would also accept a sign.
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => Network::new(
                address,
                prefix.parse().map_err(|_| refuse("the prefix is not a number of bits"))?,
            ),
            Some(_) => Err(refuse("the prefix is not a number of bits")),
        }
    }
}

impl TryFrom<&str> for Network {
    type Error = Error;

    fn try_from(text: &str) -> Result<Network> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn prefixes_of_all_lengths() {
        assert!(contains("0.0.0.0/0", "255.1.2.3"));
        assert!(contains("10.0.0.0/8", "10.255.255.255"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0"));
        assert!(contains("10.1.2.3/32", "10.1.2.3"));
        assert!(!contains("10.1.2.3", "10.1.2.4"));
        assert!(contains("::/0", "fe80::1"));
        assert!(contains("fe80::/10", "fe80::1"));
        assert!(!contains("fe80::/10", "fec0::1"));
        assert!(!contains("::/0", "10.0.0.1"), "an IPv4 address is in no IPv6 network");
        assert!(!contains("0.0.0.0/0", "::1"));
        for prefix in 0..=32 {
            let network = Network::new(masked(Ipv4Addr::BROADCAST.into(), prefix), prefix).unwrap();
            assert!(network.contains(Ipv4Addr::BROADCAST));
            assert_eq!(network.contains(Ipv4Addr::UNSPECIFIED), prefix == 0);
        }
    }

    #[test]
    fn an_ipv4_address_in_ipv6_notation_is_ipv4() {
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("::ffff:10.1.2.3", "10.1.2.3"));
    }

    #[test]
    fn an_ipv4_network_in_ipv6_notation_is_ipv4() {
        for (text, same) in [
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3/128", "10.1.2.3/32"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap(), same.parse().unwrap());
            assert_eq!(text.parse::<Network>().unwrap().to_string(), same);
        }
        assert!(contains("::ffff:10.0.0.0/104", "10.9.9.9"));
        assert!(contains("::ffff:10.0.0.0/104", "::ffff:10.9.9.9"));
        assert!(!contains("::ffff:10.0.0.0/104", "11.0.0.0"));
        assert!("::ffff:10.0.0.1/104".parse::<Network>().is_err(), "it has non-zero bits after the prefix");
        assert!("::ffff:10.0.0.0/129".parse::<Network>().is_err());
        // More than IPv4 addresses belong to it.
        assert!(contains("::/80", "::1"));
        assert!(!contains("::/80", "10.0.0.1"));
    }

    #[test]
    fn invalid_networks_are_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0.1/8",
            "localhost",
            "*",
            "10.0.0",
            "10.0.0.0/256",
            "10.0.0.0/ 8",
            " 10.0.0.0",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text:?}");
        }
    }
}
