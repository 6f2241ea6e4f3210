//! What a choice does: its offer, outcome, staff, ticket, facts and variables, and the page it turns to.

use super::Checker;
use super::journey::World;
use crate::bounds::{ONCE_MAX, REMEMBERS_MAX};
use crate::graph::{ChoiceDef, DispatchDef, Kind, Spanned};
use crate::id::{ChoiceIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use crate::library::{Choice, Dispatch, Gate, Once, OutcomeKey, Page};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::Hasher;
use siphasher::sip::SipHasher13;
use turnpage_journeys_expr::{Diagnostic, Local, Program, Slot};

impl Checker<'_> {
    /// The choice without what opens it.
    pub(super) fn does(&mut self, def: &ChoiceDef, world: &World<'_>, page: PageIx, ix: ChoiceIx) -> Choice {
        let nothing = def.offer.is_none()
            && def.alternatives.is_empty()
            && def.withdraw.is_none()
            && def.dispatch.is_none()
            && def.ticket.is_empty()
            && def.remember.is_empty()
            && def.outcome.is_none()
            && def.set.is_empty()
            && def.turn_to.is_none();
        if nothing {
            let message = "this choice does nothing but keep later ones from being taken";
            self.push(Diagnostic::warning("empty-choice", def.span, message));
        }
        let (sets, turn_to) = (self.sets(&def.set, world), self.target(def.turn_to.as_ref(), world, page));
        Choice {
            gate: Gate { wants: Triggers::ANY, guard: None },
            ix: Some(ix),
            once: None,
            offer: def.offer.as_ref().and_then(|o| world.offers.find(self, &o.value, o.span)).map(OfferIx),
            outcome: def.outcome.as_ref().and_then(|of| {
                let offer = OfferIx(world.offers.find(self, &of.value.offer, of.span)?);
                Some(OutcomeKey { offer, outcome: of.value.outcome })
            }),
            withdraw: def
                .withdraw
                .as_ref()
                .and_then(|o| world.offers.find(self, &o.value, o.span))
                .map(OfferIx),
            dispatch: def.dispatch.is_some(),
            ticket: !def.ticket.is_empty(),
            remembers: self.remembers(def),
            alternatives: self.alternatives(def, world, (page, ix), (&sets, turn_to)),
            sets,
            turn_to,
        }
    }

    /// The page a choice turns to. In a mandated journey it is at most the next.
    pub(super) fn target(
        &mut self,
        target: Option<&Spanned<String>>,
        world: &World<'_>,
        page: PageIx,
    ) -> Option<PageIx> {
        let target = target?;
        let to = world.pages.find(self, &target.value, target.span)?;
        if world.kind == Kind::Mandated && usize::from(to) > page.index() + 1 {
            let message = format!("a mandated journey cannot skip to page `{}`", target.value);
            let help = "a choice turns to the next page in the file, to its own or to an earlier one";
            self.push(Diagnostic::error("mandated-skip", target.span, message).with_help(help));
        }
        Some(PageIx(to))
    }

    pub(super) fn sets(
        &mut self,
        def: &[(Spanned<String>, Spanned<String>)],
        world: &World<'_>,
    ) -> Vec<(VariableIx, Program)> {
        let mut sets: Vec<(VariableIx, Program)> = Vec::new();
        for (name, text) in def {
            let Some(ix) = world.variables.find(self, &name.value, name.span) else { continue };
            if sets.iter().any(|(other, _)| *other == VariableIx(ix)) {
                let message = format!("this choice sets `{}` twice", name.value);
                self.error("duplicate-name", name.span, message);
                continue;
            }
            if usize::from(ix) < world.parameters {
                let message = format!("parameter `{}` is the caller's: it cannot be set", name.value);
                let help = "set a variable of this journey";
                self.push(Diagnostic::error("set-parameter", name.span, message).with_help(help));
                continue;
            }
            let Some(&Local { ty, .. }) = self.locals.get(usize::from(ix)) else { continue };
            sets.extend(self.program(text, ty).map(|program| (VariableIx(ix), program)));
        }
        sets
    }

    /// The facts of the subject a choice sets.
    fn remembers(&mut self, def: &ChoiceDef) -> Vec<(Slot, Program)> {
        let mut remembers: Vec<(Slot, Program)> = Vec::new();
        if let Some((name, _)) = def.remember.get(REMEMBERS_MAX) {
            let message = format!("a choice remembers at most {REMEMBERS_MAX} facts");
            self.error("too-many", name.span, message);
        }
        for (name, text) in def.remember.iter().take(REMEMBERS_MAX) {
            let slot = self.schema.slot(&format!("subject.{}", name.value));
            let Some((slot, fact)) = slot.and_then(|slot| Some((slot, self.schema.at(slot)?))) else {
                let message = format!("this venue declares no fact `subject.{}`", name.value);
                let known = self.schema.facts().filter_map(|(_, fact)| fact.path.strip_prefix("subject."));
                let diagnostic =
                    Diagnostic::error("unknown-fact", name.span, message).suggesting(&name.value, known);
                self.push(diagnostic);
                continue;
            };
            let ty = fact.ty;
            if remembers.iter().any(|(other, _)| *other == slot) {
                let message = format!("this choice remembers `{}` twice", name.value);
                self.error("duplicate-name", name.span, message);
                continue;
            }
            remembers.extend(self.program(text, ty).map(|program| (slot, program)));
        }
        remembers
    }

    /// Staff of one of the venue's roles, and what they are told.
    pub(super) fn dispatch(&mut self, def: &DispatchDef) -> Option<Dispatch> {
        let role = &def.role;
        let roles = self.schema.domain_id("role");
        if roles.and_then(|roles| self.schema.symbol(roles, &role.value)).is_none() {
            let message = format!("this venue has no role `{}`", role.value);
            let known = roles.into_iter().flat_map(|roles| self.schema.members(roles));
            let diagnostic =
                Diagnostic::error("unknown-role", role.span, message).suggesting(&role.value, known);
            self.push(diagnostic);
        }
        let task = self.copies(&def.task)?;
        Some(Dispatch { role: role.value.clone(), task })
    }

    /// The bit of a choice that is taken only once, and what it is found again by: what it does, and how many of the
    /// page do the same before it. Its guard may be edited.
    pub(super) fn once(&mut self, def: &ChoiceDef, page: &Page) -> Option<Once> {
        if !def.once {
            return None;
        }
        let bit = self.once;
        if usize::from(bit) >= ONCE_MAX {
            let message = format!("a journey has at most {ONCE_MAX} choices that are taken only once");
            self.error("too-many", def.span, message);
            return None;
        }
        self.once += 1;
        let taken = |key: u64| page.compiled().any(|other| other.once.is_some_and(|once| once.key == key));
        let key = (0..).map(|nth| key(def, nth)).find(|key| !taken(*key))?;
        Some(Once { bit, key })
    }
}

/// What a choice does, in 64 bits that are the same on every machine.
fn key(def: &ChoiceDef, nth: u32) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, u64::from_le_bytes(*b"one time"));
    let mut word = |sort: u8, word: &str| {
        hasher.write(&[0xff, sort]);
        hasher.write(word.as_bytes());
    };
    let names = [&def.pick, &def.offer, &def.withdraw, &def.turn_to];
    for (sort, name) in (0..).zip(names) {
        word(sort, name.as_ref().map_or("", |name| name.value.as_str()));
    }
    if let Some(of) = &def.outcome {
        word(4, &of.value.offer);
        word(5, of.value.outcome.name());
    }
    def.dispatch.iter().for_each(|dispatch| word(6, &dispatch.role.value));
    def.ticket.iter().for_each(|copy| word(7, &copy.text.value));
    def.remember.iter().for_each(|(name, _)| word(8, &name.value));
    def.set.iter().for_each(|(name, _)| word(9, &name.value));
    def.alternatives.iter().for_each(|alternative| word(10, &alternative.offer.value));
    hasher.write(&nth.to_le_bytes());
    hasher.finish()
}
