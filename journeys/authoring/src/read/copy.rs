//! Copy: what people read, by language, and by channel where one needs its own.

use turnpage_journeys_document::{Content, Entry, Node};
use turnpage_journeys_engine::WordingDef;
use turnpage_journeys_expr::Diagnostic;

use super::Reader;

/// The key of a language's text for every channel that has none of its own.
const FOR_ALL: &str = "text";

impl Reader {
    /// Texts by language; `key` is what they are the value of, for messages.
    pub(super) fn copy(&mut self, node: &Node, key: &str) -> Vec<WordingDef> {
        if let Content::Scalar(_) = node.value {
            let help = format!("write the language's tag before it: `{key}: {{ en: \"..\" }}`");
            self.problem("no-language", node.span, "this text has no language".to_owned(), &help);
            return Vec::new();
        }
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        if entries.is_empty() {
            let message = format!("`{key}` says something in at least one language");
            self.problem("no-text", node.span, message, &format!("write it: `{key}: {{ en: \"..\" }}`"));
        }
        let mut texts = Vec::new();
        for entry in entries {
            let tag = entry.key.text();
            if !is_language(tag) {
                let message = format!("`{tag}` is no language tag");
                let help = "write a tag such as `en`, `es` or `pt-BR`";
                self.problem("bad-language", entry.key_span, message, help);
            }
            self.in_language(entry, &mut texts);
        }
        texts
    }

    /// One text, or one for each channel with `text` for all others.
    fn in_language(&mut self, entry: &Entry, texts: &mut Vec<WordingDef>) {
        let language = entry.key.text();
        let Content::Map(by_channel) = &entry.value.value else {
            if let Some(text) = self.expression(&entry.value) {
                texts.push(WordingDef { language: language.to_owned(), channel: None, text });
            }
            return;
        };
        if by_channel.is_empty() {
            let message = format!("`{language}` has no text");
            self.problem("no-text", entry.key_span, message, "write one: `{ text: \"..\", sign: \"..\" }`");
        }
        for entry in by_channel {
            let channel = (entry.key.text() != FOR_ALL).then(|| entry.key.text().to_owned());
            if channel.as_deref().is_some_and(|channel| !self.is_channel(channel, entry.key_span)) {
                continue;
            }
            if let Some(text) = self.expression(&entry.value) {
                texts.push(WordingDef { language: language.to_owned(), channel, text });
            }
        }
    }

    /// Texts for a channel that the offer does not go over, and channels that a language leaves without a text.
    pub(super) fn fit_channels(&mut self, node: &Node, channels: &[String]) {
        let Content::Map(languages) = &node.value else { return };
        for language in languages {
            let Content::Map(texts) = &language.value.value else { continue };
            let has = |channel: &str| texts.iter().any(|text| text.key.text() == channel);
            for text in texts.iter().filter(|text| text.key.text() != FOR_ALL) {
                let channel = text.key.text();
                if !channels.iter().any(|known| known == channel) {
                    let message = format!("this offer does not go over the channel `{channel}`");
                    let problem = Diagnostic::warning("unused-text", text.key_span, message);
                    let known = channels.iter().map(String::as_str).chain([FOR_ALL]);
                    self.problems.push(problem.suggesting(channel, known));
                }
            }
            let silent = channels.iter().find(|channel| !has(channel));
            if let (false, Some(channel)) = (has(FOR_ALL), silent) {
                let message = format!("`{}` has no text for the channel `{channel}`", language.key.text());
                let help = "`text` is what all channels say that have no text of their own";
                self.problem("no-text", language.key_span, message, help);
            }
        }
    }
}

/// The shape of a BCP 47 tag: a language of two or three letters, then subtags of two to eight letters or digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_have_their_shape() {
        for right in ["en", "pt-BR", "zh-Hant-TW", "es-419", "yue"] {
            assert!(is_language(right), "{right}");
        }
        for wrong in ["", "e", "english", "EN", "en-", "en_GB", "-en"] {
            assert!(!is_language(wrong), "{wrong}");
        }
    }
}
