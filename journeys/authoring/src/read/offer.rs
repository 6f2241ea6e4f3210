//! Offers: channels, validity and limits. Their texts are `copy.rs`.

use turnpage_journeys_document::{Content, Node, parse_duration};
use turnpage_journeys_engine::{Limit, OfferDef, Spanned};
use turnpage_journeys_expr::Span;

use super::{Reader, key_name};
use crate::language::journey::OFFER;

/// Longest name of a channel.
const CHANNEL_BYTES_MAX: usize = 64;

const LIMIT_HELP: &str = "write how often in how long: `3 per day` (the venue's date) or `1 per 4h`";

impl Reader {
    pub(crate) fn offers(&mut self, node: &Node) -> Vec<OfferDef> {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        entries
            .iter()
            .map(|entry| {
                // An offer whose fields are wrong still has its name, so that choices that make it are not wrong too.
                let mut offer = OfferDef { name: key_name(entry), ..OfferDef::default() };
                self.offer(&entry.value, &mut offer);
                offer
            })
            .collect()
    }

    fn offer(&mut self, node: &Node, offer: &mut OfferDef) {
        let Some(mut fields) = node.fields(&mut self.problems) else { return };
        let text = fields.required("text", &mut self.problems);
        if let Some(node) = text {
            offer.text = self.copy(node, "text");
        }
        if let Some(node) = fields.required("channels", &mut self.problems) {
            offer.channels = self.channels(node);
        }
        if let (Some(text), false) = (text, offer.channels.is_empty()) {
            self.fit_channels(text, &offer.channels);
        }
        if let Some(node) = fields.optional("valid", &mut self.problems) {
            offer.valid_ms = self.length_ms(node);
        }
        offer.limit = fields.optional("limit", &mut self.problems).and_then(|node| self.limit(node));
        offer.purpose = fields.optional("purpose", &mut self.problems).and_then(|node| self.name(node));
        offer.priority = self.priority(&mut fields);
        offer.hold = fields.optional("hold", &mut self.problems).and_then(|node| self.name(node));
        offer.vendor = fields.optional("vendor", &mut self.problems).and_then(|node| self.name(node));
        self.finish(fields, &OFFER);
    }

    fn channels(&mut self, node: &Node) -> Vec<String> {
        if let Content::Scalar(one) = &node.value {
            let message = "channels are a list, also when there is only one".to_owned();
            self.problem(
                "wrong-type",
                node.span,
                message,
                &format!("write it in brackets: `[{}]`", one.text()),
            );
            return Vec::new();
        }
        let Some(items) = node.list(&mut self.problems) else { return Vec::new() };
        if items.is_empty() {
            let message = "an offer needs at least one channel to go over".to_owned();
            self.problem("no-channel", node.span, message, "name one: `channels: [app]`");
        }
        items.iter().filter_map(|item| self.channel(item)).collect()
    }

    fn channel(&mut self, node: &Node) -> Option<String> {
        let text = node.text(&mut self.problems)?;
        self.is_channel(text, node.span).then(|| text.to_owned())
    }

    /// A channel's name stands in topics and counters, so it is plain.
    pub(super) fn is_channel(&mut self, text: &str, span: Span) -> bool {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let fits = !text.is_empty() && text.len() <= CHANNEL_BYTES_MAX && plain;
        if !fits {
            let help =
                format!("a channel has 1 to {CHANNEL_BYTES_MAX} ASCII letters, digits, `-` or `_`: `band`");
            self.problem("bad-name", span, "this cannot be the name of a channel".to_owned(), &help);
        }
        fits
    }

    /// A length of time that is not zero, in milliseconds.
    pub(crate) fn length_ms(&mut self, node: &Node) -> Option<Spanned<i64>> {
        let length_ms = node.duration_ms(&mut self.problems)?;
        if length_ms == 0 {
            let message = "this length of time is zero".to_owned();
            self.problem(
                "bad-duration",
                node.span,
                message,
                "write at least a millisecond, or leave the key out",
            );
            return None;
        }
        Some(Spanned::new(length_ms, node.span))
    }

    fn limit(&mut self, node: &Node) -> Option<Spanned<Limit>> {
        let text = node.text(&mut self.problems)?;
        match parse_limit(text) {
            Some(limit) => Some(Spanned::new(limit, node.span)),
            None => {
                self.problem("bad-limit", node.span, format!("`{text}` is not a limit"), LIMIT_HELP);
                None
            }
        }
    }
}

/// `3 per day`, `1 per 4h`; the count is at least 1.
pub(crate) fn parse_limit(text: &str) -> Option<Limit> {
    let (count, window) = text.split_once(" per ")?;
    let count = count.trim().parse().ok().filter(|count| *count > 0)?;
    match window.trim() {
        "day" => Some(Limit::PerDay { count }),
        window => {
            let window_ms = parse_duration(window).filter(|window_ms| *window_ms > 0)?;
            Some(Limit::PerWindow { count, window_ms })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_at_least_one_in_a_time_that_passes() {
        assert_eq!(parse_limit("3 per day"), Some(Limit::PerDay { count: 3 }));
        let window_ms = 4 * 3_600_000;
        assert_eq!(parse_limit("1 per 4h"), Some(Limit::PerWindow { count: 1, window_ms }));
        for wrong in
            ["", "3", "3 a day", "0 per day", "-1 per day", "1 per", "1 per 0s", "1 per week", "per day"]
        {
            assert_eq!(parse_limit(wrong), None, "{wrong}");
        }
    }
}
