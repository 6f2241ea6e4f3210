//! The answers one publisher waits for, in the order in which its messages came.
//!
//! Commits may finish in any order; PUBACKs go out in the order of the PUBLISHes (MQTT-4.6.0-2). So an answer waits
//! here until all before it are there. Before: connection.rs, which pushes. Next: connection.rs, which pops and encodes.

use std::collections::VecDeque;

/// Names one publication of one connection until it is answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Token(u64);

/// What a publisher is told about its message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is durable.
    Committed,
    /// It is not taken, and will not be if it is sent again.
    Refused(Refusal),
}

/// Why a publication is not taken. An MQTT 5 client is told; an MQTT 3.1.1 client is disconnected, because an
/// acknowledgement would be a lie and that version has no other answer (MQTT-3.3.5-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// PUBACK 0x87.
    NotAuthorized,
    /// PUBACK 0x97.
    QuotaExceeded,
    /// PUBACK 0x99.
    PayloadInvalid,
    /// PUBACK 0x83: anything else.
    Other,
}

impl Refusal {
    /// Why, for people.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::NotAuthorized => "the account may not publish this here",
            Self::QuotaExceeded => "a bound of the gateway is reached",
            Self::PayloadInvalid => "the payload is not what its topic asks for",
            Self::Other => "the gateway does not take this",
        }
    }
}

/// Publications without an answer.
#[derive(Default, Debug)]
pub(crate) struct Acks {
    /// The token of the front of `waiting`.
    first: u64,
    waiting: VecDeque<(u16, Option<Answer>)>,
}

impl Acks {
    /// Notes a publication under its packet id.
    pub(crate) fn push(&mut self, packet_id: u16) -> Token {
        let token = Token(self.first + self.waiting.len() as u64);
        self.waiting.push_back((packet_id, None));
        token
    }

    /// How many wait, answered or not.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the answer to a publication. A second answer, or one to nothing, changes nothing.
    pub(crate) fn answer(&mut self, token: Token, answer: Answer) {
        let index = token.0.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some((_, slot)) = index.and_then(|index| self.waiting.get_mut(index)) {
            slot.get_or_insert(answer);
        }
    }

    /// The next packet id to answer, with its answer, if it and all before it have theirs.
    pub(crate) fn pop(&mut self) -> Option<(u16, Answer)> {
        let (packet_id, Some(answer)) = *self.waiting.front()? else { return None };
        self.waiting.pop_front();
        self.first += 1;
        Some((packet_id, answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mqtt_4_6_0_2_answers_leave_in_the_order_of_the_messages() {
        let mut acks = Acks::default();
        let tokens = [acks.push(10), acks.push(11), acks.push(12)];
        acks.answer(tokens[1], Answer::Committed);
        assert_eq!(acks.pop(), None);
        acks.answer(tokens[0], Answer::Refused(Refusal::Other));
        assert_eq!(acks.pop(), Some((10, Answer::Refused(Refusal::Other))));
        assert_eq!(acks.pop(), Some((11, Answer::Committed)));
        assert_eq!(acks.pop(), None);
        acks.answer(tokens[0], Answer::Committed);
        acks.answer(tokens[2], Answer::Committed);
        acks.answer(tokens[2], Answer::Refused(Refusal::Other));
        assert_eq!(acks.pop(), Some((12, Answer::Committed)));
        assert_eq!(acks.len(), 0);
    }
}
