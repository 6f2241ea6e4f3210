//! What a player sees, as text: the page, its choices and why they are open or closed, and what stands.
//!
//! Decides nothing but colours, and those only on a terminal. Before: play.rs.

use std::fmt::Write as _;

use console::{Style, style};
use turnpage_journeys_authoring::game::View;
use turnpage_journeys_authoring::play::Moment;
use turnpage_journeys_authoring::trial::record::{Decision, Record, Standing};

/// Everything there is to see.
pub(crate) fn view(view: &View) -> String {
    let place = view.zone.as_deref().unwrap_or("nowhere");
    let mut text = format!("{}  {}  {place}\n", style(&view.journey).bold(), view.at);
    for page in &view.pages {
        text.push_str(&page_text(page));
    }
    if view.fresh {
        text.push_str("nothing has happened yet: be seen somewhere, `zone NAME`\n");
    }
    for offer in &view.offers {
        let until = offer.until.map(|until| format!(", until {until}")).unwrap_or_default();
        push(&mut text, format_args!("offer {}: {}{until}\n", style(&offer.name).green(), offer.text));
    }
    if !view.picks.is_empty() {
        push(&mut text, format_args!("can be picked: {}\n", view.picks.join(", ")));
    }
    text
}

/// Every fact that is known.
pub(crate) fn facts(view: &View) -> String {
    let width = view.facts.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (path, value) in &view.facts {
        push(&mut text, format_args!("  {path:width$}  {value}\n"));
    }
    text
}

/// Something that happened.
pub(crate) fn moment(moment: &Moment) -> String {
    let text = moment.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    format!("{}\n{}", style(first).dim(), style_lines(rest))
}

/// Why something cannot be done.
pub(crate) fn refusal(why: &str) -> String {
    format!("{} {why}", style("no:").red())
}

fn style_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", style(line).cyan())).collect()
}

fn page_text(page: &Record) -> String {
    let within = if page.within.is_empty() { String::new() } else { format!("{}: ", page.within) };
    let mut text = match &page.page {
        Some(name) => format!("{within}page {}\n", style(name).bold()),
        None => format!("{within}not on a page\n"),
    };
    if let Some(values) = &page.shut_out {
        push(&mut text, format_args!("  the journey admits no event now: {}\n", listed(values)));
    }
    if page.page.is_some() && page.choices.is_empty() {
        text.push_str("  the end\n");
    }
    for (number, decision) in (1..).zip(&page.choices) {
        text.push_str(&decision_text(number, decision));
    }
    text
}

fn decision_text(number: usize, decision: &Decision) -> String {
    let (word, tone) = match &decision.standing {
        Standing::Taken => ("taken", Style::new().green()),
        Standing::Open if decision.pick.is_some() => ("pick", Style::new().green()),
        Standing::Open => ("open", Style::new().green()),
        Standing::Waits(_) => ("waits", Style::new().yellow()),
        Standing::Closed(_) => ("closed", Style::new().dim()),
    };
    let Decision { condition, consequence, .. } = decision;
    let mut text =
        format!("  {number:>2} {}  {condition}: {consequence}\n", tone.apply_to(format!("{word:6}")));
    let why = decision.why();
    if !why.is_empty() {
        push(&mut text, format_args!("             {}\n", style(why).dim()));
    }
    text
}

fn listed(values: &[(String, String)]) -> String {
    values.iter().map(|(path, value)| format!("{path} is {value}")).collect::<Vec<_>>().join(", ")
}

/// A string takes everything: writing to it cannot fail.
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
