//! What the words at a place are: a key's meaning, a fact's type and unit, an offer's copy, a page's ways in and out.

use turnpage_journeys_expr::Span;

use super::names::words;
use super::place::{Of, key, root, value_form};
use super::skeleton::{Entry, Skeleton, Step};
use super::{Desk, Hover};
use crate::language::Form;

/// Ways in or out of a page, and lines of copy, that are shown.
const SHOWN_MAX: usize = 12;

impl Desk<'_> {
    /// What the words at an offset are; nothing where there is nothing to say.
    pub fn hover(&self, offset: u32) -> Option<Hover> {
        if let Some(name) = self.name_at(offset)
            && let Some(text) = self.about(name.of, name.text)
        {
            return Some(Hover { span: name.span, text });
        }
        let skeleton = self.skeleton();
        let root = root(&skeleton);
        let on = |span: Span| span.start <= offset && offset <= span.end;
        if let Some(entry) = skeleton.entries.iter().find(|entry| on(entry.key_span) && !entry.key.is_empty())
        {
            if let Some((map, key)) = key(root, entry) {
                let needed = if key.required { ", needed" } else { "" };
                let text = format!("`{}` of {}{needed}\n\n{}", key.name, map.name, key.about);
                return Some(Hover { span: entry.key_span, text });
            }
            // Given facts of plays are keys.
            let text = self.schema.describe(entry.key)?;
            return Some(Hover { span: entry.key_span, text: format!("{}: {text}", code(entry.key)) });
        }
        let entry = skeleton.entries.iter().find(|entry| entry.value.is_some_and(|(_, span)| on(span)))?;
        self.value(root, entry, offset)
    }

    fn value(&self, root: &'static crate::language::Shape, entry: &Entry<'_>, offset: u32) -> Option<Hover> {
        let (value, span) = entry.value?;
        let form = value_form(root, entry)?;
        if let Form::Word(known) = form {
            let (word, about) = known().into_iter().find(|(word, _)| *word == value)?;
            return Some(Hover { span, text: format!("`{word}`: {about}") });
        }
        let word = words(value, span)
            .into_iter()
            .find(|word| word.span.start <= offset && offset <= word.span.end)?;
        if word.quoted {
            let before = word.before.trim_end_matches('\\').trim_end();
            let asked = super::names::asked_by(word.before);
            let path = format!("{asked}.{}", word.text);
            let about = self.schema.describe(&path).filter(|_| before.ends_with(['(', '[']))?;
            return Some(Hover { span: word.span, text: format!("{}: {about}", code(&path)) });
        }
        // `nearest('food').name` is one word with its end; the longest part that is a fact counts.
        let mut path = word.text.trim_end_matches('.');
        loop {
            if let Some(about) = self.schema.describe(path) {
                let span = Span::new(word.span.start, word.span.start + path.len() as u32);
                return Some(Hover { span, text: format!("{}: {about}", code(path)) });
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    fn about(&self, of: Of, name: &str) -> Option<String> {
        let (_, journey) = match of {
            Of::Journey => self.journey_named(name)?,
            _ => self.journey()?,
        };
        match of {
            Of::Page => page(&journey, name),
            Of::Offer => offer(&journey, name),
            Of::Variable => variable(&journey, name),
            Of::Journey => Some(whole(&journey, name)),
            Of::Domain(domain) => {
                let schema = self.schema;
                let id = schema.domain_id(domain)?;
                let symbol = schema.symbol(id, name)?;
                let title = schema.title(id, symbol).unwrap_or(name);
                Some(format!("{} is a {domain}: {}", code(name), code(title)))
            }
            Of::Signal => {
                Some(format!("{}: {}", code(name), self.schema.describe(&format!("signal.{name}"))?))
            }
        }
    }
}

/// Words of an author's in a code span, where nothing in them is Markdown.
fn code(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect();
    format!("`{line}`")
}

fn page(journey: &Skeleton<'_>, name: &str) -> Option<String> {
    journey.under("pages").find(|page| page.key == name)?;
    let mut ways: Vec<String> = Vec::new();
    let (mut ins, mut outs, mut entries) = (Vec::new(), Vec::new(), 0);
    for entry in &journey.entries {
        let [Step::Key("pages"), Step::Key(page), rest @ ..] = entry.path.as_slice() else { continue };
        if let (Some((to, _)), "turn_to") = (entry.value, entry.key) {
            if to == name {
                ins.push(code(page));
            }
            if *page == name {
                outs.push(code(to));
            }
        }
        if *page == name
            && matches!(rest, [Step::Key("enter"), Step::Item])
            && matches!(entry.key, "on" | "when")
        {
            entries += 1;
        }
    }
    let listed = |names: &mut Vec<String>| {
        let mut seen: Vec<String> = Vec::new();
        for name in names.drain(..) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        let more = seen.len() > SHOWN_MAX;
        seen.truncate(SHOWN_MAX);
        format!("{}{}", seen.join(", "), if more { ", .." } else { "" })
    };
    ways.push(format!("page {}", code(name)));
    let start = journey.top("start").or(journey.under("pages").next().map(|page| page.key)) == Some(name);
    ways.push(match (ins.is_empty(), entries > 0, start) {
        (true, false, false) => "no choice leads here".to_owned(),
        (true, true, _) => "entered from anywhere".to_owned(),
        (true, false, true) => "the journey begins here".to_owned(),
        (false, true, _) => format!("from anywhere, and from {}", listed(&mut ins)),
        (false, false, true) => format!("the journey begins here; back from {}", listed(&mut ins)),
        (false, false, false) => format!("from {}", listed(&mut ins)),
    });
    ways.push(if outs.is_empty() {
        "no choice turns to another page".to_owned()
    } else {
        format!("on to {}", listed(&mut outs))
    });
    Some(ways.join("\n\n"))
}

fn offer(journey: &Skeleton<'_>, name: &str) -> Option<String> {
    journey.under("offers").find(|offer| offer.key == name)?;
    let mut lines = vec![format!("offer {}", code(name))];
    for entry in &journey.entries {
        let [Step::Key("offers"), Step::Key(offer), rest @ ..] = entry.path.as_slice() else { continue };
        let Some((value, _)) = entry.value.filter(|_| *offer == name && lines.len() < SHOWN_MAX) else {
            continue;
        };
        match rest {
            [Step::Key("text"), ..] => lines.push(format!("{}: {}", code(entry.key), code(value))),
            [] if matches!(entry.key, "valid" | "limit") => {
                lines.push(format!("{}: {}", entry.key, code(value)));
            }
            _ => {}
        }
    }
    Some(lines.join("\n\n"))
}

fn variable(journey: &Skeleton<'_>, name: &str) -> Option<String> {
    let mut tops = ["variables", "parameters"].into_iter();
    let (top, entry) =
        tops.find_map(|top| Some((top, journey.under(top).find(|entry| entry.key == name)?)))?;
    let sort = if top == "variables" { "variable" } else { "parameter" };
    let first = match entry.value {
        Some((value, _)) => format!("begins as {}", code(value)),
        None => {
            let own = |key: &str| {
                let path = [Step::Key(top), Step::Key(name)];
                let mut entries = journey.entries.iter();
                let entry = entries.find(|entry| entry.path.as_slice() == path && entry.key == key)?;
                entry.value.map(|(value, _)| format!("{key} {}", code(value)))
            };
            [own("type"), own("initial")].into_iter().flatten().collect::<Vec<String>>().join(", ")
        }
    };
    Some(format!("{sort} {}: {first}", code(name)))
}

fn whole(journey: &Skeleton<'_>, name: &str) -> String {
    let count = |top| journey.under(top).count();
    let (pages, offers) = (count("pages"), count("offers"));
    let sort = if journey.top("blueprint").is_some() { "blueprint" } else { "journey" };
    let kind = journey.top("kind").unwrap_or("guided");
    format!("{sort} {}\n\n{}, pages: {pages}, offers: {offers}", code(name), code(kind))
}
