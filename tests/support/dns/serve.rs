//! The wire: packets in, packets out (RFC 1035 section 4.2, RFC 6891, RFC 7766).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

use super::zone::{Answer, Zone};
use super::{Asked, LOG_LIMIT, Shared, Transport};

/// RFC 6891 section 6.2.5: without EDNS a client takes 512 octets.
const PLAIN_UDP: usize = 512;
/// The largest payload of a UDP packet over IPv4.
const MAX_UDP: usize = 65_507;
const TCP_IDLE: Duration = Duration::from_secs(30);

pub(super) async fn serve(
    udp: std::net::UdpSocket,
    tcp: std::net::TcpListener,
    shared: Shared,
) -> io::Result<()> {
    let udp = Arc::new(UdpSocket::from_std(udp)?);
    let tcp = TcpListener::from_std(tcp)?;
    tokio::spawn(accept(tcp, shared.clone()));
    let mut buffer = vec![0; 65_535];
    loop {
        // A client that went away leaves an ICMP error on the socket; that is its matter.
        let Ok((length, client)) = udp.recv_from(&mut buffer).await else {
            continue;
        };
        let Some(outcome) = react(&buffer[..length], Transport::Udp, &shared) else {
            continue;
        };
        let udp = Arc::clone(&udp);
        tokio::spawn(async move {
            if let Outcome::Send { after, packet } = outcome {
                tokio::time::sleep(after).await;
                let _ = udp.send_to(&packet, client).await;
            }
        });
    }
}

async fn accept(tcp: TcpListener, shared: Shared) {
    loop {
        match tcp.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, shared.clone()));
            }
            // Out of descriptors: wait for some to come back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Several questions a connection, answered in the order in which they are ready (RFC 7766
/// section 6.2.1.1).
async fn connection(stream: TcpStream, shared: Shared) {
    let (mut read, mut write) = stream.into_split();
    let (answers, mut ready) = mpsc::channel::<Vec<u8>>(64);
    let writer = tokio::spawn(async move {
        while let Some(packet) = ready.recv().await {
            if write.write_all(&packet).await.is_err() {
                break;
            }
        }
    });
    while let Ok(Ok(packet)) = tokio::time::timeout(TCP_IDLE, framed(&mut read)).await {
        match react(&packet, Transport::Tcp, &shared) {
            None | Some(Outcome::Silence) => {}
            Some(Outcome::Cut) => {
                writer.abort();
                return;
            }
            Some(Outcome::Send { after, packet }) => {
                let answers = answers.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    // Length and message in one write: a client may read them as one segment.
                    let length = u16::try_from(packet.len()).unwrap_or(u16::MAX);
                    let mut framed = length.to_be_bytes().to_vec();
                    framed.extend_from_slice(&packet);
                    let _ = answers.send(framed).await;
                });
            }
        }
    }
}

async fn framed(read: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = read.read_u16().await?;
    let mut packet = vec![0; usize::from(length)];
    read.read_exact(&mut packet).await?;
    Ok(packet)
}

enum Outcome {
    Silence,
    Cut,
    Send { after: Duration, packet: Vec<u8> },
}

/// One packet: logged, looked up, encoded. `None` for what is not even a question.
fn react(packet: &[u8], transport: Transport, shared: &Shared) -> Option<Outcome> {
    let request = match Message::from_vec(packet) {
        Ok(request) => request,
        // An answer to an answer would run for ever: only questions (QR clear) are told.
        Err(_) if packet.len() >= 12 && packet[2] & 0x80 == 0 => {
            let id = u16::from_be_bytes([packet[0], packet[1]]);
            let reply = Message::error_msg(id, OpCode::Query, ResponseCode::FormErr);
            return Some(Outcome::now(encode(&reply, PLAIN_UDP)));
        }
        Err(_) => return None,
    };
    if request.metadata.message_type != MessageType::Query {
        return None;
    }
    let limit = limit(&request, transport);
    let question = match the_question(&request) {
        Ok(question) => question,
        Err(code) => {
            let refused = reply(&request, code, Vec::new(), Vec::new());
            return Some(Outcome::now(encode(&refused, limit)));
        }
    };
    let Some(zone) = note(question, transport, shared) else {
        return Some(Outcome::Silence);
    };
    Some(match zone.answer(question.name(), question.query_type()) {
        Answer::Silence => Outcome::Silence,
        Answer::Truncated if transport == Transport::Tcp => Outcome::Cut,
        Answer::Truncated => {
            let mut cut = header(&request);
            cut.metadata.truncation = true;
            Outcome::now(encode(&cut, limit))
        }
        Answer::Reply {
            after,
            code,
            answers,
            authority,
        } => {
            let packet = encode(&reply(&request, code, answers, authority), limit);
            Outcome::Send { after, packet }
        }
    })
}

impl Outcome {
    fn now(packet: Vec<u8>) -> Self {
        Self::Send {
            after: Duration::ZERO,
            packet,
        }
    }
}

/// The most that the client takes.
fn limit(request: &Message, transport: Transport) -> usize {
    match transport {
        Transport::Udp => {
            let edns = request.edns.as_ref();
            let offered = edns.map_or(0, |edns| edns.max_payload().into());
            PLAIN_UDP.max(offered).min(MAX_UDP)
        }
        Transport::Tcp => usize::from(u16::MAX),
    }
}

/// The one question of class IN that can be answered; else the code that says why not.
fn the_question(request: &Message) -> Result<&Query, ResponseCode> {
    if request.metadata.op_code != OpCode::Query {
        return Err(ResponseCode::NotImp);
    }
    if request.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
        return Err(ResponseCode::BADVERS);
    }
    match request.queries.as_slice() {
        [question] if question.query_class() == DNSClass::IN => Ok(question),
        [_] => Err(ResponseCode::Refused),
        _ => Err(ResponseCode::FormErr),
    }
}

/// Logs the question; the zone of this moment, none while the server is paused.
fn note(question: &Query, transport: Transport, shared: &Shared) -> Option<Arc<Zone>> {
    let mut state = shared.lock();
    if state.log.len() >= LOG_LIMIT {
        state.log.pop_front();
    }
    let name = question.name().to_lowercase().to_ascii();
    let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
    state.log.push_back(Asked {
        name,
        kind: question.query_type(),
        transport,
    });
    (!state.paused).then(|| Arc::clone(&state.zone))
}

fn reply(
    request: &Message,
    code: ResponseCode,
    answers: Vec<Record>,
    authority: Vec<Record>,
) -> Message {
    let mut reply = header(request);
    reply.metadata.response_code = code;
    // A server that refuses or fails is not the authority on anything.
    reply.metadata.authoritative = matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
    reply.add_answers(answers);
    reply.add_authorities(authority);
    reply
}

/// An empty answer: the question again, and EDNS where the question had it (RFC 6891 section 7).
fn header(request: &Message) -> Message {
    let mut reply = Message::response(request.metadata.id, request.metadata.op_code);
    reply.metadata.recursion_desired = request.metadata.recursion_desired;
    // Aliases are followed and the whole tree is here: stub resolvers may rely on it.
    reply.metadata.recursion_available = true;
    reply.add_queries(request.queries.iter().cloned());
    if request.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(1232);
        reply.set_edns(edns);
    }
    reply
}

/// Cut to nothing but the header, with TC, where the client could not take it whole (RFC 2181
/// section 9: a truncated answer is to be ignored anyway).
fn encode(reply: &Message, limit: usize) -> Vec<u8> {
    // An answer of more than 65,535 octets comes out cut, with TC set by the encoder.
    let whole = reply.to_vec().unwrap_or_default();
    let overflowed = whole.get(2).is_none_or(|flags| flags & 0x02 != 0);
    if reply.metadata.truncation || (!overflowed && whole.len() <= limit) {
        return whole;
    }
    reply.truncate().to_vec().unwrap_or_default()
}
