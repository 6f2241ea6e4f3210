//! A second, naive evaluator over its own trees, and generated guards to hold the real one against.
//!
//! The trees print themselves as CEL, so parser, checker, compiler and evaluator are all in the loop. The reference
//! shares no code with them: it walks the tree, and says unknown by CEL's rules for errors as the specification puts them.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::{Symbol, Value};

/// A guard of type Bool.
#[derive(Clone, Debug)]
pub(super) enum Truth {
    Const(bool),
    Outdoor,
    HasRain,
    Between(u32, u32),
    Not(Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Or(Box<Truth>, Box<Truth>),
    If(Box<Truth>, Box<Truth>, Box<Truth>),
    Same(Box<Truth>, Box<Truth>),
    Compare(&'static str, Box<Number>, Box<Number>),
    Ints(&'static str, Box<Whole>, Box<Whole>),
    Mixed(&'static str, Box<Whole>, Box<Number>),
    RoleIs(bool, usize),
    RoleIn(Vec<usize>),
    WholeIn(Box<Whole>, Vec<Whole>),
    /// A macro over a list, some of it filtered away first, and what is asked of each element.
    Macro(&'static str, Vec<Whole>, Option<Box<Truth>>, Box<Truth>),
    /// The length of a list after a filter and a map.
    Left(Vec<Whole>, Box<Truth>, Box<Whole>, i64),
}

/// A number of type Double, all facts plain so that no unit gets in the way.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Const(f64),
    Rain,
    Light,
    Negate(Box<Number>),
    Arithmetic(char, Box<Number>, Box<Number>),
    Of(Box<Whole>),
    If(Box<Truth>, Box<Number>, Box<Number>),
}

/// A number of type Int.
#[derive(Clone, Debug)]
pub(super) enum Whole {
    Const(i64),
    /// The element of the innermost macro. Whole guards stand in one over `[7]`.
    Element,
    Level,
    Count,
    Hour,
    Negate(Box<Whole>),
    Arithmetic(char, Box<Whole>, Box<Whole>),
    Of(Box<Number>),
}

/// The facts and the clock a guard is evaluated against; `None` is unknown.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) role: Option<u32>,
    pub(super) outdoor: Option<bool>,
    pub(super) rain: Option<f64>,
    pub(super) light: Option<f64>,
    pub(super) level: Option<i64>,
    pub(super) count: Option<i64>,
    pub(super) ms: u32,
    pub(super) element: i64,
}

pub(super) const ROLES: [&str; 3] = ["guest", "vip", "staff"];

impl World {
    fn at(&self, element: i64) -> Self {
        Self { element, ..self.clone() }
    }

    pub(super) fn facts(&self) -> Vec<Value> {
        let known = |value: Option<Value>| value.unwrap_or(Value::Unknown);
        vec![
            known(self.role.map(|role| Value::Symbol(Symbol(role)))),
            known(self.outdoor.map(Value::Bool)),
            known(self.rain.map(Value::Double)),
            known(self.light.map(Value::Double)),
            known(self.level.map(Value::Int)),
        ]
    }
}

impl Truth {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Const(truth) => truth.to_string(),
            Self::Outdoor => "place.outdoor".into(),
            Self::HasRain => "has(weather.rain)".into(),
            Self::Between(start, end) => format!("time.between('{}', '{}')", clock(*start), clock(*end)),
            Self::Not(inner) => format!("!({})", inner.text()),
            Self::And(left, right) => format!("({}) && ({})", left.text(), right.text()),
            Self::Or(left, right) => format!("({}) || ({})", left.text(), right.text()),
            Self::If(condition, then, otherwise) => {
                format!("({}) ? ({}) : ({})", condition.text(), then.text(), otherwise.text())
            }
            Self::Same(left, right) => format!("({}) == ({})", left.text(), right.text()),
            Self::Compare(operator, left, right) => {
                format!("({}) {operator} ({})", left.text(), right.text())
            }
            Self::Ints(operator, left, right) => format!("({}) {operator} ({})", left.text(), right.text()),
            Self::Mixed(operator, left, right) => format!("({}) {operator} ({})", left.text(), right.text()),
            Self::RoleIs(is, role) => format!("role {} '{}'", if *is { "==" } else { "!=" }, ROLES[*role]),
            Self::RoleIn(roles) => {
                let roles: Vec<String> = roles.iter().map(|role| format!("'{}'", ROLES[*role])).collect();
                format!("role in [{}]", roles.join(", "))
            }
            Self::WholeIn(needle, list) => {
                let list: Vec<String> = list.iter().map(Whole::text).collect();
                format!("({}) in [{}]", needle.text(), list.join(", "))
            }
            Self::Macro(name, list, filter, body) => {
                let filter = filter.as_ref().map_or(String::new(), |p| format!(".filter(e, {})", p.text()));
                format!("{}{filter}.{name}(e, {})", written(list), body.text())
            }
            Self::Left(list, filter, of, count) => {
                let (filter, of) = (filter.text(), of.text());
                format!("size({}.map(e, {filter}, {of})) == {count}", written(list))
            }
        }
    }

    pub(super) fn value(&self, world: &World) -> Option<bool> {
        match self {
            Self::Const(truth) => Some(*truth),
            Self::Outdoor => world.outdoor,
            Self::HasRain => Some(world.rain.is_some()),
            Self::Between(start, end) => {
                let (after, before) = (world.ms >= *start, world.ms < *end);
                Some(if start < end { after && before } else { after || before })
            }
            Self::Not(inner) => inner.value(world).map(|truth| !truth),
            Self::And(left, right) => match (left.value(world), right.value(world)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.value(world), right.value(world)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::If(condition, then, otherwise) => {
                if condition.value(world)? {
                    then.value(world)
                } else {
                    otherwise.value(world)
                }
            }
            Self::Same(left, right) => Some(left.value(world)? == right.value(world)?),
            Self::Compare(operator, left, right) => {
                Some(holds(operator, left.value(world)?.partial_cmp(&right.value(world)?)))
            }
            Self::Ints(operator, left, right) => {
                Some(holds(operator, Some(left.value(world)?.cmp(&right.value(world)?))))
            }
            Self::Mixed(operator, left, right) => {
                Some(holds(operator, rounded(left.value(world)?, right.value(world)?)))
            }
            Self::RoleIs(is, role) => Some((world.role? as usize == *role) == *is),
            Self::RoleIn(roles) => Some(roles.contains(&(world.role? as usize))),
            Self::WholeIn(needle, list) => {
                let needle = needle.value(world)?;
                let list: Option<Vec<i64>> = list.iter().map(|element| element.value(world)).collect();
                Some(list?.contains(&needle))
            }
            Self::Macro(name, list, filter, body) => {
                let mut left = elements(list, world)?;
                if let Some(filter) = filter {
                    left = kept(left, filter, world)?;
                }
                let answers = left.into_iter().map(|element| body.value(&world.at(element)));
                let answers: Vec<Option<bool>> = answers.collect();
                let unknown = answers.contains(&None);
                match *name {
                    "all" if answers.contains(&Some(false)) => Some(false),
                    "exists" if answers.contains(&Some(true)) => Some(true),
                    _ if unknown => None,
                    "exists_one" => Some(answers.iter().filter(|answer| **answer == Some(true)).count() == 1),
                    name => Some(name == "all"),
                }
            }
            Self::Left(list, filter, of, count) => {
                let left = kept(elements(list, world)?, filter, world)?;
                let made: Option<Vec<i64>> =
                    left.into_iter().map(|element| of.value(&world.at(element))).collect();
                Some(made?.len() as i64 == *count)
            }
        }
    }
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Const(value) => format!("{value:?}"),
            Self::Rain => "weather.rain".into(),
            Self::Light => "weather.light".into(),
            Self::Negate(inner) => format!("-({})", inner.text()),
            Self::Arithmetic(operator, left, right) => {
                format!("({}) {operator} ({})", left.text(), right.text())
            }
            Self::Of(whole) => format!("double({})", whole.text()),
            Self::If(condition, then, otherwise) => {
                format!("({}) ? ({}) : ({})", condition.text(), then.text(), otherwise.text())
            }
        }
    }

    fn value(&self, world: &World) -> Option<f64> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Rain => world.rain,
            Self::Light => world.light,
            Self::Negate(inner) => inner.value(world).map(|value| -value),
            Self::Arithmetic(operator, left, right) => {
                let (left, right) = (left.value(world)?, right.value(world)?);
                Some(match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right,
                })
            }
            Self::Of(whole) => whole.value(world).map(|value| value as f64),
            Self::If(condition, then, otherwise) => {
                if condition.value(world)? {
                    then.value(world)
                } else {
                    otherwise.value(world)
                }
            }
        }
    }
}

impl Whole {
    fn text(&self) -> String {
        match self {
            Self::Const(value) => value.to_string(),
            Self::Element => "e".into(),
            Self::Level => "place.level".into(),
            Self::Count => "count".into(),
            Self::Hour => "time.hour".into(),
            Self::Negate(inner) => format!("-({})", inner.text()),
            Self::Arithmetic(operator, left, right) => {
                format!("({}) {operator} ({})", left.text(), right.text())
            }
            Self::Of(number) => format!("int({})", number.text()),
        }
    }

    fn value(&self, world: &World) -> Option<i64> {
        let wide = match self {
            Self::Const(value) => return Some(*value),
            Self::Element => return Some(world.element),
            Self::Level => return world.level,
            Self::Count => return world.count,
            Self::Hour => return Some(i64::from(world.ms) / 3_600_000),
            Self::Negate(inner) => -i128::from(inner.value(world)?),
            Self::Arithmetic(operator, left, right) => {
                let (left, right) = (i128::from(left.value(world)?), i128::from(right.value(world)?));
                match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    // The quotient must fit as well for the remainder to be defined.
                    '%' => i64::try_from(left.checked_div(right)?).ok().map(|_| left % right)?,
                    _ => left.checked_div(right)?,
                }
            }
            Self::Of(number) => {
                let cut = number.value(world)?.trunc();
                // CEL leaves both ends of the range out.
                return (cut > -(2_f64.powi(63)) && cut < 2_f64.powi(63)).then_some(cut as i64);
            }
        };
        i64::try_from(wide).ok()
    }
}

fn written(list: &[Whole]) -> String {
    let list: Vec<String> = list.iter().map(Whole::text).collect();
    format!("[{}]", list.join(", "))
}

/// A list is unknown as soon as one element is.
fn elements(list: &[Whole], world: &World) -> Option<Vec<i64>> {
    list.iter().map(|element| element.value(world)).collect()
}

/// And so is a filtered one as soon as one answer is.
fn kept(list: Vec<i64>, filter: &Truth, world: &World) -> Option<Vec<i64>> {
    let keeps: Option<Vec<bool>> = list.iter().map(|element| filter.value(&world.at(*element))).collect();
    Some(list.into_iter().zip(keeps?).filter(|(_, keep)| *keep).map(|(element, _)| element).collect())
}

fn holds(operator: &str, ordering: Option<Ordering>) -> bool {
    match operator {
        "==" => ordering == Some(Ordering::Equal),
        "!=" => ordering != Some(Ordering::Equal),
        "<" => ordering == Some(Ordering::Less),
        ">" => ordering == Some(Ordering::Greater),
        "<=" => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        _ => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// Compares after rounding the integer to a double, by hand: through its decimal digits.
fn rounded(whole: i64, number: f64) -> Option<Ordering> {
    let near: f64 = whole.to_string().parse().expect("digits are a number");
    near.partial_cmp(&number)
}

fn clock(ms: u32) -> String {
    let seconds = ms / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["==", "!=", "<", "<=", ">", ">="][..])
}

/// Numbers near everything that can go wrong: zero, halves, the ends of the integers, infinity.
fn double() -> impl Strategy<Value = f64> {
    prop_oneof![
        -4.0..4.0,
        prop::sample::select(
            &[0.0, -0.0, 0.5, 1.0, 2.0, 9.007199254740993e15, 9.3e18, -9.223_372_036_854_776e18, 1e300][..]
        ),
    ]
}

fn int() -> impl Strategy<Value = i64> {
    prop_oneof![-3..4_i64, prop::sample::select(&[i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1][..])]
}

fn number() -> BoxedStrategy<Number> {
    let leaf = prop_oneof![double().prop_map(Number::Const), Just(Number::Rain), Just(Number::Light)];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let inner = inner.prop_map(Box::new);
        prop_oneof![
            inner.clone().prop_map(Number::Negate),
            (prop::sample::select(vec!['+', '-', '*', '/']), inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| Number::Arithmetic(operator, left, right)),
            int().prop_map(|value| Number::Of(Box::new(Whole::Const(value)))),
            (any::<bool>(), inner.clone(), inner).prop_map(|(known, then, otherwise)| {
                let condition = if known { Truth::HasRain } else { Truth::Outdoor };
                Number::If(Box::new(condition), then, otherwise)
            }),
        ]
    })
    .boxed()
}

fn whole() -> BoxedStrategy<Whole> {
    let leaf = prop_oneof![
        int().prop_map(Whole::Const),
        Just(Whole::Element),
        Just(Whole::Level),
        Just(Whole::Count),
        Just(Whole::Hour)
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let inner = inner.prop_map(Box::new);
        prop_oneof![
            inner.clone().prop_map(Whole::Negate),
            (prop::sample::select(vec!['+', '-', '*', '/', '%']), inner.clone(), inner)
                .prop_map(|(operator, left, right)| Whole::Arithmetic(operator, left, right)),
            number().prop_map(|value| Whole::Of(Box::new(value))),
        ]
    })
    .boxed()
}

/// A guard of a few levels.
pub(super) fn truth() -> BoxedStrategy<Truth> {
    let numbers = || number().prop_map(Box::new);
    let wholes = || whole().prop_map(Box::new);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Truth::Const),
        Just(Truth::Outdoor),
        Just(Truth::HasRain),
        (0..86_400_u32, 0..86_400_u32)
            .prop_filter("equal ends are an error", |(start, end)| start != end)
            .prop_map(|(start, end)| Truth::Between(start * 1_000, end * 1_000)),
        (operator(), numbers(), numbers())
            .prop_map(|(operator, left, right)| Truth::Compare(operator, left, right)),
        (operator(), wholes(), wholes())
            .prop_map(|(operator, left, right)| Truth::Ints(operator, left, right)),
        (operator(), wholes(), numbers())
            .prop_map(|(operator, left, right)| Truth::Mixed(operator, left, right)),
        (any::<bool>(), 0..ROLES.len()).prop_map(|(is, role)| Truth::RoleIs(is, role)),
        prop::collection::vec(0..ROLES.len(), 0..4).prop_map(Truth::RoleIn),
        (wholes(), prop::collection::vec(whole(), 0..3))
            .prop_map(|(needle, list)| Truth::WholeIn(needle, list)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let inner = inner.prop_map(Box::new);
        prop_oneof![
            inner.clone().prop_map(Truth::Not),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Truth::And(left, right)),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Truth::Or(left, right)),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Truth::Same(left, right)),
            (
                prop::sample::select(&["all", "exists", "exists_one"][..]),
                prop::collection::vec(whole(), 0..4),
                prop::option::of(inner.clone()),
                inner.clone()
            )
                .prop_map(|(name, list, filter, body)| Truth::Macro(name, list, filter, body)),
            (prop::collection::vec(whole(), 0..4), inner.clone(), whole().prop_map(Box::new), 0..3_i64)
                .prop_map(|(list, filter, of, count)| Truth::Left(list, filter, of, count)),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(condition, then, otherwise)| Truth::If(condition, then, otherwise)),
        ]
    })
    .boxed()
}

/// Facts of which about a third are unknown.
pub(super) fn world() -> impl Strategy<Value = World> {
    let mostly = |strategy| prop::option::weighted(0.7, strategy);
    (
        prop::option::weighted(0.7, 0..4_u32),
        prop::option::weighted(0.7, any::<bool>()),
        mostly(prop_oneof![double(), Just(f64::NAN)].boxed()),
        mostly(prop_oneof![double(), Just(f64::INFINITY)].boxed()),
        prop::option::weighted(0.7, int()),
        prop::option::weighted(0.7, int()),
        0..86_400_000_u32,
    )
        .prop_map(|(role, outdoor, rain, light, level, count, ms)| World {
            role,
            outdoor,
            rain,
            light,
            level,
            count,
            ms,
            element: 7,
        })
}
