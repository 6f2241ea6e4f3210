//! From bounded text to the tree, through the `cel` crate's parser: the one file that knows that crate.
//!
//! Its positions are single tokens; here they become spans over the whole expression. Its messages are rewritten.
//! What CEL has and the subset has not becomes `Shape::Outside`, so that `check` reports it among everything else.
//!
//! Next: `check`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use cel::Env;
use cel::common::ast::{CallExpr, Expr as Cel, IdedExpr, LiteralValue, SelectExpr, SourceInfo, operators};
use cel::parser::ParseError;

use crate::ast::{Arithmetic, Comparison, Expr, Operator, Shape};
use crate::diagnostic::{Diagnostic, Span};
use crate::order::{Partners, order};
use crate::token::{Kind, Token, tokens};

/// Parses an expression.
///
/// # Errors
/// Everything wrong with its syntax.
pub fn parse(text: &str) -> Result<Expr, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let tokens = tokens(text, &mut problems);
    let bounded = problems.iter().all(|problem| problem.code != "too-long");
    let partners = if bounded { order(text, &tokens, &mut problems) } else { Partners::new() };
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.span);
        return Err(problems);
    }
    // An environment without macros: they arrive as the calls they are written as, with their places.
    match Env::default().parser().enable_optional_syntax(false).parse_with_source_info(text) {
        Ok((tree, info)) => Ok(Reader { tokens: &tokens, partners: &partners, info: &info }.expr(tree)),
        Err(errors) => Err(rewrite(text, &tokens, &errors.errors)),
    }
}

/// The parser's errors in our words. Its first one is true; the rest follow from how it recovered.
fn rewrite(text: &str, tokens: &[Token], errors: &[ParseError]) -> Vec<Diagnostic> {
    let Some(error) = errors.first() else {
        return alloc::vec![Diagnostic::error("syntax", Span::new(0, text.len() as u32), "this is not CEL")];
    };
    let at = offset(text, error.pos);
    let near = tokens.iter().rev().find(|token| token.span.start <= at);
    let span = near.map_or(Span::new(at, at), |token| token.span);
    let word = span.slice(text).unwrap_or_default();
    let problem = if error.msg.contains("reserved identifier") {
        Diagnostic::error("syntax", span, format!("`{word}` is reserved in CEL"))
    } else if error.msg.contains("int literal") || error.msg.contains("double literal") {
        Diagnostic::error("syntax", span, format!("the number `{word}` is out of range"))
    } else if error.msg.contains("string literal") || error.msg.contains("token recognition") {
        Diagnostic::error("syntax", span, "this text holds an escape that CEL does not know")
            .with_help("`\\\\` is a backslash, `\\\"` a quote, `\\n` a new line")
    } else {
        let problem = Diagnostic::error("syntax", span, format!("`{word}` cannot stand here"));
        // CEL does not take two different signs in a row.
        let before = tokens.iter().rev().find(|token| token.span.end <= span.start);
        match before.map(|token| token.kind) {
            Some(Kind::Not | Kind::Minus) => {
                problem.with_help("put what the sign is for in brackets: `!(-x < 1)`")
            }
            _ => problem,
        }
    };
    alloc::vec![problem]
}

/// Byte offset of a line and column, both from 1, columns in characters.
fn offset(text: &str, (line, column): (isize, isize)) -> u32 {
    let mut start = 0;
    for (number, content) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let column = usize::try_from(column - 1).unwrap_or(0);
            let inside = content.char_indices().nth(column).map_or(content.len(), |(at, _)| at);
            return (start + inside) as u32;
        }
        start += content.len();
    }
    text.len() as u32
}

/// Turns the parser's tree into ours.
struct Reader<'a> {
    tokens: &'a [Token],
    partners: &'a Partners,
    info: &'a SourceInfo,
}

impl Reader<'_> {
    fn expr(&self, node: IdedExpr) -> Expr {
        let at = self.token_at(node.id);
        match node.expr {
            Cel::Literal(literal) => self.literal(literal, at),
            Cel::Ident(name) if name.starts_with('.') => {
                self.leaf(at, Shape::Outside("names with a leading dot are not in the subset"))
            }
            Cel::Ident(name) => self.leaf(at, Shape::Name(name)),
            Cel::Select(select) => self.select(select, at),
            Cel::Call(call) => self.call(call, at),
            Cel::List(list) => {
                let span = self.bracket(at).unwrap_or_else(|| self.span(at));
                Expr {
                    span,
                    shape: Shape::List(list.elements.into_iter().map(|item| self.expr(item)).collect()),
                }
            }
            Cel::Comprehension(_) | Cel::Map(_) | Cel::Struct(_) | Cel::Unspecified => {
                self.leaf(at, Shape::Outside("maps and messages are not in the subset"))
            }
        }
    }

    fn leaf(&self, at: usize, shape: Shape) -> Expr {
        Expr { span: self.span(at), shape }
    }

    fn literal(&self, literal: LiteralValue, at: usize) -> Expr {
        let shape = match literal {
            LiteralValue::Boolean(value) => Shape::Bool(value.into_inner()),
            LiteralValue::Int(value) => Shape::Int(value.into_inner()),
            LiteralValue::Double(value) => Shape::Double(value.into_inner()),
            LiteralValue::String(value) => Shape::Text(value.into_inner()),
            LiteralValue::UInt(_) => Shape::Outside("unsigned numbers are not in the subset"),
            LiteralValue::Bytes(_) => Shape::Outside("bytes are not in the subset"),
            LiteralValue::Null => {
                Shape::Outside("`null` is not in the subset: a fact is known or unknown, see `has`")
            }
        };
        let mut expr = self.leaf(at, shape);
        // A sign belongs to its number; the parser's position is the digits'.
        if matches!(expr.shape, Shape::Int(value) if value < 0)
            || matches!(expr.shape, Shape::Double(value) if value.is_sign_negative())
        {
            expr.span = self.span(at.saturating_sub(1)).to(expr.span);
        }
        expr
    }

    fn select(&self, select: SelectExpr, at: usize) -> Expr {
        let of = Box::new(self.expr(*select.operand));
        let name = select.field;
        // Stands at its dot.
        Expr { span: of.span.to(self.span(at + 1)), shape: Shape::Field { of, name } }
    }

    fn call(&self, call: CallExpr, at: usize) -> Expr {
        let name = call.func_name;
        let mut args: Vec<Expr> = call.args.into_iter().map(|arg| self.expr(arg)).collect();
        if name == operators::INDEX {
            return self.index(args, at);
        }
        if let Some(on) = call.target {
            let on = Box::new(self.expr(*on));
            let span = on.span.to(self.bracket(at).unwrap_or(on.span));
            return Expr { span, shape: Shape::Call { on: Some(on), name, args } };
        }
        if let Some(operator) = binary(&name)
            && let (Some(right), Some(left)) = (args.pop(), args.pop())
        {
            let span = self.outer(left.span).to(self.outer(right.span));
            return Expr { span, shape: Shape::Binary(Box::new(left), operator, Box::new(right)) };
        }
        self.prefix_or_function(name, args, at)
    }

    fn index(&self, args: Vec<Expr>, at: usize) -> Expr {
        let mut args = args.into_iter();
        match (args.next(), args.next()) {
            (Some(of), Some(index)) => {
                let span = of.span.to(self.bracket(at).unwrap_or(index.span));
                Expr { span, shape: Shape::Index { of: Box::new(of), index: Box::new(index) } }
            }
            _ => self.leaf(at, Shape::Outside("this is not in the subset")),
        }
    }

    fn prefix_or_function(&self, name: String, mut args: Vec<Expr>, at: usize) -> Expr {
        let here = self.span(at);
        match (name.as_str(), args.len()) {
            (operators::LOGICAL_NOT | operators::NEGATE, 1) => match args.pop() {
                Some(inner) => {
                    let span = here.to(self.outer(inner.span));
                    let inner = Box::new(inner);
                    let negate = name == operators::NEGATE;
                    Expr { span, shape: if negate { Shape::Negate(inner) } else { Shape::Not(inner) } }
                }
                None => self.leaf(at, Shape::Outside("this is not in the subset")),
            },
            (operators::CONDITIONAL, 3) => {
                let (last, middle, first) = (args.pop(), args.pop(), args.pop());
                match (first, middle, last) {
                    (Some(first), Some(middle), Some(last)) => {
                        let span = self.outer(first.span).to(self.outer(last.span));
                        Expr { span, shape: Shape::If(Box::new(first), Box::new(middle), Box::new(last)) }
                    }
                    _ => self.leaf(at, Shape::Outside("this is not in the subset")),
                }
            }
            _ => {
                // Stands at the bracket, one token after the name.
                let span = self.span(at.saturating_sub(1)).to(self.bracket(at).unwrap_or(here));
                if name == "has"
                    && let [Expr { shape: Shape::Field { .. }, .. }] = args.as_slice()
                    && let Some(Expr { shape: Shape::Field { of, name }, .. }) = args.pop()
                {
                    return Expr { span, shape: Shape::Has { of, name } };
                }
                Expr { span, shape: Shape::Call { on: None, name, args } }
            }
        }
    }

    /// Index of the token the parser gave as a node's position.
    fn token_at(&self, id: u64) -> usize {
        let start = self.info.offset_for(id).map_or(0, |(start, _)| start);
        self.tokens.partition_point(|token| token.span.end <= start)
    }

    fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map(|token| token.span).unwrap_or_default()
    }

    /// From an opening bracket to its partner.
    fn bracket(&self, index: usize) -> Option<Span> {
        let token = self.tokens.get(index).filter(|token| token.kind == Kind::Open)?;
        let partner = self.tokens.get(*self.partners.get(index)?)?;
        Some(token.span.to(partner.span))
    }

    /// The span with the brackets that stand around exactly it.
    fn outer(&self, span: Span) -> Span {
        let first = self.tokens.partition_point(|token| token.span.end <= span.start);
        let after = self.tokens.partition_point(|token| token.span.start < span.end);
        let mut covered = span;
        for step in 1.. {
            let (Some(left), right) = (first.checked_sub(step), after + step - 1) else { break };
            let opens = self.tokens.get(left).is_some_and(|token| token.kind == Kind::Open);
            if !opens || self.partners.get(left) != Some(&right) {
                break;
            }
            covered = self.span(left).to(self.span(right));
        }
        covered
    }
}

fn binary(name: &str) -> Option<Operator> {
    Some(match name {
        operators::LOGICAL_AND => Operator::And,
        operators::LOGICAL_OR => Operator::Or,
        operators::IN => Operator::In,
        operators::EQUALS => Operator::Compare(Comparison::Equal),
        operators::NOT_EQUALS => Operator::Compare(Comparison::Differs),
        operators::LESS => Operator::Compare(Comparison::Less),
        operators::LESS_EQUALS => Operator::Compare(Comparison::AtMost),
        operators::GREATER => Operator::Compare(Comparison::Greater),
        operators::GREATER_EQUALS => Operator::Compare(Comparison::AtLeast),
        operators::ADD => Operator::Arithmetic(Arithmetic::Add),
        operators::SUBSTRACT => Operator::Arithmetic(Arithmetic::Subtract),
        operators::MULTIPLY => Operator::Arithmetic(Arithmetic::Multiply),
        operators::DIVIDE => Operator::Arithmetic(Arithmetic::Divide),
        operators::MODULO => Operator::Arithmetic(Arithmetic::Remainder),
        _ => return None,
    })
}
