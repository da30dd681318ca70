//! One message over a connection, as Postfix sends it.

use crate::{
    mail::Mail,
    wire::{End, Wire},
};

/// What the two sides agreed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agreed {
    options: u32,
    /// All that the program could ask for was granted.
    pub(crate) whole: bool,
}

// Of libmilter/mfdef.h.
const NO_MAIL: u32 = 0x4;
const NO_RCPT: u32 = 0x8;
const NO_DATA: u32 = 0x200;
const NR_HEADER: u32 = 0x80;
const NR_CONNECT: u32 = 0x1000;
const NR_HELO: u32 = 0x2000;
const NR_MAIL: u32 = 0x4000;
const NR_RCPT: u32 = 0x8000;
const NR_DATA: u32 = 0x1_0000;
const NR_EOH: u32 = 0x4_0000;
const NR_BODY: u32 = 0x8_0000;

/// More than any message here needs.
const MOST_EDITS: usize = 3_000;

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By an answer, with the edits before it; `early` is one before the end of the message.
    Answer {
        command: u8,
        data: Vec<u8>,
        edits: Vec<(u8, Vec<u8>)>,
        early: bool,
    },
    /// We gave it up; nothing is to be said of it.
    Abort,
}

/// Negotiates, with less to offer where `poor`.
pub(crate) async fn negotiate(wire: &mut Wire, poor: bool) -> Result<Agreed, End> {
    // What Postfix offers; a poor one lets no field be changed and nothing be held.
    let actions: u32 = if poor { 0x01 } else { 0x1ff };
    let offer = [6, actions, 0x1f_ffff].map(u32::to_be_bytes).concat();
    wire.say(b'O', &offer);
    let (command, data) = wire.hear().await?;
    let options = data.get(8..12).and_then(|octets| octets.try_into().ok());
    let Some(options) = options.filter(|_| command == b'O') else {
        wire.site.trace.wrong("the offer has no answer");
        return Err(End::Torn);
    };
    Ok(Agreed {
        options: u32::from_be_bytes(options),
        whole: !poor,
    })
}

impl Agreed {
    fn has(self, option: u32) -> bool {
        self.options & option != 0
    }

    /// Says something and, where it is answered, hears whether the message goes on.
    async fn step(
        self,
        wire: &mut Wire,
        said: (u8, &[u8]),
        silent: u32,
    ) -> Result<Option<(u8, Vec<u8>)>, End> {
        wire.say(said.0, said.1);
        if self.has(silent) {
            return Ok(None);
        }
        let (command, data) = wire.hear().await?;
        match command {
            b'c' => Ok(None),
            _ => Ok(Some((command, data))),
        }
    }

    /// Who connects.
    pub(crate) async fn greet(self, wire: &mut Wire, mail: &Mail) -> Result<(), End> {
        wire.say(b'D', b"Cj\0mx.mta.example\0");
        let address = format!("mail.client.example\x004\x00\x19{}\0", mail.client);
        let connect = self
            .step(wire, (b'C', address.as_bytes()), NR_CONNECT)
            .await?;
        let helo = format!("{}\0", mail.helo);
        let helo = self.step(wire, (b'H', helo.as_bytes()), NR_HELO).await?;
        for answer in [connect, helo].into_iter().flatten() {
            wire.site
                .trace
                .wrong(&format!("a client was greeted by {answer:?}"));
        }
        Ok(())
    }

    /// HELO once more, as a client does that starts TLS.
    pub(crate) async fn helo(self, wire: &mut Wire, mail: &Mail) -> Result<(), End> {
        let helo = format!("{}\0", mail.helo);
        self.step(wire, (b'H', helo.as_bytes()), NR_HELO)
            .await
            .map(drop)
    }

    /// Sends a message; `abort` is the stage at which it is given up, if any.
    pub(crate) async fn send(
        self,
        wire: &mut Wire,
        mail: &Mail,
        abort: Option<u64>,
    ) -> Result<Ended, End> {
        let mut stage = 0;
        let mut gives_up = |wire: &mut Wire| {
            stage += 1;
            let over = abort == Some(stage);
            if over {
                wire.say(b'A', b"");
            }
            over
        };
        let early = |(command, data)| {
            Ok(Ended::Answer {
                command,
                data,
                edits: Vec::new(),
                early: true,
            })
        };
        if let Some(answer) = self.envelope(wire, mail).await? {
            return early(answer);
        }
        if gives_up(wire) {
            return Ok(Ended::Abort);
        }
        for (name, value) in &mail.fields {
            let field = format!("{name}\0{value}\0");
            if let Some(answer) = self.step(wire, (b'L', field.as_bytes()), NR_HEADER).await? {
                return early(answer);
            }
        }
        if gives_up(wire) {
            return Ok(Ended::Abort);
        }
        let queue_id = mail.queue_id();
        wire.say(b'D', format!("Ni\0{queue_id}\0").as_bytes());
        if let Some(answer) = self.step(wire, (b'N', b""), NR_EOH).await? {
            return early(answer);
        }
        if gives_up(wire) {
            return Ok(Ended::Abort);
        }
        if let Some(answer) = self.body(wire, mail).await? {
            return early(answer);
        }
        if gives_up(wire) {
            return Ok(Ended::Abort);
        }
        wire.say(b'D', format!("Ei\0{queue_id}\0").as_bytes());
        wire.say(b'E', b"");
        let mut edits = Vec::new();
        loop {
            let (command, data) = wire.hear().await?;
            match command {
                b'+' | b'-' | b'2' | b'b' | b'e' | b'h' | b'i' | b'm' | b'q' => {
                    edits.push((command, data));
                    if edits.len() > MOST_EDITS {
                        wire.site.trace.wrong("edits come without end");
                        return Err(End::Torn);
                    }
                }
                b'p' => {}
                _ => {
                    return Ok(Ended::Answer {
                        command,
                        data,
                        edits,
                        early: false,
                    });
                }
            }
        }
    }

    async fn envelope(self, wire: &mut Wire, mail: &Mail) -> Result<Option<(u8, Vec<u8>)>, End> {
        let login = if mail.login {
            "M{auth_authen}\0jane\0"
        } else {
            "M"
        };
        wire.say(b'D', login.as_bytes());
        if !self.has(NO_MAIL) {
            let from = format!("{}\0", mail.mail_from);
            wire.mail_said = None;
            let answer = self.step(wire, (b'M', from.as_bytes()), NR_MAIL).await?;
            wire.flush().await?;
            wire.mail_said = Some(wire.site.trace.now());
            wire.site.begins(wire.id);
            if answer.is_some() {
                return Ok(answer);
            }
        }
        for path in mail.recipients.iter().filter(|_| !self.has(NO_RCPT)) {
            let to = format!("{path}\0");
            let answer = self.step(wire, (b'R', to.as_bytes()), NR_RCPT).await?;
            if answer.is_some() {
                return Ok(answer);
            }
        }
        if self.has(NO_DATA) {
            return Ok(None);
        }
        self.step(wire, (b'T', b""), NR_DATA).await
    }

    async fn body(self, wire: &mut Wire, mail: &Mail) -> Result<Option<(u8, Vec<u8>)>, End> {
        let size = wire.chance.pick(&[65_535, 65_535, 4_096, 700]);
        for chunk in mail.body.chunks(size) {
            match self.step(wire, (b'B', chunk), NR_BODY).await? {
                None => {}
                Some((b's', _)) => return Ok(None),
                Some(answer) => return Ok(Some(answer)),
            }
        }
        Ok(None)
    }
}
