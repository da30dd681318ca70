//! Where links lead, by every way of hiding it.

use super::{html, plain, strong, weak, words};

const LOOKALIKE: &str = "lookalike-link";
const DECEPTIVE: &str = "deceptive-link";

#[test]
fn lookalike_hosts_are_found_wherever_a_link_can_stand() {
    for page in [
        "<a href='https://amazon.com.account-check.example/x'>here</a>",
        "<a href=https://security-amazon.com>here</a>",
        "<A HREF=\"HTTPS://WWW.AMAZON-LOGIN.EXAMPLE/\">here</A>",
        "<a href='https://xn--amazo-tlb.example/'>here</a><a href='https://аmazon.example/'>here</a>",
        "<a href='https://%61mazon-login.example/'>here</a>",
        "<a href='https:\\\\amazon-login.example\\x'>here</a>",
        "<a href='//amazon-login.example/x'>here</a>",
        "<a href='ht&#116;ps://amazon-login.example/x'>here</a>",
        "<a href='\n https://amazon-\nlogin.example/x'>here</a>",
        "<a href='amazon-login.example/x'>here</a>",
        "<a href='https://shop.example@amazon-login.example/x'>here</a>",
        "<map><area href='https://amazon-login.example/'></map>",
        "<form action='https://amazon-login.example/'><input name=q></form>",
        "<form><button formaction='https://amazon-login.example/'>x</button></form>",
        "<meta http-equiv=Refresh content='0; URL=https://amazon-login.example/'>",
        "<base href='https://amazon-login.example/'><a href='x'>here</a>",
        "<iframe src='https://amazon-login.example/'></iframe>",
        "<svg><a xlink:href='https://amazon-login.example/'>x</a></svg>",
        "<!--[if mso]><v:roundrect href='https://amazon-login.example/'></v:roundrect><![endif]-->",
        "<a href='https://www.google.com/url?q=https%3A%2F%2Famazon-login.example%2F&x=1'>here</a>",
        "<a href='https://www.amazon.com/redirect?url=https://amazon-login.example/'>here</a>",
        "<a href='https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Famazon-login.example'>x</a>",
        "<a href='mailto:help@amazon-login.example'>write</a>",
        "go to https://amazon-login.example/verify now",
        "go to www.amazon-login.example now",
        "go to amazon-login.example/verify now",
        "こちらhttps://amazon-login.example/をクリック",
    ] {
        assert_eq!(words(&weak(&html(page))), LOOKALIKE, "{page}");
    }
    for text in [
        "<https://amazon-login.example/>",
        "see amazon.com.evil.example/x",
        "（https://amazon-login.example）",
    ] {
        assert_eq!(words(&weak(&plain(text))), LOOKALIKE, "{text}");
    }
}

#[test]
fn an_address_of_the_brand_over_another_target_deceives() {
    for page in [
        "<a href='https://evil.example/x'>https://www.amazon.com/account</a>",
        "<a href='https://evil.example/x'>www.amazon.de</a>",
        "<a href='https://evil.example/x'>amazon.com</a>",
        "<a href='https://evil.example/x'><b>ama</b>zon.co.jp/ap/signin</a>",
        "<a href='https://evil.example/x'>Visit amazon.com</a>",
        "<a href='https://evil.example/x'><img src=x alt='https://www.amazon.com'></a>",
        "<a href='http://192.0.2.7/x'>https://www.amazon.fr</a>",
        "<a href='http://3221225991/x'>https://www.amazon.fr</a>",
        "<a href='http://[2001:db8::1]/x'>https://www.amazon.fr</a>",
        "<a href='https://bit.ly/abc'>https://www.amazon.it/orders</a>",
        "<a href='https://bucket.s3.amazonaws.com/login.html'>https://www.amazon.com/login</a>",
        "<a href='https://d111.cloudfront.net/login'>https://www.amazon.com/login</a>",
        "<a href='https://docs.google.com/forms/d/x'>https://www.amazon.com/login</a>",
        "<a href='data:text/html;base64,PGI+'>https://www.amazon.com/login</a>",
        "<a href='javascript:location=1'>www.amazon.com</a>",
        "<a href='https://www.amazon.com@evil.example/x'>here</a>",
        "<a href='https://www.amazon.com%2Fsignin@evil.example/x'>here</a>",
        "<a href='https://amazon.com\\@evil.example/x'>https://amazon.com</a>",
        "<a href='https://www.amazon.com/gp/redirect?location=https%3A%2F%2Fevil.example'>https://www.amazon.com/login</a>",
        "<a href='mailto:x@evil.example'>support@amazon.com</a>",
        "<a href='https://evil.example/x'>account-update@amazon.com</a>",
        "https://www.amazon.com@evil.example/signin",
    ] {
        assert_eq!(words(&weak(&html(page))), DECEPTIVE, "{page}");
    }
}

#[test]
fn an_address_in_other_letters_is_the_address_to_a_reader() {
    let content = weak(&html(
        "<a href='https://evil.example/x'>Αmazon.com/signin</a>",
    ));
    assert_eq!(
        words(&content),
        "lookalike-link deceptive-link brand-misspelled"
    );
}

#[test]
fn a_name_alone_deceives_only_in_a_mail_that_claims_to_be_the_brands() {
    for page in [
        "<a href='https://deals.example/x'>Amazon</a>",
        "<a href='https://deals.example/x'>Only today at Amazon: headphones</a>",
        "<a href='https://deals.example/x'><img alt='Amazon'></a>",
        "<a href='https://u1.ct.sendgrid.net/ls/click?upn=x'>https://www.amazon.com/</a>",
        "<a href='https://click.sender.example/x'>amazon.de</a>",
        "<a href='data:text/html,x'>Amazon</a>",
    ] {
        assert_eq!(words(&weak(&html(page))), "", "{page}");
        assert_eq!(words(&strong(&html(page))), DECEPTIVE, "{page}");
    }
}

#[test]
fn a_host_that_resembles_weakly_counts_with_a_second_sign() {
    let named = "<a href='https://amazon-xyz.blogspot.com/'>Amazon voucher</a>";
    let plain = "<a href='https://amazon-xyz.blogspot.com/'>read on</a>";
    assert_eq!(words(&weak(&html(named))), LOOKALIKE);
    assert_eq!(words(&weak(&html(plain))), "");
    assert_eq!(words(&strong(&html(plain))), LOOKALIKE);
}

#[test]
fn official_and_owned_hosts_lead_where_they_say() {
    for page in [
        "<a href='https://www.amazon.de/dp/B0'>www.amazon.de</a>",
        "<a href='https://amzn.to/3abc'>https://www.amazon.com/dp/B0</a>",
        "<a href='https://www.amazon.de:443/gp/r.html?U=https%3A%2F%2Fwww.amazon.de%2Fx'>amazon.de</a>",
        "<a href='https://www.amazon.com/ap/oa?redirect_uri=https%3A%2F%2Fshop.example'>amazon.com</a>",
        "<a href='https://m.media-amazon.com/x.png'>Amazon</a>",
        "<a href='https://www.primevideo.com/'>Amazon Prime Video</a>",
        "<a href='https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.amazon.de%2Fdp&data=1'>https://www.amazon.de/dp</a>",
        "<a href='https://urldefense.com/v3/__https://www.amazon.de/dp__;!!x'>www.amazon.de</a>",
        "<a href='https://www.google.com/url?q=https://www.amazon.de/dp&sa=D'>https://www.amazon.de/dp</a>",
        "<a href='mailto:help@amazon.com'>help@amazon.com</a>",
        "<a href='#top'>amazon.com</a> <a href='tel:+1'>amazon.com</a> <a href=''>amazon.com</a>",
    ] {
        assert_eq!(words(&strong(&html(page))), "", "{page}");
    }
}

#[test]
fn details_say_what_was_seen() {
    let content = weak(&html("<a href='https://evil.example/x'>www.amazon.de</a>"));
    let detail = content.details.first().expect("a finding has a detail");
    assert_eq!(detail.seen, "www.amazon.de -> evil.example");
    assert!(content.is_deceptive());
}
