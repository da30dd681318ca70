//! Answers that answer the question.
//!
//! For the resolver an answer about another name, or an alias that leads back to itself, says that the name has
//! no such records. It says nothing about it: another server may know, and a proof stays open.

use super::connected::Connecting;
use futures_util::{StreamExt, stream::BoxStream};
use hickory_resolver::{
    ConnectionProvider, PoolContext,
    config::ConnectionConfig,
    net::{
        DnsError, NetError,
        xfer::{DnsExchange, DnsHandle},
    },
    proto::{
        op::{DnsRequest, DnsResponse, Message, ResponseCode},
        rr::{Name, RData},
    },
};
use std::{net::IpAddr, pin::Pin};

/// Aliases on the way to a record; no server follows as many, and a circle has more.
const MAX_ALIASES: usize = 32;

/// What the resolver gets its connections from.
#[derive(Clone, Default)]
pub(super) struct Asking(Connecting);

/// A connection to a server.
#[derive(Clone)]
pub(super) struct Asked(DnsExchange<Connecting>);

impl ConnectionProvider for Asking {
    type Conn = Asked;
    type FutureConn = Pin<Box<dyn Future<Output = Result<Asked, NetError>> + Send>>;
    type RuntimeProvider = Connecting;

    fn new_connection(
        &self,
        ip: IpAddr,
        config: &ConnectionConfig,
        context: &PoolContext,
    ) -> Result<Self::FutureConn, NetError> {
        let opening = self.0.new_connection(ip, config, context)?;
        Ok(Box::pin(async move { opening.await.map(Asked) }))
    }

    fn runtime_provider(&self) -> &Connecting {
        &self.0
    }
}

impl DnsHandle for Asked {
    type Response = BoxStream<'static, Result<DnsResponse, NetError>>;
    type Runtime = Connecting;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let answers = self.0.send(request).map(|response| match response {
            Ok(response) if !answers(&response) => {
                Err(DnsError::ResponseCode(ResponseCode::ServFail).into())
            }
            response => response,
        });
        answers.boxed()
    }
}

/// Whether what stands in the answer begins at the name that was asked for, and goes in no circle. An empty one
/// does.
fn answers(response: &Message) -> bool {
    let [question] = response.queries.as_slice() else {
        return true;
    };
    let records = &response.answers;
    let of = |name: &Name| records.iter().any(|record| record.name == *name);
    let alias = |name: &Name| {
        let mut of_name = records.iter().filter(|record| record.name == *name);
        of_name.find_map(|record| match &record.data {
            RData::CNAME(alias) => Some(&alias.0),
            _ => None,
        })
    };
    let chain = std::iter::successors(Some(&question.name), |name| alias(name));
    let goes_on = chain.take(MAX_ALIASES + 2).count() > MAX_ALIASES + 1;
    (records.is_empty() || of(&question.name)) && !goes_on
}
