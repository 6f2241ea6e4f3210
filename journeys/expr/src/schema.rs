//! The declared context of one venue: which facts exist, of which type, in which slot, and the names
//! symbols stand for.
//!
//! Built once by whoever reads the venue (`gateway/core`); journeys compile against it. Domains only
//! grow: replay may meet a zone the venue never declared, and interning it disturbs nothing compiled.

mod complete;
mod stored;
mod words;

#[cfg(feature = "compile")]
pub(crate) use self::complete::CLOCK;
pub use self::complete::Name;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::types::Type;
use crate::value::Symbol;

/// A domain of symbols (roles, zones, kinds, weekdays), by its index in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DomainId(pub(crate) u16);

/// Where a fact stands in the array of facts that [`Env`](crate::Env) carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot(pub(crate) u16);

impl Slot {
    /// The index into `Env::facts`.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One declared fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Dotted path as authors write it: `weather.rain`; `signal.<name>`, `nearest.<kind>`, `distance.<kind>`.
    pub path: String,
    /// What its value is.
    pub ty: Type,
}

/// One domain: its name and its members in the order they were declared.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Domain {
    name: String,
    members: Vec<Member>,
    #[serde(skip)]
    by_name: BTreeMap<String, Symbol>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Member {
    name: String,
    /// What people read, where it differs from the name.
    title: Option<String>,
}

/// The declared context of a venue. What serde writes of it is checked when it is read back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "stored::Stored")]
pub struct Schema {
    domains: Vec<Domain>,
    facts: Vec<Fact>,
    #[serde(skip_serializing)]
    by_path: BTreeMap<String, Slot>,
}

impl Default for Schema {
    fn default() -> Self {
        Self::new()
    }
}

impl Schema {
    /// The domain of `time.weekday`, in every schema.
    pub const WEEKDAY: DomainId = DomainId(0);
    /// Members of [`Self::WEEKDAY`], Monday first.
    pub const WEEKDAYS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    /// Most facts a schema takes: slots are 16 bits, and every subject's array of facts is this long.
    pub const FACTS_MAX: usize = 4_096;
    /// Most domains a schema takes.
    pub const DOMAINS_MAX: usize = 256;

    /// A schema with no facts, knowing only the weekdays.
    #[must_use]
    pub fn new() -> Self {
        let mut schema = Self { domains: Vec::new(), facts: Vec::new(), by_path: BTreeMap::new() };
        schema.domain("weekday", Self::WEEKDAYS);
        schema
    }

    /// Declares a domain and its members, in order; a name that is declared already gets the members added.
    ///
    /// Past [`Self::DOMAINS_MAX`] the last domain is returned unchanged: callers bound their input first.
    pub fn domain<'a>(&mut self, name: &str, members: impl IntoIterator<Item = &'a str>) -> DomainId {
        let id = match self.domain_id(name) {
            Some(id) => id,
            None if self.domains.len() >= Self::DOMAINS_MAX => return DomainId(Self::DOMAINS_MAX as u16 - 1),
            None => {
                self.domains.push(Domain { name: name.into(), ..Domain::default() });
                DomainId(self.domains.len() as u16 - 1)
            }
        };
        for member in members {
            self.intern(id, member);
        }
        id
    }

    /// Declares a fact and gives its slot; a path that is declared already keeps its slot and takes the new
    /// type. `None` past [`Self::FACTS_MAX`].
    pub fn fact(&mut self, path: &str, ty: Type) -> Option<Slot> {
        if let Some(slot) = self.slot(path) {
            if let Some(fact) = self.facts.get_mut(slot.index()) {
                fact.ty = ty;
            }
            return Some(slot);
        }
        if self.facts.len() >= Self::FACTS_MAX {
            return None;
        }
        let slot = Slot(self.facts.len() as u16);
        self.facts.push(Fact { path: path.into(), ty });
        self.by_path.insert(path.into(), slot);
        Some(slot)
    }

    /// The symbol of `name` in a domain, added at its end if it is new.
    pub fn intern(&mut self, domain: DomainId, name: &str) -> Symbol {
        let Some(domain) = self.domains.get_mut(usize::from(domain.0)) else { return Symbol(u32::MAX) };
        if let Some(symbol) = domain.by_name.get(name) {
            return *symbol;
        }
        let symbol = Symbol(domain.members.len() as u32);
        domain.members.push(Member { name: name.into(), title: None });
        domain.by_name.insert(name.into(), symbol);
        symbol
    }

    /// Gives a symbol the title that `.name` prints in a template.
    pub fn set_title(&mut self, domain: DomainId, symbol: Symbol, title: &str) {
        if let Some(domain) = self.domains.get_mut(usize::from(domain.0))
            && let Some(member) = domain.members.get_mut(symbol.0 as usize)
        {
            member.title = Some(title.into());
        }
    }

    /// The slot of a fact's path.
    #[must_use]
    pub fn slot(&self, path: &str) -> Option<Slot> {
        self.by_path.get(path).copied()
    }

    /// The fact in a slot.
    #[must_use]
    pub fn at(&self, slot: Slot) -> Option<&Fact> {
        self.facts.get(slot.index())
    }

    /// All facts with their slots, in slot order.
    pub fn facts(&self) -> impl Iterator<Item = (Slot, &Fact)> {
        self.facts.iter().enumerate().map(|(index, fact)| (Slot(index as u16), fact))
    }

    /// How many facts there are: the length `Env::facts` must have.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether no fact is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// The domain of a name.
    #[must_use]
    pub fn domain_id(&self, name: &str) -> Option<DomainId> {
        self.domains.iter().position(|domain| domain.name == name).map(|index| DomainId(index as u16))
    }

    /// The name of a domain.
    #[must_use]
    pub fn domain_name(&self, domain: DomainId) -> Option<&str> {
        self.domains.get(usize::from(domain.0)).map(|domain| domain.name.as_str())
    }

    /// The symbol of a name in a domain.
    #[must_use]
    pub fn symbol(&self, domain: DomainId, name: &str) -> Option<Symbol> {
        self.domains.get(usize::from(domain.0))?.by_name.get(name).copied()
    }

    /// The name of a symbol.
    #[must_use]
    pub fn name(&self, domain: DomainId, symbol: Symbol) -> Option<&str> {
        self.member(domain, symbol).map(|member| member.name.as_str())
    }

    /// The title of a symbol: what people read; its name where nobody gave it one.
    #[must_use]
    pub fn title(&self, domain: DomainId, symbol: Symbol) -> Option<&str> {
        self.member(domain, symbol).map(|member| member.title.as_deref().unwrap_or(&member.name))
    }

    /// The members of a domain, in order: the symbol is the index.
    pub fn members(&self, domain: DomainId) -> impl Iterator<Item = &str> {
        self.domains
            .get(usize::from(domain.0))
            .into_iter()
            .flat_map(|domain| domain.members.iter().map(|member| member.name.as_str()))
    }

    fn member(&self, domain: DomainId, symbol: Symbol) -> Option<&Member> {
        self.domains.get(usize::from(domain.0))?.members.get(symbol.0 as usize)
    }
}
