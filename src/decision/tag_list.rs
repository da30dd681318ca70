//! The tag lists of DKIM's fields and records (RFC 6376 section 3.2).

/// The value of the first tag of this name, untrimmed. Most of a list is a key or a signature, which is
/// no text to look at, so that nothing but names is.
pub(crate) fn value<'l>(list: &'l [u8], name: &str) -> Option<&'l [u8]> {
    let is_it = |octets| std::str::from_utf8(octets).is_ok_and(|found| found.trim() == name);
    list.split(|octet| *octet == b';').find_map(|tag| {
        let (found, value) = tag.split_at_checked(memchr::memchr(b'=', tag)?)?;
        is_it(found).then(|| value.get(1..))?
    })
}
