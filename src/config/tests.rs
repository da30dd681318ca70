use super::*;
use crate::verdict::policy::Preset;

fn errors(text: &str) -> Vec<String> {
    match Config::from_toml(text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn nothing_configured_is_the_documented_default() {
    let config = Config::from_toml("").unwrap();
    assert_eq!(config.milter.listen.to_string(), "inet:127.0.0.1:8895");
    let http = config.http.unwrap();
    assert_eq!(http.listen, ("127.0.0.1".to_owned(), 9895));
    assert!(http.token.is_none() && !http.show_addresses && !http.try_messages);
    assert_eq!(config.policy.preset, Preset::Tag);
    assert_eq!(config.inspect, Inspect::All);
    assert_eq!(config.authenticate.deadline, Duration::from_secs(10));
    assert_eq!(config.authenticate.stranger_timeout, Duration::from_secs(2));
    assert_eq!(
        config.authenticate.probed.first(),
        Some(config.brand.main())
    );
}

#[test]
fn what_is_shown_can_be_loaded_and_is_the_same() {
    let text = format!("{}[policy]\npreset = \"enforce\"\n", reference::RULES);
    let config = Config::from_toml(&text).unwrap();
    let again = Config::from_toml(&config.effective).unwrap();
    assert_eq!(again.effective, config.effective);
    assert_eq!(again.policy.preset, Preset::Enforce);
    assert_eq!(again.policy.rules.len(), 2);
    assert_eq!(again.policy, config.policy);
    // Of a value that is a default, nothing is said to contradict another one.
    let short = Config::from_toml("[dns]\ndeadline = \"1s\"\n").unwrap();
    assert_eq!(
        Config::from_toml(&short.effective).unwrap().effective,
        short.effective
    );
}

#[test]
fn every_error_is_told_at_once() {
    let text = "[milter]\nlisten = \"8895\"\nmax_conections = 5\n\n[dns]\ntimeout = 3\n\
                servers = [\"ns.example\"]\n[polic]\nx = 1\n[policy]\npreset = \"strict\"\n";
    assert_eq!(
        errors(text),
        [
            "line 2: milter.listen: \"8895\": the kind, inet: or unix:, is missing; allowed is \
             \"inet:HOST:PORT\", \"inet:PORT@HOST\" or \"unix:/PATH\"",
            "line 3: milter.max_conections: there is no such key; did you mean \
             milter.max_connections?",
            "line 6: dns.timeout: the value is no text in quotes; allowed is a duration from \
             \"1ms\" to \"24h\", such as \"10s\"",
            "line 7: dns.servers: \"ns.example\": this is no IP address; allowed is a list of \
             \"IP\" or \"IP:PORT\"; empty for the system's",
            "line 8: [polic]: there is no such section; did you mean [policy]?; allowed is [milter], [http], [dns], \
             [brand], [trust], [inspect], [policy], [headers], [history], [log]",
            "line 11: policy.preset: \"strict\": this is none of the words; allowed is \
             \"tag\", \"enforce\" or \"monitor\"",
        ]
    );
}

/// The keys of a file with one value, as the file would have it.
fn with(key: &Key, value: &str) -> String {
    format!("[{}]\n{} = {value}\n", key.section(), key.name())
}

#[test]
fn every_word_and_every_number_of_the_table_is_taken_and_no_other() {
    for key in KEYS {
        let (good, bad) = match key.kind {
            Kind::Word(words) => (
                words.iter().map(|word| format!("\"{word}\"")).collect(),
                vec!["\"neither\"".to_owned(), "1".to_owned()],
            ),
            Kind::Switch => (vec!["true".into(), "false".into()], vec!["\"true\"".into()]),
            Kind::Number(least, most) => (
                vec![least.to_string(), most.to_string()],
                vec![(most + 1).to_string(), "-1".to_owned()],
            ),
            Kind::Duration => (
                vec!["\"2s\"".to_owned()],
                vec!["\"0s\"".to_owned(), "\"25h\"".to_owned(), "2".to_owned()],
            ),
            Kind::DurationOrNone => (
                vec!["\"0s\"".to_owned(), "\"24h\"".to_owned()],
                vec!["\"25h\"".to_owned(), "0".to_owned()],
            ),
            Kind::Size => (vec!["5000000".to_owned()], vec!["\"1 GB\"".to_owned()]),
            Kind::List(_) | Kind::Rows => (vec!["[]".to_owned()], vec!["\"\"".to_owned()]),
            Kind::Text(_) => (vec![key.default.to_owned()], vec!["true".to_owned()]),
        };
        for value in good {
            assert_eq!(errors(&with(key, &value)), [""; 0], "{} {value}", key.path);
        }
        for value in bad {
            assert_eq!(errors(&with(key, &value)).len(), 1, "{} {value}", key.path);
        }
    }
}

#[test]
fn the_table_says_everything_and_says_it_in_sentences() {
    for key in KEYS {
        assert!(
            !key.section().is_empty() && !key.name().is_empty(),
            "{}",
            key.path
        );
        assert!(
            !key.about.ends_with('.') && key.why.ends_with('.'),
            "{}",
            key.path
        );
        assert!(key.why.is_ascii() && key.about.is_ascii(), "{}", key.path);
        assert_eq!(
            KEYS.iter().filter(|other| other.path == key.path).count(),
            1
        );
    }
    let mut sections = keys::sections();
    let count = sections.len();
    sections.sort_unstable();
    sections.dedup();
    assert_eq!(
        sections.len(),
        count,
        "the keys of a section stand together"
    );
}

#[test]
fn the_advice_has_one_of_the_languages_that_are_named() {
    let language = |text: &str| {
        Config::from_toml(&format!("[headers]\nadvice_language = \"{text}\"\n"))
            .map(|config| config.headers.advice_language)
    };
    assert_eq!(Config::from_toml("").unwrap().headers.advice_language, "en");
    assert_eq!(language("").as_deref(), Ok(""));
    for name in brand::LANGUAGES {
        assert_eq!(language(name).as_deref(), Ok(name));
    }
    let error = language("en-us").unwrap_err().remove(0).to_string();
    assert!(
        error.starts_with("line 2: headers.advice_language: \"en-us\": there is no advice in"),
        "{error}"
    );
}

#[test]
fn a_text_that_is_no_toml_says_where() {
    let [error] = errors("[milter]\nlisten = \n").try_into().unwrap();
    assert!(error.starts_with("line 2: this is no TOML: "), "{error}");
}

#[test]
fn keys_that_need_a_restart_are_named() {
    let old = Config::from_toml("").unwrap();
    let new =
        Config::from_toml("[milter]\nlisten = \"unix:/run/x\"\n[policy]\npreset = \"enforce\"\n")
            .unwrap();
    assert_eq!(old.needs_restart(&new), ["milter.listen"]);
}
