//! What is written of the configuration is what the program knows of it.

use std::fs;
use std::path::Path;

use amazon_spoof_milter::config::reference;

use crate::{Folder, err, out, run};

/// The line of docs/configuration.md after which the list of keys stands.
const MADE: &str = "<!-- From here on made from src/config/keys.rs by `make reference`. -->\n\n";

/// `make reference` sets this: the files are written instead of compared.
fn writes() -> bool {
    std::env::var_os("WRITE_REFERENCE").is_some()
}

fn committed(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if writes() {
        fs::write(&path, expected).expect("write");
    }
    let found = fs::read_to_string(&path).expect("a committed file");
    assert_eq!(
        found,
        expected,
        "{} is not what the table of keys says: make reference",
        path.display()
    );
}

#[test]
fn the_reference_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let page = fs::read_to_string(path).expect("the page");
    let (prose, _) = page.split_once(MADE).expect("the line before the keys");
    let keys = reference::markdown();
    committed("docs/configuration.md", &format!("{prose}{MADE}{keys}"));
    // A key as a reader finds it there.
    for line in [
        "### dns.cache_size",
        "- Type: number; default: `8192`",
        "- Allowed: a whole number from 0 to 1000000",
        "- Takes effect: at a restart",
    ] {
        assert!(keys.lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn the_example_is_what_the_table_says_and_loads_with_and_without_its_signs() {
    committed("deploy/config.toml", &reference::example());
    let example = run(&["config", "example"], b"");
    assert_eq!(out(&example), reference::example());
    let bare: String = out(&example)
        .lines()
        .map(|line| match line.strip_prefix('#') {
            // What begins with a space is prose.
            Some(key) if !key.starts_with(' ') => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert!(bare.contains("\nlisten = \"inet:127.0.0.1:8895\"\n"));
    let folder = Folder::new();
    let empty = folder.file("empty.toml", "");
    let defaults = out(&run(&["config", "show", "--config", &empty], b""));
    assert!(defaults.starts_with("[milter]\nlisten = "), "{defaults}");
    for (name, text) in [("example.toml", out(&example)), ("bare.toml", bare)] {
        let file = folder.file(name, text);
        let shown = run(&["config", "show", "--config", &file], b"");
        assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
        assert_eq!(out(&shown), defaults, "{name}");
    }
}

#[test]
fn the_man_page_names_every_key() {
    let page = run(&["man", "configuration"], b"");
    assert_eq!(page.status.code(), Some(0));
    let page = out(&page);
    assert!(page.contains("\n.TH amazon-spoof-milter.toml 5 "), "{page}");
    let example = reference::example();
    let keys: Vec<_> = example
        .lines()
        .filter(|line| !line.starts_with("# "))
        .filter_map(|line| line.strip_prefix('#')?.split_once(" = "))
        .collect();
    assert!(keys.len() > 30, "{keys:?}");
    for (key, _) in keys {
        let name = format!("\n\\fB{key}\\fR = ");
        assert!(page.contains(&name), "{key} is not in\n{page}");
    }
}

#[test]
fn the_brand_file_of_the_documentation_loads_and_protects_its_brand() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/brand-file.md");
    let page = fs::read_to_string(page).expect("the page");
    let (_, rest) = page.split_once("```text\n").expect("an example");
    let (brand, _) = rest.split_once("```").expect("its end");
    let folder = Folder::new();
    let path = folder.file("brand.toml", brand);
    let config = folder.file("config.toml", format!("[brand]\nfile = \"{path}\"\n"));
    let hosts = ["contoso.example", "c0ntoso.example", "amaz0n.example"];
    let arguments = [&["domains", "classify", "--config", &config][..], &hosts].concat();
    let said = run(&arguments, b"");
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    let said = out(&said);
    let found: Vec<_> = said
        .lines()
        .map(|line| line.split('\t').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        found,
        [
            "contoso.example official",
            "c0ntoso.example lookalike",
            "amaz0n.example unrelated"
        ]
    );
}
