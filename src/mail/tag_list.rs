//! The tag lists of DKIM's and ARC's fields and records (RFC 6376 section 3.2).

/// The value of the first tag of this name, untrimmed. Most of a list is a key or a signature, which is
/// no text to look at, so that nothing but names is.
pub(crate) fn value<'l>(list: &'l [u8], name: &str) -> Option<&'l [u8]> {
    let is_it = |octets| std::str::from_utf8(octets).is_ok_and(|found| found.trim() == name);
    list.split(|octet| *octet == b';').find_map(|tag| {
        let (found, value) = tag.split_at_checked(memchr::memchr(b'=', tag)?)?;
        is_it(found).then(|| value.get(1..))?
    })
}

/// Every tag of a list that keeps to the grammar, in order, names and values without the blanks and folds
/// around them; `None` where the list doesn't, or where a name stands twice.
///
/// Values may hold U-labels (RFC 8616 section 4).
pub(crate) fn read(list: &[u8]) -> Option<Vec<(&str, &str)>> {
    let list = std::str::from_utf8(list).ok()?;
    if !is_folded_well(list) {
        return None;
    }
    // One semicolon may end the list.
    let last = list.trim_end_matches(BLANKS);
    let list = last.strip_suffix(';').unwrap_or(list);
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for tag in list.split(';') {
        let (name, value) = tag.split_once('=')?;
        let (name, value) = (name.trim_matches(BLANKS), value.trim_matches(BLANKS));
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || tags.iter().any(|(known, _)| *known == name) {
            return None;
        }
        tags.push((name, value));
    }
    Some(tags)
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Whether a CR or LF stands only where a line is folded, and no other control character anywhere.
fn is_folded_well(list: &str) -> bool {
    let unfolded = list.split("\r\n").enumerate();
    let mut lines = unfolded.map(|(index, line)| index == 0 || line.starts_with([' ', '\t']));
    lines.all(|is_folded| is_folded)
        && !list
            .replace("\r\n", "")
            .contains(|character: char| character.is_control() && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_by_its_grammar() {
        assert_eq!(
            read(b" i=1; a = rsa-sha256;\r\n\tb=ab\r\n cd ; x_1="),
            Some(vec![
                ("i", "1"),
                ("a", "rsa-sha256"),
                ("b", "ab\r\n cd"),
                ("x_1", "")
            ])
        );
        assert_eq!(read(b"i=1;"), Some(vec![("i", "1")]));
        assert_eq!(read(b"i=1 ; "), Some(vec![("i", "1")]));
        assert_eq!(read(b"i=1=2"), Some(vec![("i", "1=2")]));
        // Names are compared with their case (RFC 6376 section 3.2).
        assert_eq!(read(b"i=1; I=2"), Some(vec![("i", "1"), ("I", "2")]));
        assert_eq!(
            read("d=bücher.example".as_bytes()),
            Some(vec![("d", "bücher.example")])
        );
        for broken in [
            &b""[..],
            b";",
            b"i=1;;a=2",
            b"i=1; ;",
            b"i=1; i=2",
            b"i=1; a",
            b"1i=1",
            b"i-j=1",
            b"i =1; i= 2",
            b"=1",
            b"i=1\ra",
            b"i=1\na=2",
            b"i=1\r\na=2",
            b"i=1\r\n",
            b"i=a\0b",
            b"i=\xff",
        ] {
            assert_eq!(read(broken), None, "{}", broken.escape_ascii());
        }
    }

    #[test]
    fn the_value_of_a_tag_is_found_by_its_name() {
        for (list, expected) in [
            (&b"d=x"[..], Some("x")),
            (b"a=1; d=x ;b=2", Some("x ")),
            (b"a=1; d = x", Some(" x")),
            (b"a=1; d=", Some("")),
            (b"d=x; d=y", Some("x")),
            (b"d=x=y", Some("x=y")),
            (b"D=x", None),
            (b"dd=x", None),
            (b"d", None),
            (b"", None),
            (b"\xff=1;d=x", Some("x")),
        ] {
            let found = value(list, "d").map(|value| std::str::from_utf8(value).unwrap());
            assert_eq!(found, expected, "{}", list.escape_ascii());
        }
    }
}
