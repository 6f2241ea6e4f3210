//! Conditions and values of a detector model: read as they were written, said again as guards.
//!
//! The service's language: numbers, texts in single or double quotes, `$input.a.b`, `$variable.v`, arithmetic, comparison, logic
//! and a few functions. What guards cannot say is an error with its reason. Next: `translate`.

use std::collections::BTreeMap;

use super::translate::{signal_name, variable_name};

/// Nesting of an expression that is read; the service took 512 bytes of condition.
const DEPTH_MAX: usize = 64;

/// Bytes of an expression that are read.
const BYTES_MAX: usize = 4_096;

/// Values in one expression: a chain of them is as deep as it is long.
const ATOMS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// As written.
    Number(String),
    Bool(bool),
    Text(String),
    /// The input's name and the way into its value.
    Input(String, String),
    Variable(String),
    /// `timeout("name")`
    Timeout(String),
    /// `triggerType("Timer")`
    Trigger(String),
    /// `currentInput("name")`
    Current(String),
    Undefined(Box<Term>),
    Unary(&'static str, Box<Term>),
    Binary(Box<Term>, &'static str, Box<Term>),
}

/// Operators, loosest first; those of one line bind alike.
const OPERATORS: [&[&str]; 6] =
    [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/"]];

pub(super) fn read(text: &str) -> Result<Term, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("it is longer than {BYTES_MAX} bytes"));
    }
    let mut reader = Reader { rest: text.trim(), depth: 0, atoms: 0 };
    let term = reader.binary(0)?;
    match reader.rest.trim_start() {
        "" => Ok(term),
        rest => Err(format!("`{}` was not understood", shown(rest))),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    atoms: usize,
}

impl Reader<'_> {
    fn binary(&mut self, level: usize) -> Result<Term, String> {
        let Some(operators) = OPERATORS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) =
            operators.iter().find(|operator| self.rest.trim_start().starts_with(**operator))
        {
            self.skip(operator);
            let right = self.binary(level + 1)?;
            left = Term::Binary(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    /// Takes a mark if it comes next.
    fn skip(&mut self, mark: &str) -> bool {
        let rest = self.rest.trim_start();
        let after = rest.strip_prefix(mark);
        self.rest = after.unwrap_or(rest);
        after.is_some()
    }

    fn unary(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        let rest = self.rest.trim_start();
        let term = if rest.starts_with('!') && !rest.starts_with("!=") {
            self.skip("!");
            Term::Unary("!", Box::new(self.unary()?))
        } else if self.skip("-") {
            Term::Unary("-", Box::new(self.unary()?))
        } else if self.skip("(") {
            let inner = self.binary(0)?;
            self.closing()?;
            inner
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Ok(term)
    }

    fn closing(&mut self) -> Result<(), String> {
        if self.skip(")") { Ok(()) } else { Err("a `)` is missing".to_owned()) }
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken.to_owned()
    }

    fn atom(&mut self) -> Result<Term, String> {
        self.atoms += 1;
        if self.atoms > ATOMS_MAX {
            return Err(format!("it has more than {ATOMS_MAX} values"));
        }
        let rest = self.rest.trim_start();
        self.rest = rest;
        match rest.chars().next() {
            None => Err("it ends where a value should be".to_owned()),
            Some(quote @ ('"' | '\'')) => {
                self.skip(&quote.to_string());
                let text = self.take(|c| c != quote);
                if self.skip(&quote.to_string()) {
                    Ok(Term::Text(text))
                } else {
                    Err("a quote is never closed".to_owned())
                }
            }
            Some('$') => self.reference(),
            Some(c) if c.is_ascii_digit() || c == '.' => {
                let number = self.take(|c| c.is_ascii_digit() || c == '.');
                match number.parse::<f64>() {
                    Ok(value) if value.is_finite() => Ok(Term::Number(number)),
                    _ => Err(format!("`{number}` is no number")),
                }
            }
            Some(c) if c.is_ascii_alphabetic() => self.named(),
            Some(c) => Err(format!("`{c}` was not understood")),
        }
    }

    fn reference(&mut self) -> Result<Term, String> {
        let name = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '_' | '-' | '.'));
        if self.rest.starts_with('[') {
            return Err(format!("`{name}[..]` is an item of a list, and signals have no lists"));
        }
        match name.split_once('.') {
            Some(("$input", way)) => match way.split_once('.') {
                Some((input, way)) => Ok(Term::Input(input.to_owned(), way.to_owned())),
                None => Err(format!("`{name}` is a whole message, and a signal is one value")),
            },
            Some(("$variable", name)) => Ok(Term::Variable(name.to_owned())),
            _ => Err(format!("`{name}` is neither an input's value nor a variable")),
        }
    }

    fn named(&mut self) -> Result<Term, String> {
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        if !self.skip("(") {
            return match name.as_str() {
                "true" | "TRUE" => Ok(Term::Bool(true)),
                "false" | "FALSE" => Ok(Term::Bool(false)),
                _ => Err(format!("`{name}` was not understood")),
            };
        }
        let mut arguments = Vec::new();
        while !self.skip(")") {
            // `convert(Decimal, x)` names a type without quotes.
            let rest = self.rest.trim_start();
            if name == "convert"
                && arguments.is_empty()
                && rest.starts_with(|c: char| c.is_ascii_alphabetic())
            {
                self.rest = rest;
                arguments.push(Term::Text(self.take(|c| c.is_ascii_alphabetic())));
            } else {
                arguments.push(self.binary(0)?);
            }
            if !self.skip(",") {
                self.closing()?;
                break;
            }
        }
        match (name.as_str(), arguments.as_slice()) {
            ("timeout", [Term::Text(timer)]) => Ok(Term::Timeout(timer.clone())),
            ("triggerType", [Term::Text(sort)]) => Ok(Term::Trigger(sort.clone())),
            ("currentInput", [Term::Text(input)]) => Ok(Term::Current(input.clone())),
            ("isUndefined", [of]) => Ok(Term::Undefined(Box::new(of.clone()))),
            ("convert", [Term::Text(to), of]) if to == "Decimal" => Ok(of.clone()),
            _ => Err(format!("guards have no function `{name}`")),
        }
    }
}

/// Guards for a term, with variables replaced by what was set before.
pub(super) struct Says<'a> {
    /// Variables that are set on the way, by name, in guards' words.
    pub(super) set: &'a BTreeMap<String, String>,
    /// Whether the choice is looked at when a timer ends.
    pub(super) timer: bool,
    /// Names of signals that are read, each with the value it stands for.
    pub(super) signals: BTreeMap<String, String>,
}

impl Says<'_> {
    pub(super) fn say(&mut self, term: &Term) -> Result<String, String> {
        Ok(match term {
            // Numbers of a detector have no kinds, and those of guards must agree: all become decimals.
            Term::Number(number) if number.contains('.') => {
                number.parse::<f64>().map_or(number.clone(), |n| format!("{n:?}"))
            }
            Term::Number(number) => format!("{number}.0"),
            Term::Bool(value) => value.to_string(),
            Term::Text(text) => {
                return Err(format!(
                    "the text `{text}` has no counterpart: signals and variables are numbers or truths"
                ));
            }
            Term::Input(input, way) => {
                let name = signal_name(input, way);
                self.signals.insert(name.clone(), format!("{input}.{way}"));
                format!("signal[\"{name}\"]")
            }
            Term::Variable(name) => {
                let name = variable_name(name);
                self.set.get(&name).map_or(name, |value| format!("({value})"))
            }
            Term::Timeout(timer) => {
                return Err(format!("`timeout(\"{timer}\")` is joined with something else"));
            }
            Term::Trigger(sort) => (if sort == "Timer" { self.timer } else { !self.timer }).to_string(),
            Term::Current(input) => {
                return Err(format!("which input came (`currentInput(\"{input}\")`) is no fact of guards"));
            }
            Term::Undefined(of) => match &**of {
                Term::Input(input, way) => {
                    self.say(of)?;
                    format!("!has(signal.{})", signal_name(input, way))
                }
                // A journey's variables have a first value.
                Term::Variable(_) => "false".to_owned(),
                _ => return Err("`isUndefined` asks for more than one value".to_owned()),
            },
            Term::Unary(operator, of) => format!("{operator}{}", self.inner(of)?),
            Term::Binary(left, operator, right) => {
                format!("{} {operator} {}", self.inner(left)?, self.inner(right)?)
            }
        })
    }

    fn inner(&mut self, term: &Term) -> Result<String, String> {
        let said = self.say(term)?;
        Ok(if matches!(term, Term::Binary(..)) { format!("({said})") } else { said })
    }
}

impl Term {
    /// The parts of which all must hold.
    pub(super) fn all(self) -> Vec<Term> {
        match self {
            Term::Binary(left, "&&", right) => [left.all(), right.all()].concat(),
            term => vec![term],
        }
    }

    /// The parts of which one must hold.
    pub(super) fn any(self) -> Vec<Term> {
        match self {
            Term::Binary(left, "||", right) => [left.any(), right.any()].concat(),
            term => vec![term],
        }
    }
}
