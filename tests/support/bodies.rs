//! Files of many messages that differ in their bodies: `tests/corpus/content-*.bodies`.

/// One message and what it must come to.
pub struct Body {
    /// Verdict and reasons, as they stand behind the name of the section.
    pub expected: String,
    pub why: String,
    pub message: String,
}

/// The messages of a file, with the configuration that stands before each.
pub fn read(text: &str) -> Vec<(String, Body)> {
    let mut bodies = Vec::new();
    let (mut config, mut head) = (String::new(), String::new());
    let section = |line: &str| {
        ["[config]", "[head]", "[each] ", "[case] "]
            .iter()
            .any(|name| line.starts_with(name))
    };
    let mut lines = text.lines().skip_while(|line| !section(line)).peekable();
    while let Some(line) = lines.next() {
        let mut inner = Vec::new();
        while let Some(line) = lines.next_if(|line| !section(line)) {
            inner.push(line);
        }
        while inner.last().is_some_and(|line| line.is_empty()) {
            inner.pop();
        }
        let (name, expected) = line.split_once("] ").unwrap_or((line, ""));
        if name == "[config]" {
            config = inner.join("\n");
            continue;
        }
        if name == "[head]" {
            head = inner.join("\n");
            continue;
        }
        let why = inner
            .first()
            .and_then(|why| why.strip_prefix("# "))
            .expect("`# ` and a sentence why");
        let one = |body: &str| Body {
            expected: expected.to_owned(),
            why: why.to_owned(),
            message: format!("{head}\n\n{}\n", unescaped(body)),
        };
        match name {
            "[each" => bodies.extend(inner[1..].iter().map(|body| (config.clone(), one(body)))),
            _ => bodies.push((config.clone(), one(&inner[1..].join("\n")))),
        }
    }
    bodies
}

/// `\n` and `\u{...}`, so that each body stands in a line and nothing in it is invisible.
fn unescaped(text: &str) -> String {
    let text = text.replace("\\n", "\n");
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').expect("a closing brace");
        let code = u32::from_str_radix(code, 16).expect("a number");
        out.push(char::from_u32(code).expect("a character"));
        out.push_str(rest);
    }
    out
}
