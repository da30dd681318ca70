//! The table of metrics as people read it: the list in `docs/metrics.md` is this text; a test
//! compares them.

use super::{
    table::{FAMILIES, NAMESPACE, PROCESS},
    words::{
        ConnectionLimit, Fault, FileOutcome, HistoryWrite, Method, Stage, Words, limit_conclusion,
    },
};
use crate::{
    dns::{Outcome, QueryType},
    mail::{file::FileKind, message::Limit},
    reason::Reason,
    verdict::{Verdict, policy::Action},
};
use std::fmt::Write;

/// The list of metrics and of the words of their labels, as Markdown.
pub fn markdown() -> String {
    let mut text = String::from("## Metrics\n\n");
    for family in FAMILIES {
        let labels: Vec<_> = family
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!(" by {}", labels.join(" and ")),
        };
        let _ = write!(
            text,
            "### {NAMESPACE}_{}\n\nA {}{labels}. {}\n\n{}\n\n",
            family.name,
            family.kind.word(),
            family.help,
            family.conclusion
        );
    }
    text.push_str("## Metrics of the process\n\n| metric | what to conclude |\n|---|---|\n");
    for (name, conclusion) in PROCESS {
        let _ = writeln!(text, "| `{name}` | {conclusion} |");
    }
    text.push_str(
        "\n## The words of the labels\n\nAll are closed sets, and every series is there from the start.\n\n",
    );
    let _ = writeln!(text, "- `verdict`: {}", words(Verdict::ALL));
    let _ = writeln!(text, "- `action`: {}", words(Action::ALL));
    for method in Method::ALL {
        let results = words(method.results().iter().copied());
        let _ = writeln!(text, "- `result` of `{}`: {results}", method.word());
    }
    let _ = writeln!(text, "- `stage`: {}", words(Stage::ALL));
    let _ = writeln!(text, "- `type`: {}", words(QueryType::ALL));
    let _ = writeln!(text, "- `outcome` of a lookup: {}", words(Outcome::ALL));
    for write in HistoryWrite::ALL {
        let (word, conclusion) = (write.word(), write.conclusion());
        let _ = writeln!(text, "- `outcome` of a write, `{word}`: {conclusion}");
    }
    let _ = writeln!(text, "- `kind` of a file: {}", words(FileKind::ALL));
    let _ = writeln!(text, "- `outcome` of a file: {}", words(FileOutcome::ALL));
    text.push_str("\n| `reason` | what it says |\n|---|---|\n");
    for reason in Reason::ALL {
        let _ = writeln!(text, "| `{}` | {} |", reason.word(), reason.sentence());
    }
    text.push_str("\n| `kind` of a fault | what to conclude |\n|---|---|\n");
    for fault in Fault::ALL {
        let _ = writeln!(text, "| `{}` | {} |", fault.word(), fault.conclusion());
    }
    text.push_str("\n| `limit` | what it is |\n|---|---|\n");
    for limit in Limit::ALL {
        let _ = writeln!(text, "| `{}` | {} |", limit.word(), limit_conclusion(limit));
    }
    for limit in ConnectionLimit::ALL {
        let _ = writeln!(text, "| `{}` | {} |", limit.word(), limit.conclusion());
    }
    text
}

fn words<W: Words>(all: impl IntoIterator<Item = W>) -> String {
    let words: Vec<_> = all
        .into_iter()
        .map(|word| format!("`{}`", word.word()))
        .collect();
    words.join(", ")
}
