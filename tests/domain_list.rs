//! The shipped list against what its sources say: each entry can be traced, and each sender, fake and service
//! that a public source names has the class that this source gives it.

#![allow(clippy::expect_used)]

use amazon_spoof_milter::{
    brand::{Brand, Class, host::classify_line},
    mail::domain::Domain,
};

fn brand() -> &'static Brand {
    Brand::embedded()
}

fn domain(text: &str) -> Domain {
    Domain::parse(text).expect("a domain name")
}

fn class(host: &str) -> Option<Class> {
    brand().entry(&domain(host)).map(|entry| entry.class)
}

#[test]
fn each_entry_names_a_source_that_is_described_and_dated() {
    for entry in brand().entries() {
        assert!(!entry.sources.is_empty(), "{}: no source", entry.domain);
        for id in &entry.sources {
            let mut sources = brand().sources().iter();
            let source = sources.find(|source| source.id == *id);
            let source = source.unwrap_or_else(|| panic!("{}: {id} is no source", entry.domain));
            assert!(source.description.len() > 10, "{id}: no description");
            let year = source.date.get(..4).and_then(|year| year.parse().ok());
            assert!(
                year.is_some_and(|year: u16| (2015..=2026).contains(&year)),
                "{id}: no date"
            );
        }
    }
}

/// Senders that the owner's public documentation names, each with its guide.
const SENDERS: [(&str, Class); 11] = [
    // awsdocs/aws-single-sign-on-user-guide, troubleshooting
    ("login.awsapps.com", Class::OfficialSender),
    ("signin.aws", Class::OfficialSender),
    // awsdocs/amazon-connect-admin-guide, contact-lens-rules-email: a customer's text
    ("amazonconnect.com", Class::UserContent),
    // awsdocs/amazon-route53-docs, domain-register; the first two are an associate's, with texts of others
    ("domainnameverification.net", Class::UserContent),
    ("emailverification.info", Class::UserContent),
    ("registrar.amazon", Class::OfficialSender),
    // awsdocs/amazon-appstream2-developer-guide, user-pool-admin
    (
        "accounts.us-east-1.amazonappstream.com",
        Class::OfficialSender,
    ),
    (
        "accounts.eu-central-1.amazonappstream.com",
        Class::OfficialSender,
    ),
    // Guides of AWS Health and of User Notifications
    ("aws.com", Class::OfficialSender),
    // Buyers' text
    ("amazonpay.amazon.co.jp", Class::UserContent),
    // Others see its mail, the documentation names its web host
    ("amazonworkspaces.com", Class::LikelySender),
];

#[test]
fn senders_of_the_documentation_are_senders_and_their_neighbours_are_not() {
    for (host, expected) in SENDERS {
        assert_eq!(class(host), Some(expected), "{host}");
        assert_eq!(classify_line(brand(), host).0, "official", "{host}");
        assert!(!brand().is_free_name(&domain(host)), "{host}");
    }
    for (host, expected) in [
        ("desk-7.awsapps.com", Class::Never),
        ("x.login.awsapps.com", Class::Never),
        ("desk-7.amazonconnect.com", Class::Never),
        ("x.emailverification.info", Class::Never),
        ("x.amazonappstream.com", Class::Owned),
        ("x.accounts.us-east-1.amazonappstream.com", Class::Owned),
    ] {
        assert_eq!(class(host), Some(expected), "{host}");
        assert_ne!(classify_line(brand(), host).0, "official", "{host}");
        assert_eq!(brand().organizational(&domain(host)), None, "{host}");
    }
    // Customers' names beside it prove nothing for it.
    for host in ["login.awsapps.com", "amazonconnect.com"] {
        assert_eq!(brand().organizational(&domain(host)), None, "{host}");
    }
}

#[test]
fn what_is_called_fake_is_fake() {
    for (host, word) in [
        ("amazon-sw.com", "lookalike"),
        ("security-amazon.com", "lookalike"),
        ("amazon.com.biz", "lookalike"),
        ("mazonsellerservices.com", "lookalike"),
        // Its web hosts are the brand's own; as an author it is none.
        ("amazonservices.com", "owned"),
        ("payments-amazon.com", "owned"),
    ] {
        assert_eq!(class(host), Some(Class::Fake), "{host}");
        assert_eq!(classify_line(brand(), host).0, word, "{host}");
        assert_eq!(brand().organizational(&domain(host)), None, "{host}");
    }
    for (local, host) in [
        ("seller-performance", "amazon-sw.com"),
        ("seller-performance", "amazonservices.com"),
        ("seller-performance", "payments-amazon.com"),
        ("amazon-security", "hotmail.com"),
        ("amazon-payments", "msn.com"),
    ] {
        assert!(
            brand().is_fake_address(local, &domain(host)),
            "{local}@{host}"
        );
    }
}

#[test]
fn owned_domains_send_nothing() {
    for host in [
        "amazonaws.net",
        "amazonaws.org",
        "amazonaws.biz",
        "amazonaws.info",
        "amazonwebservices.cn",
        "amazonprimevideos.com",
        "amazonprimevideo.cn",
        "amazonprimevideo.com.cn",
        "amazonappstream.com",
        "amazonmr.au1.qualtrics.com",
    ] {
        assert_eq!(class(host), Some(Class::Owned), "{host}");
        assert_eq!(classify_line(brand(), host).0, "owned", "{host}");
        assert_eq!(brand().organizational(&domain(host)), None, "{host}");
    }
    // One person says so: that changes nothing.
    assert_eq!(class("dsp.amazon-logistics.com"), Some(Class::Unverified));
    assert_eq!(
        classify_line(brand(), "dsp.amazon-logistics.com").0,
        "lookalike"
    );
    // Another customer's survey is not the brand's.
    assert_eq!(
        classify_line(brand(), "meadow.au1.qualtrics.com").0,
        "unrelated"
    );
}

#[test]
fn alias_services_are_known() {
    for host in [
        "relay.firefox.com",
        "mozmail.com",
        "forwardemail.net",
        "spamgourmet.com",
        "simplelogin.co",
        "slmail.me",
        "slmails.com",
        "aleeas.com",
        "8alias.com",
        "silomails.com",
        "dralias.com",
        "passmail.net",
        "addymail.com",
        "joe.anonaddy.com",
        "privaterelay.appleid.com",
        "duck.com",
    ] {
        assert_eq!(class(host), Some(Class::AliasRelay), "{host}");
        assert_eq!(classify_line(brand(), host).0, "unrelated", "{host}");
    }
    assert_eq!(class("firefox.com"), None);
}

#[test]
fn free_names_are_known() {
    for (host, free) in [
        ("gmail.com", true),
        ("yahoo.co.jp", true),
        ("web.de", true),
        ("sharklasers.com", true),
        ("meadow.onmicrosoft.com", true),
        ("mail.meadow.onmicrosoft.com", true),
        ("meadow.zendesk.com", true),
        ("desk-7.awsapps.com", true),
        ("meadow.weebly.com", true),
        ("meadow.github.io", true),
        ("mail.duckdns.org", true),
        ("meadow.ddns.net", true),
        ("meadow.yourtrap.com", true),
        ("eu-west-1.amazonses.com", true),
        ("meadow.s3.amazonaws.com", true),
        // The service's own hosts, and names that somebody registered.
        ("zendesk.com", false),
        ("mail.zendesk.com", false),
        ("email.slack.com", false),
        ("meadow.example", false),
        ("mail.meadow.co.uk", false),
        ("amazon.com", false),
        ("login.awsapps.com", false),
        ("synchronybank.com", false),
    ] {
        assert_eq!(brand().is_free_name(&domain(host)), free, "{host}");
    }
}
