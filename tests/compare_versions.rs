//! The comparison of two versions (`make compare`): equal programs have no difference, a program that
//! answers otherwise has each of its differences reported, and accepted ones are counted apart.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
// These modules are the example's; it uses more of them.
#![allow(dead_code, unreachable_pub)]

#[path = "examples/compare_versions/accepted.rs"]
mod accepted;
#[path = "examples/compare_versions/difference.rs"]
mod difference;
#[path = "examples/compare_versions/generate/mod.rs"]
mod generate;
#[path = "examples/compare_versions/inputs.rs"]
mod inputs;
#[path = "examples/compare_versions/judge.rs"]
mod judge;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use judge::{Judged, Programs};
use serde_json::json;
use support::milter::fresh_folder;

const PROGRAM: &str = env!("CARGO_BIN_EXE_amazon-spoof-milter");
const MESSAGES: u64 = 120;

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(fresh_folder())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.join(name);
        fs::write(&file, text).unwrap();
        file
    }

    /// The program behind a filter of its answers.
    fn altered(&self, sed: &str) -> PathBuf {
        let script = format!("#!/bin/sh\n'{PROGRAM}' \"$@\" | sed -e '{sed}'\n");
        let file = self.write("altered", &script);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// This program beside another, over generated messages.
    fn compared(&self, new: &Path) -> Judged {
        let batches = inputs::generated(7, MESSAGES, &self.0.join("generated")).unwrap();
        let programs = Programs {
            old: PROGRAM.into(),
            new: new.to_owned(),
            work: self.0.clone(),
        };
        programs.judge(&batches).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_program_answers_as_itself() {
    let judged = Folder::new().compared(Path::new(PROGRAM));
    let kinds: Vec<&str> = judged
        .differing
        .iter()
        .map(|one| one.kind.as_str())
        .collect();
    assert_eq!((kinds, judged.unsteady), (vec![], vec![]));
    // Each message in two settings.
    assert_eq!(judged.equal, 240);
}

#[test]
fn a_program_that_answers_otherwise_is_told_of() {
    let folder = Folder::new();
    let sed = "s/\"verdict\":\"suspicious\"/\"verdict\":\"unrelated\"/; s/\"subject\"\\(,\\|\\]\\)/\"object\"\\1/g";
    let judged = folder.compared(&folder.altered(sed));
    assert_eq!(judged.equal + judged.differing.len(), 240);
    let of = |kind: &str| {
        judged
            .differing
            .iter()
            .filter(|one| one.kind == kind)
            .count()
    };
    assert!(of("verdict suspicious -> unrelated") > 2);
    assert!(of("reasons +object -subject; claims +object -subject") > 2);
    let kind = "verdict suspicious -> unrelated; reasons +object -subject; claims +object -subject";
    assert!(of(kind) > 2);
    let example = judged
        .differing
        .iter()
        .find(|one| one.kind == kind)
        .unwrap();
    assert_eq!(example.old["verdict"], "suspicious");
    assert_eq!(example.new["verdict"], "unrelated");
    assert_eq!(
        example.old["reasons"]
            .to_string()
            .replace("\"subject\"", "\"object\""),
        example.new["reasons"].to_string()
    );
}

#[test]
fn a_program_that_judges_nothing_is_not_equal() {
    let judged = Folder::new().compared(Path::new("/bin/false"));
    assert_eq!((judged.equal, judged.differing.len()), (0, 240));
}

#[test]
fn differences_have_kinds() {
    let message = |verdict: &str, reasons: &[&str], spf: &str| {
        json!({
            "file": "x", "verdict": verdict, "action": "tag", "explanation": verdict, "advice": "", "reasons": reasons,
            "claims": [{ "by": "subject", "strength": "weak", "seen": "A" }], "content": [],
            "author": { "addresses": ["a@b.example"], "names": [] },
            "auth": { "spf": { "result": spf, "domain": "b.example" }, "dkim": [], "dmarc": "none", "arc": "none" },
            "headers": [format!("X: {verdict}")],
        })
    };
    let old = message("unrelated", &["subject", "no-envelope"], "pass");
    let kind = |new| difference::kind(&old, &new);
    assert_eq!(kind(old.clone()), None);
    assert_eq!(
        kind(message(
            "suspicious",
            &["subject", "fake-reply", "callback"],
            "temperror"
        ))
        .as_deref(),
        Some(
            "verdict unrelated -> suspicious; reasons +callback +fake-reply -no-envelope; spf pass -> temperror"
        )
    );
    // What follows from a verdict is named only where it differs by itself.
    let mut new = old.clone();
    new["explanation"] = json!("other words");
    assert_eq!(kind(new).as_deref(), Some("explanation"));
    let mut new = old.clone();
    new["claims"][0]["seen"] = json!("B");
    new["author"]["names"] = json!(["B"]);
    assert_eq!(
        kind(new).as_deref(),
        Some("claims: other details; author names")
    );
    // A key may come, but none may go.
    let mut new = old.clone();
    new["more"] = json!(1);
    assert_eq!(kind(new.clone()), None);
    assert_eq!(difference::added(&old, &new), ["more"]);
    assert_eq!(
        difference::kind(&new, &old).as_deref(),
        Some("more: no longer there")
    );
    let mut new = old.clone();
    new["auth"] = json!({ "spf": null, "dkim": null, "dmarc": null, "arc": null });
    assert_eq!(
        kind(new).as_deref(),
        Some("auth: asked for only by the old one")
    );
    let error = json!({ "file": "x", "error": "no message" });
    assert_eq!(kind(error).as_deref(), Some("error none -> no message"));
}

#[test]
fn accepted_differences_have_a_kind_a_place_and_a_reason() {
    let folder = Folder::new();
    let text = "# a comment\n\nverdict unrelated -> suspicious*\tgenerated/*\tRead rightly now.\nauthor names\tcorpus/forged-*-two\tBoth.\n";
    let all = accepted::read(&folder.write("accepted.tsv", text)).unwrap();
    let why = |kind, input| accepted::find(&all, kind, input).map(|one| one.why.as_str());
    assert_eq!(
        why(
            "verdict unrelated -> suspicious; reasons +subject",
            "generated/000001"
        ),
        Some("Read rightly now.")
    );
    assert_eq!(why("verdict unrelated -> suspicious", "corpus/x"), None);
    assert_eq!(why("author names", "corpus/forged-by-two"), Some("Both."));
    assert_eq!(why("author names", "corpus/forged-by-two-more"), None);
    assert_eq!(
        why("author names; arc none -> pass", "corpus/forged-by-two"),
        None
    );

    for (text, complaint) in [
        ("# x\nauthor names\t*\n", "line 2: not KIND, INPUTS and WHY"),
        ("author names\t*\t \n", "line 1: the reason is missing"),
    ] {
        let error = accepted::read(&folder.write("wrong.tsv", text))
            .err()
            .unwrap();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn a_seed_gives_the_same_messages_every_time() {
    let message = |seed, number| generate::message(seed, number).message;
    for number in 0..200 {
        assert_eq!(message(1, number), message(1, number), "{number}");
    }
    assert_ne!(message(1, 5), message(1, 6));
    assert_ne!(message(1, 5), message(2, 5));
}

#[test]
fn a_list_names_messages_with_their_options_and_zones() {
    let folder = Folder::new();
    folder.write("a.eml", "From: a@b.example\r\n\r\nx\r\n");
    folder.write("b.zone", "b.example. TXT \"v=spf1 -all\"\n");
    folder.write("b.toml", "[inspect]\nauthenticate = \"all\"\n");
    let list = folder.write(
        "cases.tsv",
        "# path, options\na.eml\t\nmade.py#mail\t\tdefault\na.eml\t--zone b.zone --config b.toml --client-ip 192.0.2.9 --mail-from x@b.example\tboth\n",
    );
    folder.write("made.py", "import sys\nprint('Subject:', sys.argv[1])\n");
    let batches = inputs::given(&list, &folder.0.join("given")).unwrap();
    let found: Vec<(usize, Option<&str>, &str)> = batches
        .iter()
        .map(|batch| {
            (
                batch.paths.len(),
                batch.zone.as_deref(),
                batch.config.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (2, None, ""),
            (
                1,
                Some("b.example. TXT \"v=spf1 -all\"\n"),
                "[inspect]\nauthenticate = \"all\"\n"
            )
        ]
    );
    assert_eq!(
        batches[1].options,
        ["--client-ip", "192.0.2.9", "--mail-from", "x@b.example"]
    );
    let programs = Programs {
        old: PROGRAM.into(),
        new: PROGRAM.into(),
        work: folder.0.clone(),
    };
    let judged = programs.judge(&batches).unwrap();
    assert_eq!((judged.equal, judged.differing.len()), (6, 0));
}
