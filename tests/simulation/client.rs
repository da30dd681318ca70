//! The MTA's processes: most send mail, some stop in the middle, and some are none.

use crate::{
    chance::Chance,
    check::Answered,
    dialog::{Agreed, Ended, negotiate},
    mail::{Mail, Order, compose},
    right::Rules,
    site::Site,
    wire::{End, Wire},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, UNIX_EPOCH},
};
use tokio::time::sleep;

/// From the order to stop on, a message that is under way has so long.
const DRAIN: Duration = Duration::from_secs(20);

/// How long a command may take, by default.
const COMMAND: Duration = Duration::from_secs(30);

/// How long nobody may say anything, by default.
const IDLE: Duration = Duration::from_secs(600);

/// Sends so many messages over as many connections as it takes.
pub(crate) async fn honest(site: Arc<Site>, mut chance: Chance, mut messages: u64) {
    while messages > 0 {
        let tear = chance.percent(7).then(|| chance.index(6_000));
        let Some(mut wire) = Wire::open(&site, chance.fork(), tear).await else {
            return;
        };
        let many = 1 + chance.below(messages.min(12));
        messages -= many;
        let end = session(&mut wire, &mut chance, many).await;
        site.trace.say(&format!("c{} ends: {end:?}", wire.id));
        if end.is_err() {
            site.lingers();
        }
        drop(wire);
        sleep(Duration::from_millis(chance.below(3_000))).await;
    }
}

async fn session(wire: &mut Wire, chance: &mut Chance, messages: u64) -> Result<(), End> {
    let asked = wire.site.trace.now();
    let agreed = negotiate(wire, chance.percent(4)).await?;
    let mut rules = wire.site.in_force_since(asked);
    for nth in 0..messages {
        wire.unasked()?;
        let site = Arc::clone(&wire.site);
        let mail = mail(&site, chance, &rules);
        site.trace
            .say(&format!("c{} sends {}", wire.id, mail.about()));
        let end = message(wire, chance, agreed, &mut rules, (&mail, nth == 0)).await;
        site.names.forget(mail.number);
        // Of a message that was torn the log may tell or not.
        site.log.take(&mail.queue_id());
        end?;
        let pause = match chance.below(30) {
            0 => chance.below(700_000),
            1..6 => chance.below(20_000),
            _ => chance.below(400),
        };
        sleep(Duration::from_millis(pause)).await;
    }
    wire.unasked()?;
    wire.say(b'Q', b"");
    wire.flush().await
}

fn mail(site: &Site, chance: &mut Chance, rules: &[Arc<Rules>]) -> Mail {
    let date = site.date().duration_since(UNIX_EPOCH).expect("after 1970");
    let order = Order {
        number: site.next_message(),
        authserv_id: &rules.first().expect("rules are in force").authserv_id,
        date: date.as_secs(),
    };
    let mut mail = compose(chance, &order);
    site.names
        .publish(mail.number, std::mem::take(&mut mail.plan));
    mail
}

async fn message(
    wire: &mut Wire,
    chance: &mut Chance,
    agreed: Agreed,
    rules: &mut Vec<Arc<Rules>>,
    (mail, is_first): (&Mail, bool),
) -> Result<(), End> {
    let site = Arc::clone(&wire.site);
    // The client changes with each message, as after XCLIENT; at times only its HELO does.
    match is_first || chance.percent(50) {
        true => agreed.greet(wire, mail).await?,
        false => agreed.helo(wire, mail).await?,
    }
    let abort = chance.percent(8).then(|| 1 + chance.below(4));
    let began = site.trace.now();
    let sent = agreed.send(wire, mail, abort).await;
    let told = match sent {
        Ok(Ended::Abort) => gives_up(wire).await,
        _ => Ok(()),
    };
    site.ends(wire.id);
    told?;
    let ended = match sent {
        Ok(ended) => ended,
        Err(end) => {
            site.tally.given_up.fetch_add(1, Ordering::Relaxed);
            site.lingers();
            if let End::Closed(at) = end {
                closed_on_us(wire, mail, at);
            }
            return Err(end);
        }
    };
    let tally = match ended {
        Ended::Abort => &site.tally.given_up,
        Ended::Answer { .. } => &site.tally.answered,
    };
    tally.fetch_add(1, Ordering::Relaxed);
    let answered = Answered {
        site: &site,
        mail,
        began,
        whole: agreed.whole,
        ended: &ended,
    };
    answered.check(rules);
    site.compare_under_way().await;
    match rules.is_empty() {
        true => Err(End::Torn),
        false => wire.unasked(),
    }
}

/// What is given up is over once the program has read that, which takes a while where we write in pieces.
async fn gives_up(wire: &mut Wire) -> Result<(), End> {
    wire.flush().await?;
    sleep(Duration::from_millis(1)).await;
    Ok(())
}

/// A message under way was left without an answer.
fn closed_on_us(wire: &Wire, mail: &Mail, at: Duration) {
    let site = &wire.site;
    let in_the_end = site.stopped().is_some_and(|stopped| at >= stopped + DRAIN);
    // It went while it was idle, before the program could read of the message.
    let crossed = wire.mail_said.is_none_or(|said| at <= said);
    if !in_the_end && !crossed {
        let about = mail.about();
        site.trace.wrong(&format!(
            "[{about}] it was left without an answer at {at:?}"
        ));
    }
}

/// Says things that no MTA says, and looks that it is let go in time.
pub(crate) async fn hostile(site: Arc<Site>, mut chance: Chance) {
    sleep(Duration::from_millis(chance.below(60_000))).await;
    let Some(mut wire) = Wire::open(&site, chance.fork(), None).await else {
        return;
    };
    let kind = chance.below(5);
    site.holding.fetch_add(1, Ordering::Relaxed);
    site.trace.say(&format!("c{} is hostile {kind}", wire.id));
    let end = match kind {
        0 => nonsense(&mut wire, &mut chance).await,
        1 => half_a_command(&mut wire, &mut chance).await,
        2 => silence(&mut wire, &mut chance).await,
        3 => reads_nothing(&mut wire, &mut chance).await,
        _ => out_of_turn(&mut wire, &mut chance).await,
    };
    site.lingers();
    site.holding.fetch_sub(1, Ordering::Relaxed);
    site.trace.say(&format!("c{} is gone: {end:?}", wire.id));
}

async fn nonsense(wire: &mut Wire, chance: &mut Chance) -> Result<(), End> {
    if chance.percent(50) {
        negotiate(wire, false).await?;
    }
    let octets: Vec<u8> = (0..chance.below(300))
        .map(|_| chance.next().to_le_bytes()[0])
        .collect();
    wire.raw(&octets);
    wire.flush().await?;
    let most = Duration::from_secs(chance.below(40));
    wire.wait_for_end(most).await;
    Ok(())
}

async fn half_a_command(wire: &mut Wire, chance: &mut Chance) -> Result<(), End> {
    negotiate(wire, false).await?;
    let half = b"\0\0\0\x20M<x@shop.example";
    wire.raw(&half[..1 + chance.index(half.len() - 1)]);
    wire.flush().await?;
    let began = wire.site.trace.now();
    gone_within(wire, began, COMMAND).await;
    Ok(())
}

async fn silence(wire: &mut Wire, chance: &mut Chance) -> Result<(), End> {
    let negotiates = chance.percent(70);
    if negotiates {
        negotiate(wire, false).await?;
    }
    let began = wire.site.trace.now();
    gone_within(wire, began, if negotiates { IDLE } else { COMMAND }).await;
    Ok(())
}

/// Nobody may stay who says nothing for longer than he may.
async fn gone_within(wire: &mut Wire, began: Duration, bound: Duration) {
    // Where there is no room, a connection waits for it before its time begins.
    let slack = Duration::from_secs(if wire.site.is_crowded() { 60 } else { 1 });
    let end = wire.wait_for_end(bound + slack).await;
    let site = &wire.site;
    let at = site.trace.now() - began;
    match end {
        None => site
            .trace
            .wrong(&format!("c{} is still there after {at:?}", wire.id)),
        // Before its time only where others need its room, or the program ends.
        Some(_) if at < bound && site.stopped().is_none() && !site.is_crowded() => {
            site.trace
                .wrong(&format!("c{} was let go after {at:?} already", wire.id));
        }
        Some(_) => {}
    }
}

async fn reads_nothing(wire: &mut Wire, chance: &mut Chance) -> Result<(), End> {
    negotiate(wire, false).await?;
    for _ in 0..40 {
        wire.say(b'C', b"mail.client.example\0U");
        wire.say(b'H', b"mail.client.example\0");
        wire.say(b'M', b"<x@shop.example>\0");
        wire.say(b'R', b"<jane@example.test>\0");
        wire.say(b'L', b"From\0 \"Amazon\" <x@shop.example>\0");
        wire.say(b'E', b"");
    }
    // Whether it gets through or not: it hears of nothing.
    let most = Duration::from_secs(1 + chance.below(20));
    let _ = tokio::time::timeout(most, wire.flush()).await;
    Ok(())
}

async fn out_of_turn(wire: &mut Wire, chance: &mut Chance) -> Result<(), End> {
    negotiate(wire, false).await?;
    for _ in 0..chance.below(30) {
        let command = chance.pick(b"ABCDEHLMNOQRTUXZ");
        let data = chance.pick(&[&b""[..], b"x\0y\0", b"<x@shop.example>\0", b"\0\0\0\0"]);
        wire.say(command, data);
    }
    wire.flush().await?;
    sleep(Duration::from_secs(chance.below(15))).await;
    Ok(())
}
