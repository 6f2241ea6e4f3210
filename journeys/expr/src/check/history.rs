//! `history.visits("page")`, `history.count("cocoa.accepted")` and their like: names of this journey become recalls.

use alloc::format;
use alloc::string::String;

use crate::ast::{Expr, Shape};
use crate::check::{Checker, listed};
use crate::diagnostic::{Diagnostic, Span};
use crate::recall::{History, Of, Recall};
use crate::typed::{Term, Typed};
use crate::types::Type;

/// What history answers.
const QUESTIONS: [&str; 4] = ["visits", "count", "today", "since"];

impl Checker<'_> {
    pub(super) fn history(&mut self, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        if !QUESTIONS.contains(&name) {
            let message = format!("unknown function `history.{name}`");
            let problem = Diagnostic::error("unknown-function", span, message).suggesting(name, QUESTIONS);
            return self.tell(match problem.help {
                Some(_) => problem,
                None => problem.with_help("history has `visits`, `count`, `today` and `since`"),
            });
        }
        let Some(history) = self.scope.history else {
            let message = "`history` is asked on the pages of a journey only";
            return self.tell(Diagnostic::error("no-history", span, message));
        };
        let [Expr { shape: Shape::Text(text), span: inner }] = args else {
            let (what, example) =
                if name == "visits" { ("page", "shelter") } else { ("offer or outcome", "cocoa.accepted") };
            let message = format!("`history.{name}` takes one {what}, in quotes");
            let problem = Diagnostic::error("bad-arguments", span, message);
            return self.tell(problem.with_help(format!("write `history.{name}(\"{example}\")`")));
        };
        let recall = match name {
            "visits" => Recall::Visits(self.page(history, text, *inner)?),
            "count" => Recall::Count(self.of(history, text, *inner)?),
            "today" => Recall::Today(self.of(history, text, *inner)?),
            _ => Recall::Since(self.of(history, text, *inner)?),
        };
        let ty = if name == "since" { Type::Duration } else { Type::Int };
        Some(Typed { ty, span, term: Term::Recall(recall) })
    }

    fn page(&mut self, history: &History<'_>, name: &str, span: Span) -> Option<u16> {
        match place(history.pages, name) {
            Some(page) => Some(page),
            None => {
                let problem =
                    Diagnostic::error("unknown-page", span, format!("this journey has no page `{name}`"));
                self.tell(problem.suggesting(name, history.pages.iter().map(String::as_str)))
            }
        }
    }

    /// `cocoa` or `cocoa.accepted`.
    fn of(&mut self, history: &History<'_>, text: &str, span: Span) -> Option<Of> {
        if let Some(offer) = place(history.offers, text) {
            return Some(Of { offer, outcome: None });
        }
        let (name, outcome) = text.rsplit_once('.').map_or((text, None), |(name, word)| (name, Some(word)));
        let Some(offer) = place(history.offers, name) else {
            let message = format!("this journey has no offer `{name}`");
            let problem = Diagnostic::error("unknown-offer", span, message);
            return self.tell(problem.suggesting(name, history.offers.iter().map(String::as_str)));
        };
        let word = outcome?;
        let found = history.outcomes.iter().position(|known| *known == word);
        match found.and_then(|index| u8::try_from(index).ok()) {
            Some(outcome) => Some(Of { offer, outcome: Some(outcome) }),
            None => {
                let mut problem =
                    Diagnostic::error("unknown-outcome", span, format!("`{word}` is no outcome of an offer"));
                if let Some(listed) = listed(history.outcomes.iter().copied()) {
                    problem = problem.with_help(format!("known: {listed}"));
                }
                self.tell(problem.suggesting(word, history.outcomes.iter().copied()))
            }
        }
    }
}

fn place(names: &[String], name: &str) -> Option<u16> {
    names.iter().position(|known| known == name).and_then(|index| u16::try_from(index).ok())
}
