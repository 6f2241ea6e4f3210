//! A case of journeys/conformance: its text to its parts and back. It does not know what the parts mean.
//!
//! Before: the files of journeys/conformance. Next: tests/journeys/conformance, which runs them; the fuzzer, which breaks them.

use std::fmt;

/// One case.
pub struct Case {
    /// What it shows.
    pub title: String,
    /// The texts of its journeys.
    pub journeys: Vec<String>,
    /// What must come of it.
    pub expects: Expects,
}

/// What must come of it.
pub enum Expects {
    /// Events, and the lines of their effects.
    Effects(Vec<String>, Vec<String>),
    /// The codes of what is wrong with its journeys.
    Problems(Vec<String>),
}

const INDENT: &str = "    ";

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let (title, rest) = text.split_once('\n').ok_or("it ends after its title")?;
        let (mut journeys, mut events, mut effects, mut problems) = (Vec::new(), None, None, None);
        let mut lines = rest.lines().peekable();
        while let Some(heading) = lines.next() {
            let mut body = Vec::new();
            while let Some(line) = lines.next_if(|line| line.is_empty() || line.starts_with(INDENT)) {
                body.push(line.strip_prefix(INDENT).unwrap_or_default().to_owned());
            }
            while body.last().is_some_and(String::is_empty) {
                body.pop();
            }
            match heading {
                "" => {}
                "journey" => journeys.push(body.join("\n") + "\n"),
                "events" => events = Some(body),
                "effects" => effects = Some(body),
                "problems" => problems = Some(body),
                other => return Err(format!("`{other}` is no section")),
            }
        }
        let expects = match (events, effects, problems) {
            (Some(events), effects, None) => Expects::Effects(events, effects.unwrap_or_default()),
            (None, None, Some(problems)) => Expects::Problems(problems),
            _ => return Err("it has either events and effects, or problems".to_owned()),
        };
        Ok(Self { title: title.to_owned(), journeys, expects })
    }

    /// The lines that must come, or the codes.
    #[must_use]
    pub fn expected(&self) -> &[String] {
        match &self.expects {
            Expects::Effects(_, lines) | Expects::Problems(lines) => lines,
        }
    }

    /// Writes down what came.
    pub fn expect(&mut self, came: Vec<String>) {
        match &mut self.expects {
            Expects::Effects(_, lines) | Expects::Problems(lines) => *lines = came,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for journey in &self.journeys {
            section(f, "journey", journey.lines())?;
        }
        match &self.expects {
            Expects::Effects(events, effects) => {
                section(f, "events", events.iter().map(String::as_str))?;
                section(f, "effects", effects.iter().map(String::as_str))
            }
            Expects::Problems(problems) => section(f, "problems", problems.iter().map(String::as_str)),
        }
    }
}

fn section<'a>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    mut lines: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    writeln!(f, "\n{heading}")?;
    lines.try_for_each(|line| match line {
        "" => writeln!(f),
        line => writeln!(f, "{INDENT}{line}"),
    })
}
