use crate::brand::{Brand, host::classify_line, sample::CONTOSO};

/// The invented brand with a word of letters that pairs resemble, others that hold it, and products.
fn brand() -> Brand {
    let others = r#"other = ["meadowlark", "snowmeadow", "dowel", "adow", "meadowshop", "#;
    let text = CONTOSO
        .replace("other = [", others)
        .replace("lure = [", "lure = [\"parcels\", ");
    let more = r#"
[[host_word]]
text = "meadow"
typos = true

[[domain]]
name = "cord.com"
class = "official-sender"
category = "shop"
sources = ["OWN"]

[[product]]
text = "umbrellaplus"
own = true
domain = "contosoumbrellas.com"

[[product]]
text = "raincoatday"

[[product]]
text = "stickpay"
with = ["account"]

[[product]]
text = "tradewinds"
trade = true

[[product]]
text = "cord"
"#;
    Brand::from_toml(&format!("{text}{more}")).unwrap()
}

/// Compares all rows, so that one run says what is wrong with each.
fn check(rows: &[(&str, &str)]) {
    let brand = brand();
    let seen = |host: &str| {
        let (class, why) = classify_line(&brand, host);
        match class {
            "lookalike" => why.split(':').next().unwrap_or_default().to_owned(),
            class => class.to_owned(),
        }
    };
    let wrong: Vec<String> = rows
        .iter()
        .map(|(host, expected)| (host, expected, seen(host)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(host, expected, found)| format!("{host}: {expected} wanted, {found} found"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn letter_pairs_are_read_as_the_letters_that_they_look_like() {
    check(&[
        ("meadow.biz", "tld-swap (strong)"),
        ("rneadow.com", "homoglyph (strong)"),
        ("lneadow.com", "homoglyph (strong)"),
        ("ineadow.com", "homoglyph (strong)"),
        ("nreadow.com", "homoglyph (strong)"),
        ("rreadow.com", "homoglyph (strong)"),
        ("ivleadow.com", "homoglyph (strong)"),
        ("meaclow.com", "homoglyph (strong)"),
        ("meadovv.com", "homoglyph (strong)"),
        ("rneaclovv.com", "homoglyph (strong)"),
        // Where the token ends or begins, or behind listed words.
        ("xrneadow.com", "homoglyph (strong)"),
        ("rneadowx.com", "homoglyph (strong)"),
        ("myrneadowx.com", "homoglyph (strong)"),
        ("xrneadowx.com", "unrelated"),
        ("login-rneadow.com", "homoglyph (strong)"),
        ("rneadow-login.com", "homoglyph (strong)"),
        ("rnead-ow.com", "unrelated"),
        // With a slip besides.
        ("rneadwo.com", "typo (strong)"),
        ("meaclwo.com", "typo (strong)"),
        ("rneadwo7.com", "typo (weak)"),
        ("7rneadwo.com", "typo (weak)"),
        ("rneadwoqz.com", "typo (weak)"),
        ("qrneadwo.com", "unrelated"),
        ("rneadwo-login.com", "typo (strong)"),
        ("shop-meaclwo.com", "typo (strong)"),
        ("rneedwa.com", "unrelated"),
    ]);
}

#[test]
fn a_word_that_holds_the_brands_means_something_else() {
    check(&[
        ("meadowlark.com", "unrelated"),
        ("meadowlarks.com", "unrelated"),
        ("meadowlarkx.com", "glued-words (weak)"),
        ("meadowlarkxy.com", "glued-words (weak)"),
        ("meadowlarkxyz.com", "unrelated"),
        ("meadowlarkshop.com", "unrelated"),
        ("meadowlarklogin.com", "combosquat (strong)"),
        ("meadow1ark.com", "glued-words (weak)"),
        ("meadowiark.com", "glued-words (weak)"),
        ("snowmeadow.com", "unrelated"),
        ("snowmeadows.com", "unrelated"),
        ("snowmeadowlogin.com", "combosquat (strong)"),
        ("xsnowmeadow.com", "glued-words (weak)"),
        ("snowmeado.com", "unrelated"),
        // One that begins within the match and runs out of it.
        ("xmeadowel.com", "unrelated"),
        ("xmeadowelx.com", "unrelated"),
        ("mymeadowel.com", "glued-words (weak)"),
        ("meadowel.com", "glued-words (weak)"),
        ("xmeadowe.com", "glued-words (weak)"),
        ("xmeadow.com", "typo (strong)"),
        // Known words behind leave it no letters, unless it is that word.
        ("meadowlogin.com", "combosquat (strong)"),
        ("meadowshop.com", "unrelated"),
        ("mymeadowshop.com", "unrelated"),
        ("loginmeadowshop.com", "combosquat (strong)"),
        ("ukmeadowshop.com", "imitated-address (strong)"),
        ("meadow-shop.com", "imitated-address (strong)"),
        ("meadowshops.com", "unrelated"),
    ]);
}

#[test]
fn what_stands_beside_the_word_decides() {
    check(&[
        ("meadows-uk.com", "imitated-address (strong)"),
        ("meadowsuk.com", "glued-words (weak)"),
        ("meadowx-uk.com", "random-letters (strong)"),
        ("meadows.com", "typo (strong)"),
        ("meadows-mountain.com", "unrelated"),
        ("meadow-mountain.com", "unrelated"),
        ("meadow-mountain-login.com", "combosquat (strong)"),
        ("meadow-my.com", "glued-words (weak)"),
        ("meadow-uk.com", "imitated-address (strong)"),
        ("meadow-login.com", "combosquat (strong)"),
        ("meadow-login-uk.com", "combosquat (strong)"),
        ("meadowmeadow.com", "tld-swap (strong)"),
        ("meadow-meadow.com", "tld-swap (strong)"),
        ("meadowmeado.com", "glued-words (weak)"),
        ("mea-dow.com", "spelled-apart (strong)"),
        ("shop-mea-dow.com", "spelled-apart (strong)"),
        ("mea-dow-shop.com", "spelled-apart (strong)"),
        ("mea-dows.com", "typo (weak)"),
        ("me-ado.com", "typo (weak)"),
        ("me-aqzo.com", "unrelated"),
        ("meadow.helpdesk.example", "tenant (weak)"),
        ("meadow-login.helpdesk.example", "tenant (weak)"),
        ("meadow.pages.example", "free-hosting (strong)"),
        ("meadow.stranger.com", "brand-label (strong)"),
        // Letters that are no word.
        ("meadow-xcvbn.com", "random-letters (strong)"),
        ("meadow-brakel.com", "glued-words (weak)"),
        ("meadow-parcls.com", "combosquat (strong)"),
        ("meadow-arcels.com", "glued-words (weak)"),
        ("meadow-logn.com", "combosquat (strong)"),
        ("meadow-lgin.com", "combosquat (strong)"),
        ("meadow-logi.com", "glued-words (weak)"),
        ("meadow-acount.com", "glued-words (weak)"),
        ("meadow-uk-abel.com", "random-letters (strong)"),
        ("meadow-uk-abelo.com", "glued-words (weak)"),
        ("meadow-abel.com", "glued-words (weak)"),
        ("meadow-shopabel.com", "random-letters (strong)"),
        ("meadow-ukabel.com", "glued-words (weak)"),
    ]);
}

#[test]
fn a_slip_counts_by_where_it_stands() {
    check(&[
        ("maedow.com", "typo (strong)"),
        ("meadoww.com", "typo (strong)"),
        ("meadov.com", "typo (strong)"),
        ("meado.com", "typo (strong)"),
        ("eadow.com", "typo (weak)"),
        ("headow.com", "typo (weak)"),
        ("qeadow.com", "typo (weak)"),
        ("qeadow.qzk", "unrelated"),
        ("meadqz.com", "unrelated"),
        ("headow-login.com", "unrelated"),
        ("headow-brakel.com", "unrelated"),
        ("maedow-login.com", "typo (strong)"),
        ("maedowlogin.com", "typo (strong)"),
        ("maedowshop.com", "typo (strong)"),
        ("maedowmy.com", "typo (weak)"),
        ("maedowbrakel.com", "typo (weak)"),
        ("brakelmaedow.com", "unrelated"),
        ("brakelmaedow-login.com", "typo (strong)"),
        ("maedow-mountain.com", "typo (strong)"),
        ("maedowmountain.com", "unrelated"),
        ("maedow.co.uk.stranger.com", "typo (strong)"),
        ("mqedow.co.uk.stranger.com", "typo (strong)"),
        ("mqqdow.co.uk.stranger.com", "typo (strong)"),
        ("mqqqow.co.uk.stranger.com", "unrelated"),
        ("maedowbrakel.co.uk.stranger.com", "typo (strong)"),
        ("brakelmaedow.co.uk.stranger.com", "typo (weak)"),
        ("snowmaedow.com", "unrelated"),
        ("maedowlark.com", "typo (weak)"),
    ]);
}

#[test]
fn a_product_counts_by_whose_its_name_is() {
    check(&[
        ("umbrellaplus.biz", "tld-swap (weak)"),
        ("umbrella-plus.biz", "spelled-apart (weak)"),
        ("umbrellaplus.stranger.com", "brand-label (weak)"),
        ("umbrella.plus.stranger.com", "spelled-apart (weak)"),
        ("umbrellaplus.pages.example", "free-hosting (weak)"),
        ("umbrellaplus.helpdesk.example", "tenant (weak)"),
        ("umbre11aplus.biz", "homoglyph (strong)"),
        ("xn--umbrellapls-2hb.biz", "tld-swap (weak)"),
        ("xn--umbrllaplus-rkj.biz", "idn (strong)"),
        ("umbrellaplus-login.biz", "combosquat (strong)"),
        ("umbrellapluslogin.biz", "combosquat (strong)"),
        ("loginumbrellaplus.biz", "combosquat (strong)"),
        ("login-umbrella-plus.biz", "combosquat (strong)"),
        ("umbrellaplus-login.stranger.com", "combosquat (strong)"),
        ("umbrellaplus-login.helpdesk.example", "unrelated"),
        ("umbrellaplus-uk.biz", "imitated-address (strong)"),
        ("umbrellaplus-my.biz", "unrelated"),
        ("umbrellaplus-brakel.biz", "unrelated"),
        ("umbrellaplus-brakel-login.biz", "unrelated"),
        ("myumbrellaplus-login.biz", "combosquat (strong)"),
        ("xumbrellaplus-login.biz", "unrelated"),
        ("umbrelaplus.biz", "typo (weak)"),
        ("umbrelaplus.pages.example", "typo (weak)"),
        ("umbrelaplus.helpdesk.example", "unrelated"),
        ("umbrelaplus-login.biz", "typo (strong)"),
        ("umbrqllaplus-login.biz", "unrelated"),
        ("umbqqllaplus-login.biz", "unrelated"),
        ("umbrelaplus-uk.biz", "unrelated"),
        // Others may bear these.
        ("raincoatday.biz", "tld-swap (weak)"),
        ("raincoat-day.biz", "unrelated"),
        ("raincoatday.stranger.com", "unrelated"),
        ("raincoatday.pages.example", "unrelated"),
        ("raincoatday-login.biz", "combosquat (strong)"),
        ("raincoat-day-login.biz", "combosquat (strong)"),
        ("raincoatday-login.stranger.com", "combosquat (weak)"),
        ("raincoatday-login.pages.example", "combosquat (strong)"),
        ("raincoatday-uk.biz", "unrelated"),
        ("raincoatday-my.biz", "unrelated"),
        ("raincoattday-login.biz", "typo (strong)"),
        ("raincoatqay-login.biz", "unrelated"),
        ("raincoattday.biz", "unrelated"),
        ("stickpay-account.biz", "combosquat (strong)"),
        ("account-stickpay.biz", "combosquat (strong)"),
        ("stickpay-login.biz", "unrelated"),
        ("stickpay-login-account.biz", "combosquat (strong)"),
        ("tradewinds-my.biz", "glued-words (strong)"),
        ("tradewinds-login.biz", "combosquat (strong)"),
        ("tradewinds-uk.biz", "unrelated"),
        ("cord.biz", "unrelated"),
        ("cord-login.biz", "combosquat (strong)"),
        ("cordd-login.biz", "unrelated"),
    ]);
    let (_, why) = classify_line(&brand(), "umbrellaplus-login.biz");
    assert!(why.ends_with("; resembles contosoumbrellas.com"), "{why}");
}

#[test]
fn a_listed_domain_before_a_strangers_is_shown_in_front() {
    check(&[
        ("contoso.com.biz", "official-prefix (strong)"),
        ("contoso.com.a.biz", "official-prefix (strong)"),
        ("www.contoso.com.a.b.c.biz", "official-prefix (strong)"),
        (
            "x.contosoumbrellas.com.stranger.biz",
            "official-prefix (strong)",
        ),
        ("pay-contoso.com.stranger.biz", "random-letters (strong)"),
        ("about.contoso.com.stranger.biz", "official-prefix (strong)"),
        ("contoso.test.stranger.biz", "brand-label (strong)"),
        ("cardbank.example.stranger.biz", "unrelated"),
        ("cord.com", "official"),
        ("cord.com.biz", "official-prefix (strong)"),
        ("cord.com.stranger.biz", "official-prefix (strong)"),
        ("x.cord.com.stranger.biz", "official-prefix (strong)"),
        // Some company's under its own ending.
        ("cord.com.au", "unrelated"),
        ("x.cord.com.au", "unrelated"),
        ("contosoumbrellas.biz", "glued-words (weak)"),
        ("contosoumbrellas.pages.example", "glued-words (weak)"),
        ("raincoats.example.stranger.biz", "unrelated"),
        ("con.toso.stranger.biz", "spelled-apart (strong)"),
        ("con.to.so.stranger.biz", "spelled-apart (strong)"),
        ("con.to-so.stranger.biz", "spelled-apart (strong)"),
        ("x.con.toso.stranger.biz", "spelled-apart (strong)"),
        ("con.x.toso.stranger.biz", "unrelated"),
        ("con.tosox.stranger.biz", "unrelated"),
        ("contosoumbrellas.stranger.biz", "glued-words (weak)"),
    ]);
}
