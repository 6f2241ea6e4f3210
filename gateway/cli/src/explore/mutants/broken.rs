//! Every small way to break the text of a journey: words, numbers, keys, pages and choices, one at a time.
//!
//! Knows how shipped journeys are laid out (`turnpage fmt` sees to that), not what YAML can be. A mutant that is no journey at all is
//! noticed by check, so nothing here need be careful. Next: the parent, which asks who notices.

/// A broken text, and how it was broken.
pub(super) struct Mutant {
    pub(super) how: String,
    pub(super) text: String,
}

/// Words that mean the opposite or something near. Each is swapped wherever it stands, one at a time.
const SWAPS: [(&str, &str); 15] = [
    (" > ", " <= "),
    (" > ", " >= "),
    (" < ", " >= "),
    (" < ", " <= "),
    (" >= ", " < "),
    (" >= ", " > "),
    (" == ", " != "),
    (" != ", " == "),
    (" && ", " || "),
    (" || ", " && "),
    ("on: enter", "on: exit"),
    ("once: true", "once: false"),
    (".accepted,", ".declined,"),
    (".declined,", ".accepted,"),
    (".expired,", ".declined,"),
];

/// Keys that are left out with their values.
const DROPPED: [&str; 17] = [
    "admit", "limit", "valid", "turn_to", "outcome", "withdraw", "once", "offer", "dispatch", "ticket",
    "remember", "set", "when", "breach", "way", "nudge", "on",
];

/// All mutants of a journey's text, from its `admit` or its offers on: what is above is for people.
pub(super) fn mutants(text: &str) -> Vec<Mutant> {
    let starts = ["\nadmit:", "\noffers:", "\npages:", "\nuse:"];
    let body = starts.iter().filter_map(|key| text.find(key)).min().unwrap_or_default();
    let mut mutants = Vec::new();
    words(text, body, &mut mutants);
    let lines: Vec<&str> = text.lines().collect();
    let first = text[..body].matches('\n').count() + 1;
    for at in first..lines.len() {
        if !is_comment(lines[at]) {
            numbers(&lines, at, &mut mutants);
            keys(&lines, at, &mut mutants);
            turned(&lines, at, &mut mutants);
            choices(&lines, at, &mut mutants);
        }
    }
    mutants
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Copy is for people: what it says decides nothing.
fn is_copy(line: &str) -> bool {
    ["en:", "es:", "text:", "kiosk:"].iter().any(|key| line.trim_start().starts_with(key))
}

fn words(text: &str, body: usize, mutants: &mut Vec<Mutant>) {
    for (from, to) in SWAPS {
        for (at, _) in text[body..].match_indices(from).map(|(at, word)| (at + body, word)) {
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            if !is_comment(&text[start..]) && !is_copy(&text[start..]) {
                let how = format!("{}: `{}` -> `{}`", line_of(text, at), from.trim(), to.trim());
                let text = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
                mutants.push(Mutant { how, text });
            }
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The text with the lines `from..to` replaced.
fn with(lines: &[&str], from: usize, to: usize, new: &[&str]) -> String {
    [&lines[..from], new, &lines[to..]].concat().join("\n") + "\n"
}

/// Each number is one more: a count, a threshold, a length of time, the hour of a time of day. A fraction is a tenth more.
fn numbers(lines: &[&str], at: usize, mutants: &mut Vec<Mutant>) {
    let line = lines[at];
    if is_copy(line) {
        return;
    }
    let digit = |c: char| c.is_ascii_digit();
    let mut from = 0;
    while let Some(start) = line[from..].find(digit).map(|start| start + from) {
        let end = line[start..].find(|c| !digit(c) && c != '.').map_or(line.len(), |end| end + start);
        from = end;
        let number = &line[start..end];
        let hour = line[end..].starts_with(':');
        let minute = line[..start].ends_with(':');
        let more = match number.parse::<i64>() {
            Ok(number) if hour || minute => format!("{:02}", (number + 1) % if hour { 24 } else { 60 }),
            Ok(number) => (number + 1).to_string(),
            Err(_) => {
                number.parse::<f64>().map_or_else(|_| String::new(), |number| format!("{:.1}", number + 0.1))
            }
        };
        let broken = format!("{}{more}{}", &line[..start], &line[end..]);
        let how = format!("{}: `{number}` -> `{more}` in `{}`", at + 1, line.trim());
        mutants.push(Mutant { how, text: with(lines, at, at + 1, &[&broken]) });
    }
}

/// Each key is gone with its value; a guard also says the opposite.
fn keys(lines: &[&str], at: usize, mutants: &mut Vec<Mutant>) {
    let line = lines[at];
    for key in DROPPED {
        let word = format!("{key}: ");
        let Some(start) = key_at(line, &word) else { continue };
        let value = start + word.len();
        let end = value + end_of_value(&line[value..]);
        let how = format!("{}: without `{}`", at + 1, line[start..end].trim());
        if key == "when" {
            let guard = line[value..end].trim_matches('\'');
            let negated = format!("{}when: '!({guard})'{}", &line[..start], &line[end..]);
            let how = format!("{}: not `{guard}`", at + 1);
            mutants.push(Mutant { how, text: with(lines, at, at + 1, &[&negated]) });
        }
        mutants.push(Mutant { how, text: without(lines, at, start, end) });
    }
    // A value of several lines.
    for key in ["dispatch:", "ticket:", "remember:"] {
        if line.trim_start() == key {
            let end = end_of_block(lines, at);
            let how = format!("{}: without `{key}`", at + 1);
            mutants.push(Mutant { how, text: with(lines, at, end, &[]) });
        }
    }
}

/// Where a key stands as one: at the line's beginning, after a dash, a brace or a comma.
fn key_at(line: &str, word: &str) -> Option<usize> {
    let begins =
        |before: &str| before.trim().is_empty() || ["- ", "{ ", ", "].iter().any(|it| before.ends_with(it));
    line.match_indices(word).map(|(start, _)| start).find(|start| begins(&line[..*start]))
}

/// The length of a value: to the comma or brace that ends it, or to the end of the line.
fn end_of_value(value: &str) -> usize {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in value.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ',') if depth == 0 => return value[..at].trim_end().len(),
            (None, '}' | ']' | ')') => depth -= 1,
            _ => {}
        }
    }
    value.len()
}

/// A line without the key between `start` and `end`. A key on a line of its own goes with its line, and hands its dash on.
fn without(lines: &[&str], at: usize, start: usize, end: usize) -> String {
    let line = lines[at];
    let (before, after) = (&line[..start], &line[end..]);
    if let Some(before) = before.strip_suffix(", ") {
        return with(lines, at, at + 1, &[&format!("{before}{after}")]);
    }
    if before.ends_with("{ ") {
        let after = after.trim_start_matches([',', ' ']);
        return with(lines, at, at + 1, &[&format!("{before}{after}")]);
    }
    match (before.ends_with("- "), lines.get(at + 1)) {
        (true, Some(next)) => with(lines, at, at + 2, &[&format!("{before}{}", next.trim_start())]),
        _ => with(lines, at, at + 1, &[]),
    }
}

/// Turns to another page; makes another offer.
fn turned(lines: &[&str], at: usize, mutants: &mut Vec<Mutant>) {
    for (word, section) in [("turn_to: ", "pages:"), ("offer: ", "offers:"), ("nudge: ", "offers:")] {
        let Some(start) = key_at(lines[at], word) else { continue };
        let value = start + word.len();
        let end = value + end_of_value(&lines[at][value..]);
        let name = &lines[at][value..end];
        let names = section_names(lines, section);
        let Some(place) = names.iter().position(|known| *known == name) else { continue };
        let other = names[(place + 1) % names.len()];
        if other != name {
            let broken = format!("{}{other}{}", &lines[at][..value], &lines[at][end..]);
            let how = format!("{}: {word}{other}, not {name}", at + 1);
            mutants.push(Mutant { how, text: with(lines, at, at + 1, &[&broken]) });
        }
    }
}

/// The names directly under a section of the file.
fn section_names<'a>(lines: &[&'a str], section: &str) -> Vec<&'a str> {
    let inside = lines.iter().skip_while(|line| **line != section).skip(1);
    let inside = inside.take_while(|line| line.is_empty() || line.starts_with(' '));
    let names = inside.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with([' ', '#'])).collect()
}

const CHOICE: &str = "      - ";

/// A choice that is gone; one that comes after the next.
fn choices(lines: &[&str], at: usize, mutants: &mut Vec<Mutant>) {
    if !lines[at].starts_with(CHOICE) {
        return;
    }
    let end = end_of_block(lines, at);
    mutants.push(Mutant { how: format!("{}: choice gone", at + 1), text: with(lines, at, end, &[]) });
    let next = end + lines[end..].iter().take_while(|line| is_comment(line)).count();
    if lines.get(next).is_some_and(|line| line.starts_with(CHOICE)) {
        let after = end_of_block(lines, next);
        if may_meet(&lines[at..end], &lines[next..after]) {
            let swapped = [&lines[next..after], &lines[at..next]].concat();
            let how = format!("{}: after the next: {}", at + 1, lines[next].trim());
            mutants.push(Mutant { how, text: with(lines, at, after, &swapped) });
        }
    }
}

/// The line after everything that is indented deeper than this one.
fn end_of_block(lines: &[&str], at: usize) -> usize {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let inside = lines[at + 1..].iter().take_while(|line| depth(line) > depth(lines[at]));
    at + 1 + inside.count()
}

/// Whether one event can be looked at by both choices: those that wait for different answers, timers or picks, or one for
/// any of these and one for an event of the world, are the same journey in either order.
fn may_meet(one: &[&str], other: &[&str]) -> bool {
    let waits = |choice: &[&str]| {
        let keys = ["on: ", "after: ", "at: ", "pick: "];
        let found = choice.iter().find_map(|line| {
            keys.iter().find_map(|key| {
                let start = key_at(line, key)?;
                let value = start + key.len();
                Some(line[start..value + end_of_value(&line[value..])].to_owned())
            })
        });
        found.unwrap_or_default()
    };
    let of_the_world =
        |wait: &str| wait.is_empty() || ["on: enter", "on: exit", "on: sighting"].contains(&wait);
    let (one, other) = (waits(one), waits(other));
    one == other || (of_the_world(&one) && of_the_world(&other))
}
