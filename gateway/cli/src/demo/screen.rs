//! The demo on a terminal: the park clock, how far the day is, and offers as they happen; or plain lines.
//!
//! Draws what it is told and decides nothing. Talk goes to stderr; the summary, which is data, is printed elsewhere.

use std::collections::VecDeque;

use console::{Style, truncate_str};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use turnpage_gateway_core::{Live, Outgoing, Timestamp};
use turnpage_simulators_venue::live::Progress;

use super::clock::clock_face;

/// Offers that stay on the screen: as many as fit a small terminal beside the bar.
const OFFERS_SHOWN: usize = 12;

/// Redraws a second; more is not seen.
const FRAMES_A_SECOND: u8 = 12;

/// Park time between two lines when nothing is drawn.
const LINE_EVERY_MS: i64 = 30 * 60_000;

/// Where the demo shows itself.
pub(crate) struct Screen {
    zone: chrono_tz::Tz,
    kind: Kind,
}

enum Kind {
    Drawn(Drawn),
    Lines { next_at: Timestamp, latest: Option<String> },
}

struct Drawn {
    all: MultiProgress,
    bar: ProgressBar,
    facts: ProgressBar,
    rows: Vec<ProgressBar>,
    offers: VecDeque<String>,
}

impl Screen {
    /// A screen for a venue in `zone`; lines where nobody can see a drawing.
    pub(crate) fn new(headless: bool, zone: chrono_tz::Tz) -> Self {
        let kind = if headless || !console::user_attended_stderr() {
            Kind::Lines { next_at: Timestamp(i64::MIN), latest: None }
        } else {
            Kind::Drawn(Drawn::new())
        };
        Self { zone, kind }
    }

    /// Says where everything is, and how to look inside.
    pub(crate) fn opening(&self, lines: &[String]) {
        for line in lines {
            self.say(line);
        }
    }

    /// An offer was committed.
    pub(crate) fn offer(&mut self, offer: &Outgoing) {
        let time = clock_face(offer.made_at, self.zone);
        let plain = format!("{time}  {}  {:<10} {}", offer.subject, offer.offer, offer.text);
        match &mut self.kind {
            Kind::Lines { latest, .. } => *latest = Some(plain),
            Kind::Drawn(drawn) => drawn.offer(format!(
                "{}  {}  {} {}",
                Style::new().dim().apply_to(time),
                offer.subject,
                Style::new().cyan().apply_to(format!("{:<10}", offer.offer)),
                offer.text
            )),
        }
    }

    /// Time went on.
    pub(crate) fn progress(&mut self, progress: &Progress, live: &Live) {
        let facts = facts(progress, live);
        let clock = clock_face(progress.at, self.zone);
        match &mut self.kind {
            Kind::Drawn(drawn) => drawn.progress(progress, &clock, &facts),
            Kind::Lines { next_at, latest } => {
                if progress.at >= *next_at {
                    *next_at = Timestamp(progress.at.0 + LINE_EVERY_MS);
                    let latest = latest.take().map_or(String::new(), |offer| format!(" | {offer}"));
                    eprintln!("{clock}  {facts}{latest}");
                }
            }
        }
    }

    /// Leaves the terminal as a program that printed lines would have.
    pub(crate) fn close(&self) {
        if let Kind::Drawn(drawn) = &self.kind {
            drawn.bar.finish();
            drawn.facts.finish();
            for row in &drawn.rows {
                row.finish();
            }
        }
    }

    fn say(&self, line: &str) {
        match &self.kind {
            Kind::Lines { .. } => eprintln!("{line}"),
            // Only fails when stderr is gone, and then there is nobody to tell.
            Kind::Drawn(drawn) => drop(drawn.all.println(line)),
        }
    }
}

impl Drawn {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(FRAMES_A_SECOND));
        let bar = all.add(ProgressBar::new(1));
        bar.set_style(style("{prefix:.bold} [{wide_bar:.cyan/blue}] {percent:>3}%").progress_chars("=> "));
        let line = style("{wide_msg}");
        let facts = all.add(ProgressBar::new_spinner().with_style(line.clone()));
        let rows =
            (0..OFFERS_SHOWN).map(|_| all.add(ProgressBar::new_spinner().with_style(line.clone()))).collect();
        Self { all, bar, facts, rows, offers: VecDeque::with_capacity(OFFERS_SHOWN) }
    }

    fn offer(&mut self, offer: String) {
        if self.offers.len() == OFFERS_SHOWN {
            self.offers.pop_front();
        }
        self.offers.push_back(offer);
    }

    /// Offers are drawn here too: in a busy hour there are more of them than frames.
    fn progress(&mut self, progress: &Progress, clock: &str, facts: &str) {
        self.bar.set_length(millis(progress.closes.0 - progress.opens.0));
        self.bar.set_position(millis(progress.at.0 - progress.opens.0));
        self.bar.set_prefix(clock.to_owned());
        self.facts.set_message(facts.to_owned());
        let width = usize::from(console::Term::stderr().size().1).saturating_sub(1);
        for (row, offer) in self.rows.iter().zip(&self.offers) {
            row.set_message(truncate_str(offer, width, "…").into_owned());
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn millis(difference: i64) -> u64 {
    u64::try_from(difference).unwrap_or(0)
}

fn facts(progress: &Progress, live: &Live) -> String {
    let counters = &live.counters;
    let rain = live.zones.iter().filter_map(|zone| zone.weather.rain).fold(0.0, f64::max);
    let weather = if rain > 0.0 { format!("rain {rain:.1} mm/h") } else { "dry".to_owned() };
    format!(
        "{} visitors inside, {weather}, {} sightings, {} offers, {} outcomes",
        progress.present, counters.sightings, counters.offers, counters.outcomes
    )
}
