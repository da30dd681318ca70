//! One message over the milter socket, as an MTA hands it in.

use std::net::SocketAddr;
use std::time::Duration;

use indymilter_test::{MacroStage, Status, TestConnection};

/// A client that no rule exempts, and that the demonstration zone authorises for bulk-sender.example.
const CLIENT: [u8; 4] = [203, 0, 113, 30];

/// As much of a body as Postfix sends at a time.
const PIECE: usize = 65_535;

/// Hands in a message whole, with the header that it has.
pub fn hand_in_whole(milter: SocketAddr, queue_id: &str, message: &[u8]) {
    let text = String::from_utf8_lossy(message).into_owned();
    let (header, body) = text.split_once("\r\n\r\n").expect("a header");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut mta = begin(milter, queue_id).await;
        for field in header.replace("\r\n ", " ").lines() {
            let (name, value) = field.split_once(':').expect("a field");
            mta.header(name, value).await.expect("a field");
        }
        if mta.eoh().await.expect("end of header") == Status::Continue {
            for piece in body.as_bytes().chunks(PIECE) {
                if mta.body(piece.to_vec()).await.expect("BODY") == Status::Skip {
                    break;
                }
            }
            mta.eom().await.expect("end of message");
        }
    });
}

/// A conversation up to the header.
async fn begin(milter: SocketAddr, queue_id: &str) -> TestConnection {
    let mut mta = TestConnection::configure()
        .exact_leading_space(true)
        .read_timeout(Duration::from_secs(60))
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
    mta
}

/// Hands in a message with this From field and this text.
pub fn hand_in(milter: SocketAddr, queue_id: &str, from: &str, text: &str) {
    let message = format!("From: {from}\r\nSubject: hello\r\n\r\n{text}");
    hand_in_whole(milter, queue_id, message.as_bytes());
}
