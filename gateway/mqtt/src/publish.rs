//! A message that a client published, on its way to be committed.
//!
//! Before: connection.rs, or a will in broker.rs. Next: the shell hands it to the shard, and answers its token.

use crate::acks::Token;
use crate::message::{ClientId, Message};
use crate::permit::Account;

/// A client's message, allowed by its permit.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The session that published it.
    pub client: ClientId,
    /// The account that signed in.
    pub account: Account,
    /// What was published.
    pub message: Message,
    /// What the answer is to be given under, if the client waits for one.
    pub token: Option<Token>,
}
