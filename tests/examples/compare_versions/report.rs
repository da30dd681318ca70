//! What came out, for people: differences by kind, each with an example.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::accepted::{self, Accepted};
use super::judge::{Differing, Judged};

/// Octets of an example's JSON that are shown.
const SHOWN: usize = 700;

/// Prints everything. Returns how many differences are not accepted.
pub fn print(judged: &Judged, all: &[Accepted]) -> usize {
    let mut meant: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, Vec<&Differing>> = BTreeMap::new();
    for one in &judged.differing {
        match accepted::find(all, &one.kind, &one.name) {
            Some(accepted) => *meant.entry(&accepted.why).or_default() += 1,
            None => kinds.entry(&one.kind).or_default().push(one),
        }
    }
    println!("equal: {}", judged.equal);
    println!("accepted differences: {}", meant.values().sum::<usize>());
    for (why, count) in &meant {
        println!("{count:8}  {why}");
    }
    for (key, count) in &judged.added {
        println!("only the new one has the key {key}: {count}");
    }
    if !judged.unsteady.is_empty() {
        let first = judged.unsteady.iter().min().map_or("", String::as_str);
        let count = judged.unsteady.len();
        println!("unsteady, not the same when judged again: {count}, such as {first}");
    }
    let count = kinds.values().map(Vec::len).sum();
    println!("differences: {count} of {} kinds", kinds.len());
    let mut kinds: Vec<(&str, Vec<&Differing>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    for (kind, group) in &mut kinds {
        group.sort_by_key(|one| (&one.name, one.setting));
        show(kind, group);
    }
    count
}

fn show(kind: &str, group: &[&Differing]) {
    println!("\n{:8}  {kind}", group.len());
    let Some(example) = group.first() else {
        return;
    };
    let names: BTreeSet<&str> = group.iter().map(|one| one.name.as_str()).collect();
    let places: BTreeSet<&str> = names
        .iter()
        .filter_map(|name| Some(name.rsplit_once('/')?.0))
        .collect();
    let places: Vec<&str> = places.into_iter().take(6).collect();
    println!(
        "          {} messages, of {}",
        names.len(),
        places.join(", ")
    );
    println!(
        "          such as {} ({}): {}",
        example.name, example.setting, example.file
    );
    if !example.labels.is_empty() {
        println!("          made of {}", example.labels);
    }
    if let Some(shared) = shared(group) {
        println!("          in all generated ones of them: {shared}");
    }
    println!("          old {}", shortened(&example.old));
    println!("          new {}", shortened(&example.new));
}

/// What went into every generated message of a group; none where none was generated.
fn shared(group: &[&Differing]) -> Option<String> {
    let labels = |one: &&Differing| -> BTreeSet<String> {
        one.labels.split('.').map(str::to_owned).collect()
    };
    let mut sets = group
        .iter()
        .filter(|one| !one.labels.is_empty())
        .map(labels);
    let first = sets.next()?;
    let shared = sets.fold(first, |shared, set| &shared & &set);
    match shared.is_empty() {
        true => Some("nothing".to_owned()),
        false => Some(shared.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
