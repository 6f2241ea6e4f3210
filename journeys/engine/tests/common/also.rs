//! What else a choice may say, beside what most tests write.

use turnpage_journeys_engine::ChoiceDef;

pub(crate) trait Also: Sized {
    fn picked(self, pick: &str) -> Self;
    fn at(self, at_ms: u32) -> Self;
    fn once(self) -> Self;
    fn withdraws(self, offer: &str) -> Self;
    fn remembers(self, fact: &str, value: &str) -> Self;
}

impl Also for ChoiceDef {
    fn picked(mut self, pick: &str) -> Self {
        self.pick = Some(pick.into());
        self
    }

    fn at(mut self, at_ms: u32) -> Self {
        self.at_ms = Some(at_ms.into());
        self
    }

    fn once(mut self) -> Self {
        self.once = true;
        self
    }

    fn withdraws(mut self, offer: &str) -> Self {
        self.withdraw = Some(offer.into());
        self
    }

    fn remembers(mut self, fact: &str, value: &str) -> Self {
        self.remember.push((fact.into(), value.into()));
        self
    }
}
