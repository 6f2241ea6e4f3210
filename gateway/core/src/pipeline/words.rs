//! What is said about subjects and by them: profiles and scores. Picks are in picks.rs.
//!
//! Names are resolved against the venue before anything changes; the latest word counts, in whatever order words arrive.
//! Before: pipeline.rs, which has fired what was due. Next: the step in pipeline.rs.

use turnpage_journeys_engine::Triggers;
use turnpage_journeys_expr::Value;

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::Reason;
use crate::event::{Profile, Said};
use crate::id::SubjectName;
use crate::subject::Known;

/// A profile in the venue's own numbers.
struct Understood {
    role: Option<usize>,
    party: Said<SubjectName>,
    language: Said<String>,
    channel: Said<usize>,
    facts: Vec<(usize, Option<Value>)>,
}

impl Pipeline {
    /// What somebody says about a subject. `late` words correct the record; journeys do not hear of them.
    pub(super) fn profile(
        &mut self,
        at: Timestamp,
        name: &SubjectName,
        profile: &Profile,
        late: bool,
    ) -> Admission {
        let said = match self.understand(name, profile) {
            Ok(said) => said,
            Err(reason) => return Admission::Dead(reason),
        };
        let role = said.role;
        let Some(ix) = self.enroll(name, role) else { return Admission::Dead(Reason::Full) };
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        let before = subject.about_mut().clone();
        let role = role.filter(|role| *role != subject.role && at >= before.said_at);
        take(subject.about_mut(), at, said);
        if role.is_none() && *subject.about_mut() == before {
            return Admission::Duplicate;
        }
        let party = subject.party().cloned();
        let ix = self.recast(ix, role);
        self.touch(ix);
        if let Some(left) = before.party.filter(|left| party.as_ref() != Some(left)) {
            self.part(&left, name);
        }
        self.keep_company(ix);
        if late {
            self.counters.late += 1;
        } else {
            self.step_event(ix, Triggers::NONE);
        }
        Admission::Admitted
    }

    /// A subject's score.
    pub(super) fn feedback(
        &mut self,
        at: Timestamp,
        name: &SubjectName,
        score: i64,
        late: bool,
    ) -> Admission {
        if name.kind().is_some() {
            return Admission::Dead(Reason::Unknown);
        }
        let Some(ix) = self.enroll(name, None) else { return Admission::Dead(Reason::Full) };
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        let said = Known { value: score, at };
        let before = subject.about.as_ref().and_then(|about| about.feedback);
        if before == Some(said) {
            return Admission::Duplicate;
        }
        let news = before.is_none_or(|before| before.at <= at);
        if news {
            subject.about_mut().feedback = Some(said);
            self.touch(ix);
        }
        if late || !news {
            self.counters.late += 1;
        } else {
            self.step_event(ix, Triggers::FEEDBACK);
        }
        Admission::Admitted
    }

    /// Resolves every name; the first that the venue does not have is the reason to refuse.
    fn understand(&self, name: &SubjectName, profile: &Profile) -> Result<Understood, Reason> {
        let venue = &self.venue;
        // What nobody sees walk is known by other means.
        if name.kind().is_some() {
            return Err(Reason::Unknown);
        }
        let role = match &profile.role {
            Some(role) => Some(venue.find_role(role).ok_or(Reason::Unknown)?),
            None => None,
        };
        let party = |party: SubjectName| SubjectName::of_party(party.as_str()).ok_or(Reason::Malformed);
        let party = profile.party.clone().try_map(party)?;
        let channel = |channel: String| venue.find_channel(&channel).ok_or(Reason::Unknown);
        let channel = profile.channel.clone().try_map(channel)?;
        let mut facts = Vec::with_capacity(profile.facts.len());
        for (name, value) in &profile.facts {
            let fact = venue.find_fact(name).ok_or(Reason::Unknown)?;
            let declared = venue.facts.get(fact).ok_or(Reason::Unknown)?;
            let value = match value {
                Some(value) => Some(declared.of.value(value, venue).ok_or(Reason::Malformed)?),
                None => None,
            };
            facts.push((fact, value));
        }
        Ok(Understood { role, party, language: profile.language.clone(), channel, facts })
    }
}

/// Takes what is newer than what is known. Facts have a time each; the rest of a profile has one.
fn take(about: &mut crate::subject::About, at: Timestamp, said: Understood) {
    for (fact, value) in said.facts {
        if about.facts.get(&fact).is_some_and(|known| known.at > at) {
            continue;
        }
        match value {
            Some(value) => drop(about.facts.insert(fact, Known { value, at })),
            None => drop(about.facts.remove(&fact)),
        }
    }
    if at < about.said_at {
        return;
    }
    about.said_at = at;
    set(&mut about.party, said.party);
    set(&mut about.language, said.language);
    match said.channel {
        Said::Is(value) => about.channel = Some(Known { value, at }),
        Said::Unknown => about.channel = None,
        Said::Nothing => {}
    }
}

fn set<T>(known: &mut Option<T>, said: Said<T>) {
    match said {
        Said::Is(value) => *known = Some(value),
        Said::Unknown => *known = None,
        Said::Nothing => {}
    }
}
