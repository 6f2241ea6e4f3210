//! The keys at the top of a journey.

use turnpage_journeys_document::{Content, Fields, Node};
use turnpage_journeys_engine::{Definition, IntentDef, LearnDef, Serves, Spanned, Upgrade};
use turnpage_journeys_expr::Diagnostic;

use super::{Reader, key_name};
use crate::language::journey::{INTENDED, JOURNEY, KINDS, LEARNING, SERVING, SUBJECTS, UPGRADES};

/// What a share is when the author leaves it out.
const SHARE_DEFAULT: f64 = 0.1;
/// Priorities beyond this, or below its negative, are no ranking that anybody keeps in mind.
const PRIORITY_MAX: i32 = 1_000;

impl Reader {
    pub(super) fn journey(&mut self, root: &Node) -> Option<Definition> {
        let mut fields = root.fields(&mut self.problems)?;
        let mut definition = Definition { version: 1, ..Definition::default() };
        let from_blueprint = fields.contains("use");
        if let Some(node) = fields.required("journey", &mut self.problems) {
            definition.name = self.name(node).unwrap_or_default();
        }
        // What a blueprint is filled with was read before its pages came to stand here.
        fields.ignore("use");
        fields.ignore("with");
        if !from_blueprint && let Some(span) = fields.key_span("with") {
            let message = "these inputs are given to no blueprint".to_owned();
            self.problem("with-without-use", span, message, "name the blueprint: `use: rain-offer`");
        }
        if let Some(node) = fields.optional("version", &mut self.problems) {
            let version = node.int_in(1..=i64::from(u32::MAX), &mut self.problems);
            definition.version = version.and_then(|version| u32::try_from(version).ok()).unwrap_or(1);
        }
        if let Some(node) = fields.optional("kind", &mut self.problems)
            && let Some(kind) = node.word(&KINDS.map(|(word, kind, _)| (word, kind)), &mut self.problems)
        {
            definition.kind = Spanned::new(kind, node.span);
        }
        if let Some(node) = fields.optional("subject", &mut self.problems)
            && let Some(of) = node.word(&SUBJECTS.map(|(word, of, _)| (word, of)), &mut self.problems)
        {
            definition.subject = Spanned::new(of, node.span);
        }
        definition.serves = fields.optional("serves", &mut self.problems).and_then(|node| self.serves(node));
        definition.purpose = fields.optional("purpose", &mut self.problems).and_then(|node| self.name(node));
        definition.priority = self.priority(&mut fields).unwrap_or(0);
        definition.hold_out =
            fields.optional("hold_out", &mut self.problems).and_then(|node| self.share(node));
        definition.admit =
            fields.optional("admit", &mut self.problems).and_then(|node| self.expression(node));
        definition.start = fields.optional("start", &mut self.problems).and_then(|node| self.name(node));
        if let Some(node) = fields.optional("upgrade", &mut self.problems) {
            definition.upgrade = Spanned::new(self.upgrade(node).unwrap_or_default(), node.span);
        }
        definition.learn = fields.optional("learn", &mut self.problems).and_then(|node| self.learn(node));
        definition.intent = fields.optional("intent", &mut self.problems).and_then(|node| self.intent(node));
        if let Some(node) = fields.optional("parameters", &mut self.problems) {
            definition.parameters = self.variables(node);
        }
        definition.returns = fields.optional("returns", &mut self.problems).and_then(|node| self.name(node));
        if let Some(node) = fields.optional("variables", &mut self.problems) {
            definition.variables = self.variables(node);
        }
        if let Some(node) = fields.optional("offers", &mut self.problems) {
            definition.offers = self.offers(node);
        }
        // A journey without pages is told by the compiler; one whose `pages` are missing hears it here.
        if let Some(node) = fields.required("pages", &mut self.problems) {
            definition.pages = self.pages(node);
        }
        self.finish(fields, &JOURNEY);
        Some(definition)
    }

    fn serves(&mut self, node: &Node) -> Option<Serves> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut text = |key| {
            let node = fields.optional(key, &mut self.problems)?;
            node.text(&mut self.problems).map(str::to_owned)
        };
        let serves =
            Serves { outcome: text("outcome"), experience: text("experience"), measure: text("measure") };
        self.finish(fields, &SERVING);
        Some(serves)
    }

    fn upgrade(&mut self, node: &Node) -> Option<Upgrade> {
        if let Content::Scalar(word) = &node.value {
            match word.text() {
                "keep" => return Some(Upgrade::Keep),
                "pin" => return Some(Upgrade::Pin),
                "restart" => return Some(Upgrade::Restart),
                _ => {}
            }
            let words = UPGRADES.map(|(word, _)| word);
            let help = format!(
                "write one of {}, or say which old page is which new one: `{{ map: {{ shelter: waiting }} }}`",
                words.join(", ")
            );
            let problem =
                Diagnostic::error("unknown-word", node.span, format!("unknown word `{}`", word.text()));
            self.problems.push(problem.with_help(help).suggesting(word.text(), words));
            return None;
        }
        let mut fields = node.fields(&mut self.problems)?;
        let map = fields.required("map", &mut self.problems).map(|node| self.moves(node));
        fields.finish(&mut self.problems);
        map.map(Upgrade::Map)
    }

    /// Old pages and the new ones that those on them go on on.
    fn moves(&mut self, node: &Node) -> Vec<(Spanned<String>, Spanned<String>)> {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        entries.iter().filter_map(|entry| Some((key_name(entry), self.name(&entry.value)?))).collect()
    }

    fn learn(&mut self, node: &Node) -> Option<LearnDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut share = |key| {
            let node = fields.optional(key, &mut self.problems)?;
            self.share(node)
        };
        let floor = share("floor").unwrap_or(SHARE_DEFAULT);
        let hold_out = share("hold_out").unwrap_or(SHARE_DEFAULT);
        self.finish(fields, &LEARNING);
        Some(LearnDef { floor, hold_out })
    }

    fn intent(&mut self, node: &Node) -> Option<IntentDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let goal = fields.required("goal", &mut self.problems).and_then(|node| self.name(node));
        let likely = fields.required("likely", &mut self.problems).and_then(|node| self.share(node));
        let within = fields.required("within", &mut self.problems).and_then(|node| self.length_ms(node));
        self.finish(fields, &INTENDED);
        Some(IntentDef { goal: goal?, likely: likely?, within_ms: within? })
    }

    /// Where an offer stands among rivals.
    pub(super) fn priority(&mut self, fields: &mut Fields<'_>) -> Option<i32> {
        let node = fields.optional("priority", &mut self.problems)?;
        let bounds = i64::from(-PRIORITY_MAX)..=i64::from(PRIORITY_MAX);
        node.int_in(bounds, &mut self.problems).and_then(|number| i32::try_from(number).ok())
    }

    /// A number from 0 to 1.
    fn share(&mut self, node: &Node) -> Option<f64> {
        let share = node.double(&mut self.problems)?;
        if (0.0..=1.0).contains(&share) {
            return Some(share);
        }
        let message = format!("`{share}` is not between 0 and 1");
        let help = if (0.0..=100.0).contains(&share) {
            format!("write {share} % as `{}`", share / 100.0)
        } else {
            "write a share, such as `0.1`".to_owned()
        };
        self.problem("out-of-range", node.span, message, &help);
        None
    }
}
