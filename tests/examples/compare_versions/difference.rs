//! What differs between two judgements of a message, in words by which differences are grouped.

use std::collections::BTreeSet;

use serde_json::Value;

/// Follows from the rest, so that it is named and shown only where nothing else differs.
const FOLLOWS: [&str; 3] = ["explanation", "advice", "headers"];

/// The kind of difference between two objects of `check --format json`, as
/// `verdict unrelated -> suspicious; reasons +subject`. `None` where they are the same, but for keys that
/// only the new one has ([`added`]).
pub fn kind(old: &Value, new: &Value) -> Option<String> {
    if old["error"] != new["error"] {
        return changed("error", &old["error"], &new["error"]);
    }
    let mut facets = Vec::new();
    for key in ["verdict", "action"] {
        facets.extend(changed(key, &old[key], &new[key]));
    }
    facets.extend(listed(
        "reasons",
        words(&old["reasons"], ""),
        words(&new["reasons"], ""),
    ));
    for (key, word) in [("claims", "by"), ("content", "reason")] {
        let (old, new) = (&old[key], &new[key]);
        let set = listed(key, words(old, word), words(new, word));
        facets.extend(set.or_else(|| (old != new).then(|| format!("{key}: other details"))));
    }
    for key in ["addresses", "names"] {
        let differ = old["author"][key] != new["author"][key];
        facets.extend(differ.then(|| format!("author {key}")));
    }
    facets.extend(auth(&old["auth"], &new["auth"]));
    let gone = keys(old)
        .difference(&keys(new))
        .cloned()
        .collect::<Vec<_>>();
    facets.extend(gone.iter().map(|key| format!("{key}: no longer there")));
    if facets.is_empty() {
        let differ = FOLLOWS.iter().filter(|key| old[**key] != new[**key]);
        facets.extend(differ.map(|key| (*key).to_owned()));
    }
    (!facets.is_empty()).then(|| facets.join("; "))
}

/// The keys that only the new one has: a form that grows breaks nobody who reads it.
pub fn added(old: &Value, new: &Value) -> Vec<String> {
    match old["error"].is_null() && new["error"].is_null() {
        true => keys(new).difference(&keys(old)).cloned().collect(),
        false => Vec::new(),
    }
}

/// The keys of two objects whose values differ, without those that follow from the others.
pub fn differing(old: &Value, new: &Value) -> Vec<String> {
    let (old_keys, new_keys) = (keys(old), keys(new));
    let all = old_keys.union(&new_keys);
    let differing: Vec<String> = all.filter(|key| old[key] != new[key]).cloned().collect();
    let follows = |key: &String| FOLLOWS.contains(&key.as_str());
    match differing.iter().all(follows) {
        true => differing,
        false => differing.into_iter().filter(|key| !follows(key)).collect(),
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().cloned())
        .collect()
}

fn changed(name: &str, old: &Value, new: &Value) -> Option<String> {
    let word = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (old != new).then(|| format!("{name} {} -> {}", word(old), word(new)))
}

/// The words of a list, or one word of each of its objects, sorted.
fn words(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    let word = |item: &Value| match item {
        Value::Object(object) => object.get(key).and_then(Value::as_str).map(str::to_owned),
        other => other.as_str().map(str::to_owned),
    };
    let mut words: Vec<String> = items.filter_map(word).collect();
    words.sort();
    words
}

/// `reasons +new -old`.
fn listed(name: &str, old: Vec<String>, new: Vec<String>) -> Option<String> {
    let mut gone = old;
    let mut came = Vec::new();
    for word in new {
        match gone.iter().position(|known| *known == word) {
            Some(at) => drop(gone.remove(at)),
            None => came.push(word),
        }
    }
    let words = came.iter().map(|word| format!("+{word}"));
    let words: Vec<String> = words
        .chain(gone.iter().map(|word| format!("-{word}")))
        .collect();
    (!words.is_empty()).then(|| format!("{name} {}", words.join(" ")))
}

fn auth(old: &Value, new: &Value) -> Vec<String> {
    // Where nobody asked, all of it is null; a result may be the word `none`.
    match (old["spf"].is_null(), new["spf"].is_null()) {
        (true, false) => return vec!["auth: asked for only by the new one".to_owned()],
        (false, true) => return vec!["auth: asked for only by the old one".to_owned()],
        _ => {}
    }
    let mut facets = Vec::new();
    facets.extend(changed("spf", &old["spf"]["result"], &new["spf"]["result"]));
    facets.extend(changed(
        "spf domain",
        &old["spf"]["domain"],
        &new["spf"]["domain"],
    ));
    let dkim = |value: &Value| words(&value["dkim"], "result");
    let results = listed("dkim", dkim(old), dkim(new));
    let details = || (old["dkim"] != new["dkim"]).then(|| "dkim: other details".to_owned());
    facets.extend(results.or_else(details));
    for key in ["dmarc", "arc"] {
        facets.extend(changed(key, &old[key], &new[key]));
    }
    facets
}
