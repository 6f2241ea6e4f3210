//! What somebody may do at the console and the API: four roles, each of which may do what the one before it may.
//!
//! Which route takes which role is http/rights.rs. What an account may say at the front door is another matter (permits.rs).

use std::fmt;

/// A role of the console and the API. The later may do what the earlier may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Looks at what the console shows.
    Viewer,
    /// Writes journeys and sources: also sees what was not admitted, and why.
    Author,
    /// Runs the venue: also has it reloaded.
    Operator,
    /// Answers for it: also reads who did what.
    Admin,
}

impl Role {
    /// All of them, from the least.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Author, Self::Operator, Self::Admin];

    /// Its name in the config and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Author => "author",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
