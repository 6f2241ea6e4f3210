//! Words as small numbers: a tally has few of them and says each a hundred thousand times.
//!
//! Next: tally.rs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Words of one tally: those of a venue and its journeys are a few hundred. What comes after goes under [`OTHER`].
const WORDS_MAX: usize = 1 << 16;
/// The number of what there was no room for.
const OTHER: u32 = 0;

/// The words, by number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct Names {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Default for Names {
    fn default() -> Self {
        Self::from(vec!["(other)".to_owned()])
    }
}

impl Names {
    pub(crate) fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let Some(number) = u32::try_from(self.words.len()).ok().filter(|_| self.words.len() < WORDS_MAX)
        else {
            return OTHER;
        };
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    pub(crate) fn word(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", String::as_str)
    }
}

impl From<Vec<String>> for Names {
    fn from(words: Vec<String>) -> Self {
        let numbers = (0..).zip(&words).map(|(number, word)| (word.clone(), number)).collect();
        Self { words, numbers }
    }
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        names.words
    }
}
