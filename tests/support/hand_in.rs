//! One message over the milter socket, as an MTA hands it in.

use std::net::SocketAddr;
use std::time::Duration;

use indymilter_test::{MacroStage, Status, TestConnection};

/// A client that no rule exempts, and that the demonstration zone authorises for bulk-sender.example.
const CLIENT: [u8; 4] = [203, 0, 113, 30];

/// Hands in a message with this From field and this text.
pub fn hand_in(milter: SocketAddr, queue_id: &str, from: &str, text: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut mta = TestConnection::configure()
            .exact_leading_space(true)
            .read_timeout(Duration::from_secs(30))
            .open_tcp(milter)
            .await
            .expect("a negotiation");
        mta.connect("mail.bulk-sender.example", CLIENT)
            .await
            .expect("CONNECT");
        mta.helo("mail.bulk-sender.example").await.expect("HELO");
        mta.mail(["<bounce@bulk-sender.example>"])
            .await
            .expect("MAIL");
        mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
        mta.data().await.expect("DATA");
        mta.macros(MacroStage::Eoh, [("i", queue_id)])
            .await
            .expect("macros");
        mta.header("From", format!(" {from}").as_str())
            .await
            .expect("From");
        mta.header("Subject", " hello").await.expect("Subject");
        if mta.eoh().await.expect("end of header") == Status::Continue {
            mta.body(text.to_owned()).await.expect("BODY");
            mta.eom().await.expect("end of message");
        }
    });
}
