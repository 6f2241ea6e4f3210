//! Slips of the pen that say more than one thing wrong, or say it in YAML's words: what the author needs to hear instead.
//!
//! Only rewords and drops what was found; it finds nothing itself.

use turnpage_journeys_expr::Diagnostic;

/// What stands under the keys that a journey cannot do without.
const REQUIRED: [(&str, &str); 11] = [
    ("missing key `journey`", "give it a name: `journey: rainy-day`"),
    ("missing key `pages`", "a journey has at least one page: `pages: { strolling: { choices: [..] } }`"),
    ("missing key `text`", "say what the visitor reads: `text: { en: \"..\" }`"),
    ("missing key `channels`", "say where it may go: `channels: [app]`"),
    ("missing key `role`", "say whom: `role: cleaner`"),
    ("missing key `task`", "say what for: `task: { en: \"..\" }`"),
    ("missing key `offer`", "an alternative makes an offer: `offer: cocoa`"),
    ("missing key `goal`", "say where the subject will be: `goal: food`"),
    ("missing key `likely`", "say how probable it must be, from 0 to 1: `likely: 0.6`"),
    ("missing key `within`", "say how long the subject has to get there: `within: 20m`"),
    ("missing key `type`", "say what it holds: `type: zone`"),
];

/// Shows what a missing key would look like.
pub(super) fn explain_missing(problems: &mut [Diagnostic]) {
    for problem in problems.iter_mut().filter(|problem| problem.help.is_none()) {
        let help = REQUIRED.iter().find(|(message, _)| *message == problem.message);
        problem.help = help.map(|(_, help)| (*help).to_owned());
    }
}

/// In braces the usual cause of a syntax error is a guard with a comma or a bracket in it.
pub(super) fn explain_syntax(text: &str, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.code == "syntax") {
        let end = text.floor_char_boundary(diagnostic.span.start as usize);
        let before = text.get(..end).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        if line.contains("- {") || line.contains(": {") {
            let help = "in braces commas and brackets are YAML's: put a guard that has some in quotes, or write the choice \
                        on lines of its own";
            diagnostic.help = Some(help.to_owned());
        }
    }
}
