//! JSON Schema (2020-12) of journeys, blueprints and plays, made from the language's tables.
//!
//! With it an editor completes keys and words, shows what they mean and marks slips while they are typed. It knows the shape of
//! a file only: whether names resolve and guards make sense is `check`'s to say.
//!
//! Before: `language`, the tables. Next: the editor that reads it.

use serde_json::{Map, Value, json};
use turnpage_journeys_engine::Outcome;

use crate::language::journey::{BLUEPRINT, JOURNEY, TRIGGERS, UPGRADES, VARIABLE};
use crate::language::play::PLAYS;
use crate::language::{Form, Key, Shape};

const NAME: &str = "^[A-Za-z0-9_-]{1,64}$";
/// Names of journeys that call each other, and last the name of something in the one called.
const WITHIN: &str = "([A-Za-z0-9_-]{1,64}>)*[A-Za-z0-9_-]{1,64}";
const VARIABLE_NAME: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
const LANGUAGE: &str = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";
const DURATION: &str = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
const LIMIT: &str = "^[1-9][0-9]* per (day|[0-9dhms]*[1-9][0-9dhms]*)$";
const CLOCK: &str = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$";
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const MOMENT: &str = "^([0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3})?)?$";
/// Where a blueprint leaves a hole.
const HOLE: &str = "[$][{]";

/// Keys that mean nothing without another one of the same map.
const NEEDS: [(&str, &str, &str); 4] = [
    ("a journey", "with", "use"),
    ("a blueprint", "with", "use"),
    ("a page", "with", "call"),
    ("a choice", "label", "pick"),
];

/// What a choice waits for: one of these at most.
const WAITS: [&str; 4] = ["on", "after", "at", "pick"];

/// The schema of a journey file.
#[must_use]
pub fn schema_of_journeys() -> Value {
    schema("Turnpage journey", &JOURNEY, false)
}

/// The schema of a blueprint file. Where a journey has a number or a word, `${..}` may stand.
#[must_use]
pub fn schema_of_blueprints() -> Value {
    schema("Turnpage blueprint", &BLUEPRINT, true)
}

/// The schema of a file of plays.
#[must_use]
pub fn schema_of_plays() -> Value {
    schema("Turnpage plays", &PLAYS, false)
}

fn schema(title: &str, root: &'static Shape, holes: bool) -> Value {
    let mut builder = Builder { defs: Map::new(), holes };
    let mut schema = builder.shape(root, false);
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!(title));
        map.insert("$defs".to_owned(), Value::Object(builder.defs));
    }
    schema
}

struct Builder {
    /// Shapes by their names, each once.
    defs: Map<String, Value>,
    /// Whether `${..}` may stand for any plain value.
    holes: bool,
}

impl Builder {
    /// A map with known keys; with facts, keys that are not known are paths of facts.
    fn shape(&mut self, shape: &'static Shape, facts: bool) -> Value {
        let keys = shape.keys.iter().map(|key| (key.name.to_owned(), self.key(key)));
        let properties: Map<String, Value> = keys.collect();
        let required: Vec<&str> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut out = json!({
            "type": "object",
            "description": shape.about,
            "properties": properties,
            "additionalProperties": if facts { scalar() } else { json!(false) },
        });
        let Value::Object(map) = &mut out else { return out };
        if !required.is_empty() {
            map.insert("required".to_owned(), json!(required));
        }
        let needs: Map<String, Value> = NEEDS
            .iter()
            .filter(|(name, ..)| *name == shape.name)
            .map(|(_, key, needed)| ((*key).to_owned(), json!([needed])))
            .collect();
        if !needs.is_empty() {
            map.insert("dependentRequired".to_owned(), Value::Object(needs));
        }
        match shape.name {
            "a journey" | "a blueprint" => {
                map.insert("anyOf".to_owned(), json!([{ "required": ["pages"] }, { "required": ["use"] }]));
            }
            "a choice" => {
                let mut pairs = Vec::new();
                for (nth, one) in WAITS.iter().enumerate() {
                    pairs.extend(WAITS.iter().skip(nth + 1).map(|other| json!({ "required": [one, other] })));
                }
                map.insert("not".to_owned(), json!({ "anyOf": pairs }));
            }
            _ => {}
        }
        out
    }

    fn key(&mut self, key: &Key) -> Value {
        let mut value = self.form(&key.form);
        if let Value::Object(map) = &mut value {
            map.insert("description".to_owned(), json!(key.about));
        }
        value
    }

    /// A form; in a blueprint a hole may stand wherever something plain does.
    fn form(&mut self, form: &Form) -> Value {
        let whole = self.whole(form);
        let plain = !matches!(
            form,
            Form::Text
                | Form::Guard
                | Form::Value
                | Form::Scalar
                | Form::Copy
                | Form::Channels
                | Form::Names
                | Form::Values(_)
                | Form::Variables
                | Form::Upgrade
                | Form::Map(_)
                | Form::MapOrNothing(_)
                | Form::MapAndFacts(_)
                | Form::List(_)
                | Form::ListAndFacts(_)
                | Form::ListOrWord(..)
                | Form::Named(_)
        );
        if self.holes && plain {
            return json!({ "anyOf": [whole, { "type": "string", "pattern": HOLE }] });
        }
        whole
    }

    fn whole(&mut self, form: &Form) -> Value {
        match *form {
            Form::Name => text(NAME),
            Form::Path | Form::Text => json!({ "type": "string" }),
            Form::Guard => json!({ "type": ["string", "boolean"] }),
            Form::Value | Form::Scalar => scalar(),
            Form::Count => json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
            Form::Whole => json!({ "type": "integer" }),
            Form::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Form::Flag => json!({ "type": "boolean" }),
            Form::Word(words) => words_of(&words()),
            Form::Duration => length(),
            Form::Limit => text(LIMIT),
            Form::Clock => text(CLOCK),
            Form::Date => text(DATE),
            Form::Moment => text(MOMENT),
            Form::Trigger => trigger(),
            Form::Outcome => text(&outcome("[A-Za-z0-9_-]{1,64}")),
            Form::Within => text(&format!("^{WITHIN}$")),
            Form::OutcomeWithin => text(&outcome(WITHIN)),
            Form::Copy => copy(),
            Form::Channels | Form::Names => json!({ "type": "array", "minItems": 1, "items": text(NAME) }),
            Form::Values(form) => json!({ "type": "object", "additionalProperties": self.form(form) }),
            Form::Variables => self.variables(),
            Form::Upgrade => upgrade(),
            Form::Map(shape) => self.reference(shape, false),
            Form::MapOrNothing(shape) => {
                json!({ "anyOf": [self.reference(shape, false), { "type": "null" }] })
            }
            Form::MapAndFacts(shape) => self.reference(shape, true),
            Form::List(shape) => json!({ "type": "array", "items": self.reference(shape, false) }),
            Form::ListAndFacts(shape) => json!({ "type": "array", "items": self.reference(shape, true) }),
            Form::ListOrWord(shape, word) => json!({
                "anyOf": [{ "type": "array", "items": self.reference(shape, false) }, { "const": word }]
            }),
            Form::Named(form) => json!({
                "type": "object",
                "propertyNames": { "pattern": NAME },
                "additionalProperties": self.form(form),
            }),
        }
    }

    /// A shape is written down once, and then referred to.
    fn reference(&mut self, shape: &'static Shape, facts: bool) -> Value {
        let bare = shape.name.trim_start_matches("a ").trim_start_matches("an ").replace('`', "");
        let name = bare.replace(' ', "-");
        if !self.defs.contains_key(&name) {
            self.defs.insert(name.clone(), Value::Null);
            let built = self.shape(shape, facts);
            self.defs.insert(name.clone(), built);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn variables(&mut self) -> Value {
        let said = self.reference(&VARIABLE, false);
        let mut ways = vec![json!({ "type": ["number", "boolean"] }), length(), said];
        if self.holes {
            ways.push(text(HOLE));
        }
        json!({
            "type": "object",
            "propertyNames": { "pattern": VARIABLE_NAME },
            "additionalProperties": { "anyOf": ways },
        })
    }
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// A length of time that is not zero.
fn length() -> Value {
    json!({ "type": "string", "pattern": DURATION, "allOf": [{ "pattern": "[1-9]" }] })
}

fn words_of(words: &[(&str, &str)]) -> Value {
    let (names, about): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    // Not a keyword of JSON Schema: editors show it beside each word.
    json!({ "type": "string", "enum": names, "markdownEnumDescriptions": about })
}

fn outcome(offer: &str) -> String {
    format!("^{offer}[.]({})$", Outcome::ALL.map(Outcome::name).join("|"))
}

fn trigger() -> Value {
    let words = words_of(&TRIGGERS.map(|(word, _, about)| (word, about)));
    json!({ "anyOf": [words, text("^signal[.].+$"), text(&outcome("[A-Za-z0-9_-]{1,64}"))] })
}

fn copy() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": LANGUAGE },
        "additionalProperties": {
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": { "pattern": NAME },
                    "additionalProperties": { "type": "string" },
                },
            ],
        },
    })
}

fn upgrade() -> Value {
    let map = json!({ "type": "object", "additionalProperties": text(NAME) });
    let moves = json!({
        "type": "object",
        "properties": { "map": map },
        "required": ["map"],
        "additionalProperties": false,
    });
    json!({ "anyOf": [words_of(&UPGRADES), moves] })
}
