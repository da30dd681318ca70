//! What is kept and looked at of many links.

use super::*;

#[test]
fn two_of_each_kind_are_kept_and_a_part_of_each() {
    let brand = contoso();
    let seen = |all: &[(&str, &str)]| {
        let mut judge = judge(&brand, WEAK);
        judge.links(&links(all.iter().copied()));
        let seen = judge.details.iter().map(|deceit| deceit.seen.clone());
        seen.collect::<Vec<_>>()
    };
    let label = "https://contoso.com/";
    let all = [
        ("https://a.example/", label),
        ("https://a.example/", label),
        ("https://b.example/", label),
        ("https://c.example/", label),
        ("https://a.kestlow.example/", label),
        ("https://b.kestlow.example/", label),
        ("https://c.kestlow.example/", label),
        ("https://contoso-a-login.com/", "x"),
    ];
    let kept = [
        "a.example",
        "b.example",
        "a.kestlow.example",
        "b.kestlow.example",
    ];
    let mut kept = kept.map(|host| format!("{label} -> {host}")).to_vec();
    kept.push("contoso-a-login.com".to_owned());
    assert_eq!(seen(&all), kept);
    let long = format!("https://contoso.com/{}", "x".repeat(200));
    let target = format!("{}.{}.example", "a".repeat(60), "b".repeat(60));
    let cut = format!(
        "{} -> {}",
        long.get(..80).unwrap(),
        target.get(..80).unwrap()
    );
    assert_eq!(seen(&[(&format!("https://{target}/"), &long)]), [cut]);
    let carried = format!("javascript:{}", "x".repeat(200));
    assert_eq!(
        seen(&[(&carried, label)]),
        [format!("{label} -> {}", carried.get(..40).unwrap())]
    );
    let host = format!("contoso-login.{}.{target}", "c".repeat(60));
    let host = format!("{}.{host}", "d".repeat(30));
    assert_eq!(
        seen(&[(&format!("https://{host}/"), "x")]),
        [host.get(..200).unwrap().to_owned()]
    );
}

#[test]
fn so_many_hosts_are_compared_with_the_brand() {
    let brand = contoso();
    let is_cut = |hosts: &[String]| {
        let mut judge = judge(&brand, None);
        let targets: Vec<_> = hosts
            .iter()
            .map(|host| format!("https://{host}/"))
            .collect();
        judge.links(&links(targets.iter().map(|target| (&**target, "x"))));
        let cut = judge.is_cut();
        // What is known stays known.
        judge.links(&links([
            (&*targets[0], "y"),
            ("https://contoso-login.com/", "y"),
        ]));
        assert_eq!(judge.details.len(), usize::from(hosts.len() < 3));
        cut
    };
    let short = |count: usize| {
        (0..count)
            .map(|at| format!("h{at}.example"))
            .collect::<Vec<_>>()
    };
    assert!(!is_cut(&short(2)));
    assert!(!is_cut(&short(MAX_HOSTS)));
    assert!(is_cut(&short(MAX_HOSTS + 1)));
    // 128 octets each.
    let long = |count: usize| {
        let rest = format!("{}.{}.example", "a".repeat(60), "b".repeat(51));
        (0..count)
            .map(|at| format!("h{at:06}.{rest}"))
            .collect::<Vec<_>>()
    };
    let most = MAX_HOST_OCTETS / 128;
    assert!(long(1).iter().all(|host| host.len() == 128));
    assert!(!is_cut(&long(most)));
    assert!(is_cut(&long(most + 1)));
}

/// A look costs 64 octets at least.
#[test]
fn so_many_labels_are_looked_at_closely() {
    let brand = contoso();
    let flood = |count: usize| {
        (0..count)
            .map(|at| format!("Contoso {at}"))
            .collect::<Vec<_>>()
    };
    for (count, cut) in [(MAX_CLOSE / 64, false), (MAX_CLOSE / 64 + 1, true)] {
        let mut judge = judge(&brand, WEAK);
        let labels = flood(count);
        judge.links(&links(
            labels
                .iter()
                .map(|label| ("https://stranger.example/", &**label)),
        ));
        assert_eq!(judge.is_cut(), cut, "{count}");
        judge.cut = false;
        // What names nothing is not looked at.
        assert_eq!(judge.shows("here"), Shows::Nothing);
        assert!(!judge.cut);
        // Behind it the name counts where it stands plainly.
        assert_eq!(judge.shows("Contoso"), Shows::Name);
        assert_eq!(judge.shows("C0ntoso"), Shows::Nothing);
        assert!(judge.cut);
    }
}

#[test]
fn what_gave_nothing_costs_nothing_again() {
    let brand = contoso();
    let page = |label: &str, around: bool| {
        let mut links = links([("https://stranger.example/", label)]);
        links[0].around = around.then(|| ("con".to_owned(), ".com".to_owned()));
        links
    };
    let mut judge = judge(&brand, WEAK);
    for _ in 0..2 * MAX_CLOSE / 64 {
        judge.links(&page("Contoso", false));
    }
    assert!(!judge.is_cut());
    judge.links(&page("toso", false));
    assert_eq!(found(&judge), "");
    judge.links(&page("toso", true));
    assert_eq!(found(&judge), "deceptive-link");
}
