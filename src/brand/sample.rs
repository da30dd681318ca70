//! An invented brand: the engine must work for any.

use crate::brand::Brand;

/// The file of Contoso, a maker of umbrellas.
pub(crate) const CONTOSO: &str = r#"
brand = "Contoso"
main = "contoso.com"
updated = "2026-01-31"

[[host_word]]
text = "contoso"
typos = true

[[host_word]]
text = "ctso"

[[host_word]]
text = "cts"
needs_lure = true

[words]
other = ["contosonia", "tosome"]
neighbours = ["mountain"]
lure = ["login", "secure", "security", "account", "id", "konto"]
site = ["com", "co", "www", "shop", "uk", "it"]
filler = ["my", "the"]

[services]
tenant = ["helpdesk.example"]
free_hosting = ["pages.example"]
free_mail = ["post.example"]
free_mail_any_suffix = ["webpost"]

[speech]
products = ["Rain Club", "CTS"]
memberships = ["Rain Club"]
between = ["Rain Club", "Seller", "Selling", "Business", "Cloud Services"]
footers = ["12 Umbrella Street", "HRB 4711"]
credits = ["Studios"]
order_numbers = ["3-7-7"]

[[name]]
text = "Contoso"
strength = "strong"
endings = ["in"]
doubtful_endings = ["s"]

[[name]]
text = "c→o"
strength = "none-alone"
with_lures = "strong"
drawn = true

[[name]]
text = "CTS"
strength = "none-alone"
with_lures = "strong"

[[name]]
text = "コントソ"
strength = "strong"

[[name]]
text = "Rain Club"
strength = "weak"

[[name]]
text = "Club"
strength = "none-alone"

[[other_name]]
text = "Contoso Mountain School"

[[other_name]]
text = "コントソ山"

[[source]]
id = "OWN"
description = "Contoso's own list"

[[domain]]
name = "contoso.com"
class = "official-sender"
category = "shop"
guidance = true
sources = ["OWN"]

[[domain]]
name = "contoso.co.uk"
class = "likely-sender"
category = "shop"
sources = ["OWN"]

[[domain]]
name = "relay.contoso.com"
class = "user-content"
category = "shop"
sources = ["OWN"]

[[domain]]
name = "contosoumbrellas.com"
class = "owned"
category = "shop"
sources = ["OWN"]

[[domain]]
name = "about.contoso.com"
class = "unverified"
category = "shop"
sources = ["OWN"]

[[domain]]
name = "raincoats.example"
class = "subsidiary"
category = "shop"
sources = ["OWN"]

[[domain]]
name = "contosocloud.com"
class = "never"
category = "cloud"
sources = ["OWN"]

[[domain]]
name = "alerts.contosocloud.com"
class = "user-content"
category = "cloud"
sources = ["OWN"]

[[domain]]
name = "secure-contoso.com"
class = "fake"
category = "fake"
sources = ["OWN"]

[[domain]]
name = "pay-contoso.com"
class = "fake"
owned = true
category = "fake"
sources = ["OWN"]

[[domain]]
name = "conto-parts.example"
class = "fake"
category = "fake"
sources = ["OWN"]

[[domain]]
name = "contoso.test"
class = "unrelated"
category = "other organisation"
sources = ["OWN"]

[[domain]]
name = "cardbank.example"
class = "partner"
category = "bank"
sources = ["OWN"]

[[address]]
address = "contoso-security@post.example"
sources = ["OWN"]
"#;

pub(crate) fn contoso() -> Brand {
    match Brand::from_toml(CONTOSO) {
        Ok(brand) => brand,
        Err(errors) => panic!("{errors:?}"),
    }
}
