//! The embedded brand: who owns a host, what resembles it, what a name says.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use amazon_spoof_milter::{
    brand::{
        Brand, Class, Strength,
        host::{HostClass, How, classify, classify_line},
        name::mention,
    },
    mail::domain::Domain,
};
use proptest::prelude::*;

fn brand() -> &'static Brand {
    Brand::embedded()
}

fn domain(text: &str) -> Domain {
    Domain::parse(text).expect("a domain name")
}

fn word(host: &str) -> &'static str {
    classify_line(brand(), host).0
}

fn how(host: &str) -> Option<(How, Strength)> {
    match classify(brand(), &domain(host)) {
        HostClass::Lookalike(found) => Some((found.how, found.strength)),
        _ => None,
    }
}

#[test]
fn two_slips_that_readers_overlook_are_one() {
    for host in ["amazam.com", "amazum.com", "anazen.com", "anazun.com"] {
        assert_eq!(how(host), Some((How::Typo, Strength::Strong)), "{host}");
    }
    for host in ["amatum.com", "abazen.com"] {
        assert_eq!(how(host), None, "{host}");
    }
}

/// Names that differ in one letter from what a rule takes for granted.
#[test]
fn what_stands_beside_the_name_decides() {
    let strong = |how| Some((how, Strength::Strong));
    let weak = |how| Some((how, Strength::Weak));
    for (host, expected) in [
        // The s begins the next word; it is no plural.
        ("amazonschutz.com", strong(How::Combosquat)),
        ("amazonsa.com", strong(How::ImitatedAddress)),
        ("asiaxamazon.com", strong(How::RandomLetters)),
        ("ringamazonokugyfel.com", strong(How::Combosquat)),
        // A product's name beside a word that lures and a letter of no word.
        ("abgelaufenxkindle.com", None),
        // What is registered, what its owner chose below it, and what a service gave away.
        ("kindle-konto.example", strong(How::Combosquat)),
        ("kindle-konto.shop.example", weak(How::Combosquat)),
        ("primevideo-verify.shop.example", strong(How::Combosquat)),
        ("kindle-konto.weebly.com", strong(How::Combosquat)),
        ("kindle-konto.shop.github.io", strong(How::Combosquat)),
        // A slip before letters of no word: alone, beside a word that lures, before an official suffix.
        ("anazonxq.com", weak(How::Typo)),
        ("anazonloginxq.com", strong(How::Typo)),
        ("anazonxqlogin.example", strong(How::Typo)),
        ("anazonxq.com.example.net", strong(How::Typo)),
        ("qamazn.com.example.net", weak(How::Typo)),
        ("xqamazn.com", None),
        ("abbonamentoxaudible.com", None),
    ] {
        assert_eq!(how(host), expected, "{host}");
    }
}

#[test]
fn the_list_keeps_its_provenance() {
    let guidance: Vec<&str> = brand()
        .entries()
        .filter(|entry| entry.guidance)
        .map(|entry| entry.domain.as_str())
        .collect();
    assert_eq!(
        guidance,
        [
            "amazon.com",
            "amazon.co.uk",
            "amazon.de",
            "amazon.es",
            "amazon.fr",
            "amazon.it",
            "amazon.lu",
            "amazon.com.au",
            "amazon.ae",
            "amazon.sa",
            "amazon.com.tr",
            "amazonsellerservices.com",
            "sell.amazon.com",
            "sell.amazon.com.au",
            "sell.amazon.ca",
            "sell.amazon.co.uk",
            "sell.amazon.sg",
            "gs.amazon.cn",
            "vender.amazon.com.mx",
            "venda.amazon.com.br",
            "satis.amazon.com.tr",
        ]
    );
    let official = brand()
        .entries()
        .filter(|entry| entry.guidance && entry.class == Class::OfficialSender);
    assert_eq!(official.count(), 21);
    assert_eq!(brand().name(), "Amazon");
    assert_eq!(brand().updated(), "2026-11-28");
    for source in brand().sources() {
        let used = brand()
            .entries()
            .any(|entry| entry.sources.contains(&source.id));
        assert!(used, "{} is used by no entry", source.id);
    }
}

#[test]
fn the_longest_listed_domain_decides() {
    for (host, class) in [
        ("x.sns.amazonaws.com", Class::UserContent),
        ("email-smtp.us-east-1.amazonaws.com", Class::Never),
        ("a8-1.smtp-out.amazonses.com", Class::Never),
        ("bounces.amazon.com", Class::EnvelopeOnly),
        ("mail.amazon.com.be", Class::OfficialSender),
        ("registrar.amazon", Class::OfficialSender),
        ("jet.amazon", Class::Owned),
        ("customer.on.aws", Class::Never),
        ("tenant.awsapps.com", Class::Never),
        ("mail.audible.com", Class::Subsidiary),
        ("amzn.to", Class::Owned),
    ] {
        let found = brand().entry(&domain(host)).map(|entry| entry.class);
        assert_eq!(found, Some(class), "{host}");
    }
    for (host, top) in [
        ("x.amazon.com.be", Some("amazon.com.be")),
        ("m.marketplace.amazon.co.jp", Some("amazon.co.jp")),
        ("bounces.amazon.com", Some("amazon.com")),
        ("sns.amazonaws.com", Some("sns.amazonaws.com")),
        ("a8-1.smtp-out.amazonses.com", None),
        ("payments-amazon.com", None),
        ("com.be", None),
    ] {
        let found = brand().organizational(&domain(host));
        assert_eq!(found.as_ref().map(Domain::as_str), top, "{host}");
    }
    let short = brand().entry(&domain("amzn.to"));
    assert!(short.is_some_and(|entry| entry.shortener));
}

#[test]
fn what_is_listed_is_no_lookalike() {
    for entry in brand().entries() {
        let expected = match entry.class {
            Class::OfficialSender
            | Class::LikelySender
            | Class::UserContent
            | Class::EnvelopeOnly => "official",
            Class::Owned => "owned",
            Class::Subsidiary
            | Class::Never
            | Class::Partner
            | Class::AliasRelay
            | Class::Unrelated => "unrelated",
            // Fakes are, and what is unverified is judged like any stranger.
            Class::Fake | Class::Unverified => continue,
        };
        assert_eq!(word(entry.domain.as_str()), expected, "{}", entry.domain);
    }
    // One weak source takes nothing from the official domain above it.
    assert_eq!(word("about.amazon.com"), "official");
}

#[test]
fn the_official_quiz_is_all_fake() {
    assert!(brand().is_fake_address("amazon-security", &domain("hotmail.com")));
    assert!(brand().is_fake_address("Amazon-Payments", &domain("MSN.com")));
    assert!(brand().is_free_mail(&domain("hotmail.com")));
    assert!(brand().is_free_mail(&domain("msn.com")));
    let payments = brand().entry(&domain("payments-amazon.com"));
    assert!(payments.is_some_and(|entry| entry.class == Class::Fake && entry.owned));
    assert_eq!(word("payments-amazon.com"), "owned");
}

#[test]
fn each_way_of_building_a_lookalike_is_named() {
    use How::{
        BrandLabel, Combosquat, FreeHosting, GluedWords, Homoglyph, Idn, ImitatedAddress,
        OfficialMisspelt, OfficialPrefix, SpelledApart, Tenant, TldSwap, Typo,
    };
    use Strength::{Strong, Weak};
    for (host, expected) in [
        ("amazon.login-user.info", (BrandLabel, Strong)),
        ("amazon.co.jp.qiuu.buzz", (OfficialPrefix, Strong)),
        ("amazon.com.biz", (OfficialPrefix, Strong)),
        ("amazonaws.com.example.net", (OfficialPrefix, Strong)),
        ("security-amazon.com", (Combosquat, Strong)),
        ("myamazonhelp.com", (Combosquat, Strong)),
        ("amazon-konto-sicherheit.de", (Combosquat, Strong)),
        ("compte-amazon.fr", (Combosquat, Strong)),
        ("amazon-co-jp.top", (ImitatedAddress, Strong)),
        ("amaozn.com", (Typo, Strong)),
        ("amazom.de", (Typo, Strong)),
        ("amzon-login.example", (Typo, Strong)),
        ("mazon.com", (Typo, Weak)),
        ("amaz0n.com", (Homoglyph, Strong)),
        ("arnazon.example", (Homoglyph, Strong)),
        ("arnazon-billing.example", (Homoglyph, Strong)),
        ("xn--amazn-mye.com", (Idn, Strong)),
        ("xn--mzn-login-zyhb3o.com", (Idn, Strong)),
        ("xn--cckwcxetd.example", (Idn, Strong)),
        ("amazon.shop", (TldSwap, Strong)),
        ("mazonsellerservices.com", (OfficialMisspelt, Strong)),
        ("ama-zon.com", (SpelledApart, Strong)),
        ("amazonfilters.com", (GluedWords, Weak)),
        ("amazon.zendesk.com", (Tenant, Weak)),
        ("amazon.weebly.com", (FreeHosting, Strong)),
        ("amazon.github.io", (FreeHosting, Strong)),
        ("amazon-login.s3.amazonaws.com", (Combosquat, Strong)),
        (
            "amazon.eu-west-1.elasticbeanstalk.com",
            (BrandLabel, Strong),
        ),
        ("aws-billing.com", (Combosquat, Strong)),
        ("amazon.ru", (TldSwap, Strong)),
    ] {
        assert_eq!(how(host), Some(expected), "{host}");
    }
    match classify(brand(), &domain("www.amazon.co.jp.qiuu.buzz")) {
        HostClass::Lookalike(found) => assert_eq!(found.resembles, "amazon.co.jp"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn products_are_protected_by_how_common_their_names_are() {
    use How::{Combosquat, GluedWords, Homoglyph, ImitatedAddress, SpelledApart, TldSwap, Typo};
    use Strength::{Strong, Weak};
    for (host, expected) in [
        // Nobody else's.
        ("primevideo.example", Some((TldSwap, Weak))),
        ("prime-video.example", Some((SpelledApart, Weak))),
        ("prime.video.example", Some((SpelledApart, Weak))),
        ("primevideos.example", Some((Typo, Weak))),
        ("prirnevideo.example", Some((Homoglyph, Strong))),
        ("primevldeo.example", Some((Homoglyph, Strong))),
        ("pr1mevideo.example", Some((Homoglyph, Strong))),
        ("primevideo-verify.example", Some((Combosquat, Strong))),
        ("primevideode.example", Some((ImitatedAddress, Strong))),
        ("vendorcentral-anmelden.example", Some((Combosquat, Strong))),
        // Others bear these names, but not with such words.
        ("kindle-abonnement.example", Some((Combosquat, Strong))),
        ("awsrechnung.example", Some((Combosquat, Strong))),
        ("avvs-rechnung.example", Some((Combosquat, Strong))),
        ("kindel-login.example", Some((Typo, Strong))),
        ("ring-login.example", Some((Combosquat, Weak))),
        ("amzrefund.example", Some((Combosquat, Weak))),
        ("amz-sellers.example", Some((GluedWords, Weak))),
        ("primevideoproductions.example", None),
        ("kindlewood.example", None),
        ("lawsupport.example", None),
        ("ringcentral.com", None),
        ("wedding-ring-service.example", None),
        ("aws-verein.example", None),
        ("aws.login.example", None),
        ("primecare.example", None),
        ("alexa-meyer.example", None),
    ] {
        assert_eq!(how(host), expected, "{host}");
    }
    match classify(brand(), &domain("audible-konto.example")) {
        HostClass::Lookalike(found) => assert_eq!(found.resembles, "audible.com"),
        other => panic!("{other:?}"),
    }
}

/// The same lures, whatever the language.
#[test]
fn lures_of_all_languages_are_strong() {
    for lure in [
        "suivi",
        "retour",
        "remboursement",
        "seguimiento",
        "devolucion",
        "zustellung",
        "rueckgabe",
        "abo",
        "abonnement",
        "recall",
        "settlement",
        "settlements",
        "rastreamento",
        "devolucao",
        "reso",
        "tracciamento",
        "retourneren",
        "bezorging",
        "aterbetalning-retur",
        "palautus",
        "zwrot",
        "przesylka",
        "vraceni",
        "visszaterites",
        "iade",
        "dostavka",
        "vozvrat",
        "henpin",
        "haisou",
        "tuikuan",
        "hwanbul",
        "pengiriman",
        "hoantien",
        "возврат",
        "返品",
        "退款",
        "환불",
    ] {
        for host in [
            format!("amazon-{lure}.example"),
            format!("{lure}-amazon.example"),
        ] {
            assert!(
                how(&host).is_some_and(|(_, strength)| strength == Strength::Strong),
                "{host}: {:?}",
                how(&host)
            );
        }
    }
}

#[test]
fn random_letters_beside_the_name_are_strong_where_names_are_cheap() {
    use How::{Combosquat, FreeHosting, GluedWords, ImitatedAddress, RandomLetters, TldSwap};
    use Strength::{Strong, Weak};
    for (host, expected) in [
        // Registered in bulk.
        ("amazon-kvq.top", (RandomLetters, Strong)),
        ("amazonrtu.xyz", (RandomLetters, Strong)),
        ("amazon4711.xyz", (RandomLetters, Strong)),
        ("amazon-kvq.example", (GluedWords, Weak)),
        ("amazon-fans.top", (GluedWords, Weak)),
        ("amazon-wishlist.xyz", (GluedWords, Weak)),
        // No word of any language.
        ("amazon-xcvbnqw.example", (RandomLetters, Strong)),
        ("amazon-a7k3f.example", (RandomLetters, Strong)),
        ("amazon-plantguide.example", (GluedWords, Weak)),
        // With a country, or before an ending.
        ("amazon-jp-dqa.example", (RandomLetters, Strong)),
        ("amazonrtu.co.jp.meadow.example", (RandomLetters, Strong)),
        ("amazonfresh.example", (GluedWords, Weak)),
        // A lure with a slip.
        ("amazon-logn.example", (Combosquat, Strong)),
        // Given away.
        ("amazon-rtuwo.duckdns.org", (RandomLetters, Strong)),
        ("amazon.yourtrap.com", (FreeHosting, Strong)),
        ("amazon-clone.netlify.app", (GluedWords, Weak)),
        // The name twice, and a longer listed name under another ending.
        ("amazon-amazon.example", (TldSwap, Strong)),
        ("amazonmusic.example", (TldSwap, Strong)),
        // A plural or genitive.
        ("amazons-co-jp.example", (ImitatedAddress, Strong)),
        ("aivlazon.example", (How::Homoglyph, Strong)),
        ("amazon.com.example.net", (How::OfficialPrefix, Strong)),
        ("audible.com.meadow.example", (How::OfficialPrefix, Strong)),
    ] {
        assert_eq!(how(host), Some(expected), "{host}");
    }
    // A company's own name under its own ending.
    assert_eq!(how("ring.com.au"), None);
}

#[test]
fn the_name_in_any_script_is_read_as_in_a_name() {
    for host in [
        "ամազոն.example",
        "ɐmɐzon.example",
        "uozɐɯɐ.example",
        "αμαζον.example",
        "アマゾンジャパン.example",
        "アマゾン-返金.example",
        "амазон.example",
        "अमेज़न.example",
        "แอมะซอน.example",
        "أمازون.example",
    ] {
        assert_eq!(how(host), Some((How::Idn, Strength::Strong)), "{host}");
    }
    for host in ["münchen.example", "アマゾン川.example", "пример.example"] {
        assert_eq!(how(host), None, "{host}");
    }
}

#[test]
fn other_words_and_organisations_are_unrelated() {
    for host in [
        "amazonia.example",
        "bancoamazonia.com.br",
        "portalamazonia.com",
        "amazonas.am.gov.br",
        "amazonwatch.org",
        "amazon-rainforest.org",
        "amazing-deals.example",
        "reamaze.com",
        "larazon.es",
        "aroma-zone.com",
        "drama-zone.com",
        "dramazone.com",
        "pharmazone.example",
        "tamazonite.example",
        "ramazon.uz",
        "armazones.cl",
        "mazon.org",
        "imazon.org.br",
        "amazone.de",
        "amazones-paris.example",
        "amazoner.example",
        "zonaamazonica.example",
        "amazoniacoffee.example",
        "manoramaonline.com",
        "amano.co.jp",
        "login.arizona.edu",
        "aws.mongodb.com",
        "kindle-surprise.example",
        "email-smtp.eu-west-1.amazonaws.com",
        "ec2-192-0-2-1.compute-1.amazonaws.com",
        "zendesk.com",
        "audible.com",
        "synchronybank.com",
    ] {
        let (class, why) = classify_line(brand(), host);
        assert_eq!(class, "unrelated", "{host}: {why}");
    }
}

/// A word behind the name may begin with the letters that make the name another word.
#[test]
fn a_known_word_behind_the_name_leaves_the_other_word_nothing() {
    for host in [
        "amazonasset.example",
        "amazonaspect.example",
        "amazonashes.example",
        "amazonenquete.example",
        "amazonkasse-login.example",
        "amazonkalender.example",
        "loginamazones.example",
    ] {
        assert!(how(host).is_some(), "{host}");
    }
    assert_eq!(how("amazonascanoe.example"), None);
    assert_eq!(how("amazonenreiten.example"), None);
}

/// What a slip of the finger or a look-alike letter makes of the name, at every place.
#[test]
fn slips_at_any_place_are_found_under_four_suffixes() {
    let name = "amazon";
    let letters: Vec<char> = name.chars().collect();
    let mut made: Vec<String> = Vec::new();
    for at in 1..letters.len() {
        let mut lost = letters.clone();
        lost.remove(at);
        made.push(lost.iter().collect());
        let mut doubled = letters.clone();
        doubled.insert(at, letters[at]);
        made.push(doubled.iter().collect());
        let mut swapped = letters.clone();
        swapped.swap(at - 1, at);
        made.push(swapped.iter().collect());
        let (left, right) = name.split_at(at);
        made.push(format!("{left}-{right}"));
        made.push(format!("{left}.{right}"));
    }
    // amazone.de is the listed maker of farm machinery.
    made.extend(
        ('a'..='z')
            .filter(|c| *c != 'e')
            .map(|c| format!("{name}{c}")),
    );
    made.extend(('0'..='9').map(|c| format!("{name}{c}")));
    made.extend(["amazom", "anazon", "amszon", "amaxon", "amazpn", "amazob"].map(str::to_owned));
    made.extend(["wwwamazon", "amazoncom", "www-amazon"].map(str::to_owned));
    for label in made {
        for suffix in ["com", "co.uk", "de", "co.jp"] {
            let host = format!("{label}.{suffix}");
            assert_eq!(word(&host), "lookalike", "{host}");
        }
    }
}

#[test]
fn strong_names() {
    for text in [
        "Amazon",
        "Amazon.co.jp",
        "Amazon Prime",
        "Ama\u{35c}zon",
        "ΑΜΑΖΟΝ",
        "αμαζον",
        "Amazοn.fr",
        "A m a z o n",
        "A.m.a.z.o.n",
        "Arnazon",
        "Amaz0n",
        "Ama\u{200b}zon",
        "A\u{33f}ma\u{33f}zon",
        "a\u{73f}l\u{73f}er\u{73f}t A\u{73f}m\u{73f}a\u{73f}z\u{73f}o\u{73f}n",
        "Am@zon",
        "Amazom",
        "𝐀𝐦𝐚𝐳𝐨𝐧",
        "卂爪卂乙ㄖ几",
        "AmazonSupport",
        "Amazon™",
        "Amazonカスタマーサービス",
        "アマゾン",
        "ｱﾏｿﾞﾝ",
        "アマゾンプライム",
        "亚马逊",
        "亞馬遜客服",
        "아마존 고객센터",
        "أمازون",
        "אמזון",
        "Амазон",
        "अमेज़न",
        "ஆமசான்",
        "ايمازون",
        "ඇමසන්",
        "Эмазон",
        "Prime Video",
        "Prime's Video Suspended",
        "Seller Central",
        "Amazon Watch Prices and Amazon Pay",
        "Amazon - Forest",
        "Amazonova podrška",
        "Amazonlieferdienst",
        "AMZN お客様センター",
        "Vendor Central",
    ] {
        let found = mention(brand(), text);
        assert!(
            found
                .as_ref()
                .is_some_and(|found| found.strength == Strength::Strong),
            "{text}: {found:?}"
        );
    }
    let found = mention(brand(), "Freight to Amazon FBA").expect("the name stands there");
    assert_eq!((found.start_word, found.words, found.word_count), (2, 1, 4));
    assert!(found.exact);
}

#[test]
fn weak_names_and_none() {
    for text in [
        "AWS",
        "Kindle",
        "Prime membership",
        "Amazonfilters",
        "Prime account",
        "Amazon Watch",
        "Amazon Rainforest Alliance",
        "the Amazon River",
    ] {
        let found = mention(brand(), text);
        assert!(
            found
                .as_ref()
                .is_some_and(|found| found.strength == Strength::Weak),
            "{text}: {found:?}"
        );
    }
    for text in [
        "",
        "Amazonia",
        "Amazonas Tours",
        "Amazonian Fish",
        "Tamazonite",
        "Yama Zone",
        "drama zone",
        "Amazone Landtechnik",
        "Amazones de Paris",
        "Amazing deals",
        "Bradesco Prime",
        "Prime",
        "Alexa Smith",
        "Maria Mazon",
        "Ramazan Yilmaz",
        "アマゾン川の旅",
        "亚马逊雨林",
        "Амазонка",
        "x@mazon.org",
    ] {
        assert_eq!(mention(brand(), text), None, "{text}");
    }
}

#[test]
fn look_ups_stay_right_with_many_entries() {
    let many: Vec<Domain> = (0..10_000)
        .map(|n| domain(&format!("shop{n}.example")))
        .collect();
    let brand = brand()
        .clone()
        .with_operator(&many, &[domain("amazon-fans.example")]);
    assert!(matches!(
        classify(&brand, &domain("mail.shop9999.example")),
        HostClass::Official(_)
    ));
    assert!(matches!(
        classify(&brand, &domain("amazon-fans.example")),
        HostClass::Unrelated(Some(_))
    ));
}

#[test]
fn long_input_takes_linear_time() {
    let started = std::time::Instant::now();
    for piece in [
        "amazon",
        "a\u{301}",
        "ama zone ",
        "\u{200b}",
        "rn",
        "アマゾン",
        "Am@",
    ] {
        let _ = mention(brand(), &piece.repeat(100_000));
    }
    let host = domain(&format!("{}.com", ["amazonamazon"; 19].join(".")));
    let _ = classify(brand(), &host);
    // Quadratic work over a megabyte would take hours.
    assert!(started.elapsed().as_secs() < 30);
}

fn is_strong(text: &str) -> bool {
    mention(brand(), text).is_some_and(|found| found.strength == Strength::Strong)
}

const NAMES: [&str; 9] = [
    "Amazon",
    "Amazon.co.jp",
    "ΑΜΑΖΟΝ",
    "Amazοn Prime",
    "Arnazon",
    "アマゾン",
    "亚马逊",
    "Амазон",
    "Prime Video",
];

const UNSEEN: [&str; 9] = [
    "\u{200b}",
    "\u{200d}",
    "\u{ad}",
    "\u{34f}",
    "\u{33f}",
    "\u{fe0f}",
    "\u{2060}",
    "\u{e0061}",
    "\u{73f}",
];

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,200}", host in "[a-z0-9.\\-_]{1,80}") {
        let _ = mention(brand(), &text);
        let _ = classify_line(brand(), &text);
        let _ = classify_line(brand(), &host);
    }

    #[test]
    fn what_is_put_between_letters_hides_no_name(
        name in prop::sample::select(&NAMES[..]),
        at in 0usize..14,
        unseen in prop::sample::select(&UNSEEN[..]),
    ) {
        let mut letters: Vec<String> = name.chars().map(String::from).collect();
        letters.insert(at.min(letters.len()), unseen.to_owned());
        let changed = letters.concat();
        prop_assert!(is_strong(&changed), "{changed:?}");
        prop_assert!(is_strong(&changed.to_lowercase()), "{changed:?}");
        prop_assert!(is_strong(&changed.to_uppercase()), "{changed:?}");
    }
}
