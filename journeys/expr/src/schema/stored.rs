//! A schema that comes back from bytes: names once each, types of domains that are there, within its bounds.

use alloc::vec::Vec;

use serde::Deserialize;

use crate::schema::{Domain, DomainId, Fact, Schema, Slot};
use crate::stored::list;
use crate::types::Type;
use crate::value::Symbol;

const DOMAINS_MAX: usize = Schema::DOMAINS_MAX;
const FACTS_MAX: usize = Schema::FACTS_MAX;

/// A schema as it stands in bytes.
#[derive(Deserialize)]
pub(super) struct Stored {
    #[serde(deserialize_with = "list::<_, _, DOMAINS_MAX>")]
    domains: Vec<Domain>,
    #[serde(deserialize_with = "list::<_, _, FACTS_MAX>")]
    facts: Vec<Fact>,
}

impl TryFrom<Stored> for Schema {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let mut schema = Schema { domains: Vec::new(), facts: Vec::new(), by_path: Default::default() };
        for Domain { name, members, .. } in stored.domains {
            if schema.domain_id(&name).is_some() {
                return Err("two of its domains have one name");
            }
            let domain = schema.domain(&name, []);
            for (nth, member) in (0..).map(Symbol).zip(members) {
                if schema.intern(domain, &member.name) != nth {
                    return Err("two members of a domain have one name");
                }
                member.title.iter().for_each(|title| schema.set_title(domain, nth, title));
            }
        }
        if !schema.members(Schema::WEEKDAY).eq(Schema::WEEKDAYS) {
            return Err("its weekdays are not those of the calendar");
        }
        for (nth, Fact { path, ty }) in (0..).map(Slot).zip(stored.facts) {
            let of = ty.domain().unwrap_or(DomainId(0));
            if ty == Type::Text || schema.domain_name(of).is_none() || schema.fact(&path, ty) != Some(nth) {
                return Err("one of its facts is none, or there twice");
            }
        }
        Ok(schema)
    }
}
