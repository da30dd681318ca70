//! Bodies of mail as people and shops write them.

/// Text as people write it, about `octets` long.
pub fn text(octets: usize) -> String {
    let paragraph = "Hello Joe,\r\n\r\nthank you for the minutes of Tuesday. I put the figures of the third \
        quarter into the folder\r\n(https://files.friend.example/q3/figures.pdf), and Anna will send the offer for the \
        new office before Friday. Could you\r\nplease look through the contract once more? We should tell them by Monday, \
        12 October, that we want to renew it.\r\nCall me at +1 555 0100 if anything is unclear. Grüße aus Köln!\r\n\r\n";
    paragraph.repeat(octets / paragraph.len() + 1)
}

/// A newsletter's page, about `octets` long.
pub fn page(octets: usize) -> String {
    let row = "<tr><td style=\"padding:0 12px;font-family:Arial\"><a href=\"https://click.sender.example/ls/click?upn=a1b2c3\"\
        ><img src=\"https://img.sender.example/1.png\" alt=\"Garden chair\" width=\"120\"></a></td><td><h3>Garden chair &amp; \
        table</h3><p class=\"price\">Now 129,00&nbsp;&euro; instead of 149,00&nbsp;&euro;. Weatherproof, folds flat, and \
        delivered to your door within three days.</p><a href=\"https://click.sender.example/ls/click?upn=d4e5f6\">Look at it</a></td></tr>\r\n";
    let rows = row.repeat(octets / row.len() + 1);
    format!(
        "<!DOCTYPE html><html><head><style>p{{margin:0}} .price{{color:#c00}}</style></head><body><table>\r\n{rows}</table></body></html>\r\n"
    )
}
