//! Which of a node's frames are new: a sliding window over sequence numbers, one mark a node.
//!
//! In order, out of order within the window, and after a reboot; nothing twice. Next: back in admit.rs.

use super::Refusal;
use crate::batch::{Mark, Reason};

/// Sequence numbers the window reaches back: far more than a session has in flight.
const WINDOW: u32 = u128::BITS;

/// The node's mark after this frame, if the frame is new.
pub(super) fn admit(mark: Option<Mark>, boot: u32, sequence: u32) -> Result<Mark, Refusal> {
    let fresh = Mark { boot, highest: sequence, taken: 1, ..Mark::default() };
    let Some(mark) = mark else { return Ok(fresh) };
    if boot < mark.boot {
        return Err(Reason::OldBoot.into());
    }
    if boot > mark.boot {
        return Ok(fresh);
    }
    if let Some(ahead) = sequence.checked_sub(mark.highest).filter(|ahead| *ahead > 0) {
        // Shifting out the whole window is more than a shift can say.
        let taken = mark.taken.checked_shl(ahead).unwrap_or(0) | 1;
        return Ok(Mark { highest: sequence, taken, ..mark });
    }
    let behind = mark.highest - sequence;
    if behind >= WINDOW {
        return Err(Reason::BeforeWindow.into());
    }
    let bit = 1_u128 << behind;
    if mark.taken & bit != 0 {
        return Err(Refusal::Duplicate);
    }
    Ok(Mark { taken: mark.taken | bit, ..mark })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_edges_of_the_window() {
        let mark = admit(None, 3, 1_000).unwrap();
        assert_eq!(admit(Some(mark), 3, 1_000), Err(Refusal::Duplicate));
        assert_eq!(admit(Some(mark), 3, 872), Err(Reason::BeforeWindow.into()));
        assert_eq!(admit(Some(mark), 2, 1_001), Err(Reason::OldBoot.into()));
        let late = admit(Some(mark), 3, 873).unwrap();
        assert_eq!(admit(Some(late), 3, 873), Err(Refusal::Duplicate));
        let rebooted = admit(Some(mark), 4, 0).unwrap();
        assert_eq!((rebooted.boot, rebooted.highest), (4, 0));
        let leap = admit(Some(mark), 3, u32::MAX).unwrap();
        assert_eq!(leap.taken, 1);
        assert_eq!(admit(Some(leap), 3, 1_000), Err(Reason::BeforeWindow.into()));
    }

    proptest! {
        /// Against a set of everything ever seen: nothing is taken twice, and nothing within the window is refused once.
        #[test]
        fn nothing_twice_and_nothing_new_refused(frames in prop::collection::vec((0_u32..3, 0_u32..400), 0..300)) {
            let (mut mark, mut seen) = (None, BTreeSet::new());
            for (boot, sequence) in frames {
                let before = mark;
                match admit(mark, boot, sequence) {
                    Ok(next) => {
                        prop_assert!(seen.insert((boot, sequence)));
                        mark = Some(next);
                    }
                    Err(Refusal::Duplicate) => prop_assert!(seen.contains(&(boot, sequence))),
                    Err(Refusal::Dead(Reason::OldBoot)) => prop_assert!(boot < before.unwrap().boot),
                    Err(refusal) => {
                        prop_assert_eq!(refusal, Reason::BeforeWindow.into());
                        prop_assert!(before.unwrap().highest - sequence >= WINDOW);
                    }
                }
            }
        }
    }
}
