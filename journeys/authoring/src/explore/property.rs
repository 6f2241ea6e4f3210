//! What an author says must hold whatever happens: the `properties` of a play file.
//!
//! Reads and bounds them; whether they hold on a walk is decided by `law`. Next: `law`.

use turnpage_journeys_document::{Fields, Node, parse};
use turnpage_journeys_engine::{Limit, Spanned};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::read::parse_limit;

/// Most properties of one play file: each is asked after every event of every walk.
pub const PROPERTIES_MAX: usize = 200;

/// The properties of one journey.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Properties {
    /// The journey's name.
    pub of: Spanned<String>,
    /// In the order written.
    pub properties: Vec<Property>,
}

/// One property.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its first key, for diagnostics.
    pub span: Span,
    /// What must hold.
    pub law: Law,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// A guard that is never false.
    Always(Spanned<String>),
    /// A guard that is never true.
    Never(Spanned<String>),
    /// Something comes in time.
    Eventually {
        /// The page that starts the time each time it is entered; the journey's beginning when absent.
        after: Option<Spanned<String>>,
        /// Being on one of these pages is enough.
        pages: Vec<Spanned<String>>,
        /// Making this offer is enough, too.
        offer: Option<Spanned<String>>,
        /// How long it may take, in milliseconds.
        within_ms: i64,
    },
    /// An offer is made no more often than this.
    AtMost {
        /// The offer.
        offer: Spanned<String>,
        /// How often.
        times: Limit,
    },
}

/// Reads the properties of a play file. A file without any has none.
///
/// # Errors
/// Everything that is wrong with their shape.
pub fn read(text: &str) -> Result<Properties, Vec<Diagnostic>> {
    let root = parse(text)?;
    let mut reader = Reader::default();
    let properties = reader.file(&root);
    match properties {
        Some(properties) if reader.problems.is_empty() => Ok(properties),
        _ => Err(reader.problems),
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Diagnostic>,
}

impl Reader {
    /// The rest of the file is the business of `play/read`.
    fn file(&mut self, root: &Node) -> Option<Properties> {
        let mut fields = root.fields(&mut self.problems)?;
        let of = fields
            .required("plays_of", &mut self.problems)
            .and_then(|node| self.word(node))
            .unwrap_or_default();
        let mut properties = Vec::new();
        if let Some(node) = fields.optional("properties", &mut self.problems) {
            let items = node.list(&mut self.problems).unwrap_or_default();
            if items.len() > PROPERTIES_MAX {
                self.problem(node.span, format!("more than {PROPERTIES_MAX} properties in one file"));
            }
            properties = items.iter().take(PROPERTIES_MAX).filter_map(|item| self.property(item)).collect();
        }
        Some(Properties { of, properties })
    }

    fn property(&mut self, node: &Node) -> Option<Property> {
        const KEYS: [&str; 4] = ["always", "never", "eventually", "at_most"];
        let mut fields = node.fields(&mut self.problems)?;
        let span = fields.anchor();
        let said = KEYS.into_iter().filter(|key| fields.contains(key)).count();
        let mut law = None;
        for key in KEYS {
            if let Some(node) = fields.optional(key, &mut self.problems) {
                law = self.law(key, node);
            }
        }
        fields.finish(&mut self.problems);
        if said != 1 {
            let message = "one property is exactly one of `always`, `never`, `eventually`, `at_most`";
            self.problem(span, message.to_owned());
            return None;
        }
        Some(Property { span, law: law? })
    }

    fn law(&mut self, key: &str, node: &Node) -> Option<Law> {
        Some(match key {
            "always" => Law::Always(self.word(node)?),
            "never" => Law::Never(self.word(node)?),
            "eventually" => self.eventually(node)?,
            _ => self.at_most(node)?,
        })
    }

    fn eventually(&mut self, node: &Node) -> Option<Law> {
        let mut fields = node.fields(&mut self.problems)?;
        let after = self.optional(&mut fields, "after");
        let mut pages = Vec::new();
        if let Some(node) = fields.optional("pages", &mut self.problems) {
            let items = node.list(&mut self.problems).unwrap_or_default();
            pages = items.iter().filter_map(|item| self.word(item)).collect();
        }
        let offer = self.optional(&mut fields, "offer");
        let within = fields
            .required("within", &mut self.problems)
            .and_then(|node| node.duration_ms(&mut self.problems));
        fields.finish(&mut self.problems);
        if pages.is_empty() && offer.is_none() {
            self.problem(node.span, "say what comes: `pages`, an `offer`".to_owned());
            return None;
        }
        Some(Law::Eventually { after, pages, offer, within_ms: within? })
    }

    fn at_most(&mut self, node: &Node) -> Option<Law> {
        let mut fields = node.fields(&mut self.problems)?;
        let offer = fields.required("offer", &mut self.problems).and_then(|node| self.word(node));
        let times = fields.required("times", &mut self.problems);
        fields.finish(&mut self.problems);
        let times = times?;
        let limit = parse_limit(times.text(&mut self.problems)?);
        if limit.is_none() {
            self.problem(times.span, "write how often, such as `3 per day` or `1 per 4h`".to_owned());
        }
        Some(Law::AtMost { offer: offer?, times: limit? })
    }

    fn optional(&mut self, fields: &mut Fields<'_>, key: &'static str) -> Option<Spanned<String>> {
        let node = fields.optional(key, &mut self.problems)?;
        self.word(node)
    }

    fn word(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = node.text(&mut self.problems)?;
        Some(Spanned::new(text.to_owned(), node.span))
    }

    fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Diagnostic::error("bad-property", span, message));
    }
}
