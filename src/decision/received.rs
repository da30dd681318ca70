//! Received fields (RFC 5321 section 4.4): the client of a gateway that is our own.

use super::message::{Envelope, Header, Message, Path};
use std::net::IpAddr;

/// What a trace field says about the client that handed the message in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The client's address.
    pub ip: IpAddr,
    /// What it said in HELO, where that can be told.
    pub helo: Option<String>,
}

/// Reads the `from` clause of a Received field in the shapes that MTAs write:
///
/// ```text
/// from helo (name [192.0.2.1]) by ...                 Postfix, Sendmail
/// from name ([192.0.2.1] helo=helo) by ...            Exim
/// from unknown (HELO helo) (192.0.2.1) by ...         qmail
/// ```
///
/// `None` where there is no address: local submission, or a shape that isn't known.
pub fn hop(header: &Header) -> Option<Hop> {
    let text = String::from_utf8_lossy(&header.value);
    let text = text.trim_start();
    let rest = text
        .split_at_checked(5)
        .filter(|(from, _)| {
            from.eq_ignore_ascii_case("from ") || from.eq_ignore_ascii_case("from\t")
        })
        .map(|(_, rest)| rest)?;
    // What stands behind `by` is the gateway itself.
    let clause = rest.split(" by ").next().unwrap_or(rest);
    let clause = clause.split("\tby ").next().unwrap_or(clause);
    let ip = clause
        .split(['(', ')', '[', ']', ' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        // The first word is the client's own idea of its name, be it an address.
        .skip(1)
        .find_map(address)
        .or_else(|| bracketed(clause))?;
    Some(Hop {
        ip: ip.to_canonical(),
        helo: helo(clause),
    })
}

/// The envelope that a delivered message had when it reached the last of the `trusted` servers, the
/// newest first: the client from that server's Received field, MAIL FROM from Return-Path (RFC 5321
/// section 4.4). What these fields don't tell stays unknown; what stands below them is the sender's
/// own word and is not looked at.
pub fn envelope(message: &Message, trusted: usize) -> Envelope {
    let field = trusted
        .checked_sub(1)
        .and_then(|above| message.headers_named("Received").nth(above));
    let hop = field.and_then(hop);
    let return_path = message.headers_named("Return-Path").next();
    Envelope {
        client_ip: hop.as_ref().map(|hop| hop.ip),
        helo: hop.and_then(|hop| hop.helo),
        mail_from: return_path.map(|path| Path::parse(&String::from_utf8_lossy(&path.value))),
        ..Envelope::default()
    }
}

fn address(word: &str) -> Option<IpAddr> {
    let word = word
        .strip_prefix("IPv6:")
        .or_else(|| word.strip_prefix("ipv6:"))
        .unwrap_or(word);
    word.parse().ok()
}

/// `from [192.0.2.1]`: where nothing but the address is told.
fn bracketed(clause: &str) -> Option<IpAddr> {
    let (_, rest) = clause.split_once('[')?;
    address(rest.split_once(']')?.0)
}

fn helo(clause: &str) -> Option<String> {
    let marked = ["helo=", "HELO ", "EHLO "]
        .iter()
        .find_map(|mark| clause.split_once(mark))
        .map(|(_, rest)| rest);
    let name = marked
        .unwrap_or(clause)
        .split(['(', ')', ' ', '\t', '\r', '\n'])
        .find(|word| !word.is_empty())?;
    (name.len() <= 255).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        let header = Header {
            name: b"Received".to_vec(),
            value: value.as_bytes().to_vec(),
        };
        hop(&header).map(|hop| (hop.ip.to_string(), hop.helo.unwrap_or_default()))
    }

    fn found(ip: &str, helo: &str) -> Option<(String, String)> {
        Some((ip.to_owned(), helo.to_owned()))
    }

    #[test]
    fn the_shapes_of_common_mtas_are_read() {
        assert_eq!(
            read(" from mx.a.example (a.example [192.0.2.1])\r\n\tby gw.example with ESMTP; x"),
            found("192.0.2.1", "mx.a.example")
        );
        assert_eq!(
            read(" from a.example ([192.0.2.1] helo=mx.a.example) by gw.example"),
            found("192.0.2.1", "mx.a.example")
        );
        assert_eq!(
            read(" from unknown (HELO mx.a.example) (192.0.2.1) by gw.example"),
            found("192.0.2.1", "mx.a.example")
        );
        assert_eq!(
            read(" from mx.a.example (unknown [IPv6:2001:db8::1]) by gw.example"),
            found("2001:db8::1", "mx.a.example")
        );
        assert_eq!(
            read(" from [192.0.2.7] (a.example [192.0.2.1]) by gw.example"),
            found("192.0.2.1", "[192.0.2.7]")
        );
    }

    #[test]
    fn a_delivered_message_tells_its_envelope() {
        let text = b"Return-Path: <x@a.example>\n\
            Received: from gw (gw [192.0.2.9]) by store.example; x\n\
            Received: from mx.a.example (a [203.0.113.5]) by gw.example; x\n\
            Received: from forged (forged [198.51.100.1]) by nowhere; x\n\nx\n";
        let message = Message::parse(text).unwrap();
        let found = envelope(&message, 2);
        assert_eq!(found.client_ip, "203.0.113.5".parse().ok());
        assert_eq!(found.helo.as_deref(), Some("mx.a.example"));
        assert_eq!(found.mail_from.unwrap().address, "x@a.example");
        assert_eq!(envelope(&message, 4).client_ip, None);
        assert_eq!(envelope(&message, 0).client_ip, None);
    }

    #[test]
    fn the_gateways_own_address_is_never_the_clients() {
        assert_eq!(read(" from localhost by gw.example (gw [192.0.2.9])"), None);
        assert_eq!(read(" by gw.example (8.14) id x; [192.0.2.9]"), None);
        assert_eq!(read(""), None);
    }
}
