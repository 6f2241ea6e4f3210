//! Real traces as sightings: who was where, when. What stands for a place is said at each.
//!
//! Museum badges are left out: they say who met whom, and nothing that could stand for a place. Trajectories of a
//! handful of trackers (GeoLife) are left out: too few moves to foretell.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value as Json;
use turnpage_journeys_nextplace::{At, Place};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting {
    pub(crate) subject: u32,
    pub(crate) place: Place,
    pub(crate) at: At,
}

/// How a trace is parted into what is learned from and what is foretold.
enum Part {
    /// Later sightings of the same subjects.
    Later,
    /// Subjects that came later.
    Others,
}

pub(crate) struct Trace {
    pub(crate) name: &'static str,
    part: Part,
    /// In order of time.
    sightings: Vec<Sighting>,
}

/// The share of a trace that is learned from.
const LEARNED: (usize, usize) = (3, 5);

impl Trace {
    fn new(name: &'static str, part: Part, mut sightings: Vec<Sighting>) -> Trace {
        sightings.sort_by_key(|s| (s.at.ms, s.subject));
        Trace { name, part, sightings }
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        self.sightings.iter().map(|s| s.place).collect::<BTreeSet<_>>().into_iter()
    }

    pub(crate) fn split(&self) -> (Vec<Sighting>, Vec<Sighting>) {
        let first = |count: usize| count * LEARNED.0 / LEARNED.1;
        match self.part {
            Part::Later => {
                let (train, test) = self.sightings.split_at(first(self.sightings.len()));
                (train.to_vec(), test.to_vec())
            }
            Part::Others => {
                let mut order = Vec::new();
                let mut met = BTreeSet::new();
                order.extend(self.sightings.iter().map(|s| s.subject).filter(|s| met.insert(*s)));
                let learned: BTreeSet<u32> = order[..first(order.len())].iter().copied().collect();
                self.sightings.iter().partition(|s| learned.contains(&s.subject))
            }
        }
    }
}

/// Each subject's sightings in order of time.
pub(crate) fn by_subject(sightings: &[Sighting]) -> Vec<Vec<Sighting>> {
    let mut subjects: BTreeMap<u32, Vec<Sighting>> = BTreeMap::new();
    for sighting in sightings {
        subjects.entry(sighting.subject).or_default().push(*sighting);
    }
    subjects.into_values().collect()
}

/// All traces, or nothing where they are not.
pub(crate) fn all() -> Option<Vec<Trace>> {
    let root = data()?;
    let csv = |path: &str| Table::read(&root.join(path));
    let blemat = text(&root.join("03-ble-sightings/blemat_1day.ndjson.gz"));
    Some(vec![
        forum(&csv("05-people-moving/edinburgh_forum_01Jul.csv.gz")),
        street("street (ETH), cells of 2 m", &csv("05-people-moving/eth_seq_eth.csv.gz")),
        street("street (UCY Zara 1), cells of 2 m", &csv("05-people-moving/ucy_zara01.csv.gz")),
        buses(&csv("05-people-moving/liverpool_bus14.csv.gz")),
        receivers(&blemat),
        library(&csv("03-ble-sightings/library_ibeacon.csv.gz")),
        bedsides(&csv("02-badge-contacts/hospital_roles.csv.gz")),
        classes(&csv("02-badge-contacts/school_classes.csv.gz")),
    ])
}

/// Relative to this package, where cargo runs its tests; one folder more in a second worktree.
fn data() -> Option<PathBuf> {
    ["../../../shared/data", "../../../../shared/data"]
        .map(PathBuf::from)
        .into_iter()
        .find(|dir| dir.exists())
}

fn text(path: &PathBuf) -> String {
    let mut text = String::new();
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    GzDecoder::new(file).read_to_string(&mut text).expect("the archive is text");
    text
}

struct Table {
    names: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    fn read(path: &PathBuf) -> Table {
        let text = text(path);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        Table { names, rows: reader.records().map(|row| row.expect("a row")).collect() }
    }

    fn column<'a>(&'a self, name: &str) -> impl Fn(usize) -> &'a str {
        let column = self.names.iter().position(|n| n == name).expect("a column");
        move |row| &self.rows[row][column]
    }

    fn numbers<'a>(&'a self, name: &'a str) -> impl Fn(usize) -> f64 + 'a {
        let column = self.column(name);
        move |row| column(row).parse().expect("a number")
    }
}

/// Numbers for words, in the order they come.
#[derive(Default)]
struct Words(BTreeMap<String, u32>);

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(word.to_owned()).or_insert(next)
    }
}

/// No hour is known: all is one.
fn noon(seconds: f64) -> At {
    At { ms: (seconds * 1_000.0) as i64, hour: 12 }
}

/// `.. HH:MM:SS` as an instant of its day; `day` is any number that grows.
fn clock(day: i64, time: &str) -> At {
    let mut parts = time[time.len() - 8..].split(':').map(|part| part.parse::<i64>().expect("a time"));
    let [h, m, s] = [(); 3].map(|()| parts.next().expect("a time"));
    At { ms: (day * 86_400 + h * 3_600 + m * 60 + s) * 1_000, hour: h as u8 }
}

fn cell(x: f64, y: f64, side: f64) -> Place {
    let [x, y] = [x, y].map(|v| (v / side).floor() as i32 + 500);
    Place((x * 1_000 + y) as u32)
}

/// Informatics Forum, Edinburgh: cells of 80 pixels (2 m), about 9 frames a second.
fn forum(table: &Table) -> Trace {
    let (track, frame) = (table.column("track"), table.numbers("frame"));
    let (x, y) = (table.numbers("x_px"), table.numbers("y_px"));
    let mut words = Words::default();
    let all = (0..table.rows.len()).map(|row| Sighting {
        subject: words.number(track(row)),
        place: cell(x(row), y(row), 80.0),
        at: noon(frame(row) / 9.0),
    });
    Trace::new("hall (Edinburgh Forum), cells of 2 m", Part::Others, all.collect())
}

fn street(name: &'static str, table: &Table) -> Trace {
    let (id, frame) = (table.numbers("id"), table.numbers("frame"));
    let (x, y) = (table.numbers("x_m"), table.numbers("y_m"));
    let all = (0..table.rows.len()).map(|row| Sighting {
        subject: id(row) as u32,
        place: cell(x(row), y(row), 2.0),
        at: noon(frame(row) / 15.0),
    });
    Trace::new(name, Part::Others, all.collect())
}

/// Bus line 14, Liverpool: trips, cells of about 400 m.
fn buses(table: &Table) -> Trace {
    let (trip, time) = (table.numbers("trip_id"), table.column("timestamp"));
    let (lat, lon) = (table.numbers("latitude"), table.numbers("longitude"));
    let all = (0..table.rows.len()).map(|row| Sighting {
        subject: trip(row) as u32,
        place: cell((lat(row) - 53.4) * 111_000.0, (lon(row) + 2.95) * 66_000.0, 400.0),
        at: clock(0, time(row)),
    });
    Trace::new("bus line 14 (Liverpool), cells of 400 m", Part::Others, all.collect())
}

/// BLEMAT, a residential complex: the access point that hears a beacon best, every ten minutes.
fn receivers(text: &str) -> Trace {
    let (mut beacons, mut points) = (Words::default(), Words::default());
    let all = text.lines().map(|line| {
        let record: Json = serde_json::from_str(line).expect("each line is JSON");
        let [heard, by] = ["rssi", "aps"].map(|key| record[key].as_array().expect("a list"));
        let best = heard.iter().zip(by).max_by_key(|(rssi, _)| rssi.as_i64());
        let (_, best) = best.expect("someone hears it");
        Sighting {
            subject: beacons.number(record["beacon"].as_str().expect("a name")),
            place: Place(points.number(best.as_str().expect("a name"))),
            at: clock(0, record["t"].as_str().expect("a time")),
        }
    });
    Trace::new("receivers (BLEMAT)", Part::Later, all.collect())
}

/// A library's floor walked with one phone; each day a subject of its own. Cells as labelled.
fn library(table: &Table) -> Trace {
    let (time, location) = (table.column("t"), table.column("location"));
    let (mut days, mut cells) = (Words::default(), Words::default());
    let all = (0..table.rows.len()).map(|row| {
        let (day, _) = time(row).split_once('T').expect("a date");
        let subject = days.number(day);
        let days_in_order: i64 = day.replace('-', "").parse().expect("a date");
        Sighting { subject, place: Place(cells.number(location(row))), at: clock(days_in_order, time(row)) }
    });
    Trace::new("library floor (iBeacon)", Part::Later, all.collect())
}

/// A geriatric ward, Lyon: a nurse or doctor beside a patient is at that bedside. Of several patients in one
/// window the one before stays.
fn bedsides(table: &Table) -> Trace {
    let (t, i, j) = (table.numbers("t"), table.numbers("i"), table.numbers("j"));
    let (role_i, role_j) = (table.column("role_i"), table.column("role_j"));
    let mut near: BTreeMap<(i64, u32), BTreeSet<u32>> = BTreeMap::new();
    for row in 0..table.rows.len() {
        let (i, j) = (i(row) as u32, j(row) as u32);
        for (one, role, other, of) in [(i, role_i(row), j, role_j(row)), (j, role_j(row), i, role_i(row))] {
            if ["NUR", "MED"].contains(&role) && of == "PAT" {
                near.entry((t(row) as i64, one)).or_default().insert(other);
            }
        }
    }
    let mut at_last: BTreeMap<u32, u32> = BTreeMap::new();
    let all = near.into_iter().map(|((t, subject), patients)| {
        let stays = at_last.get(&subject).copied().filter(|patient| patients.contains(patient));
        let patient = stays.or_else(|| patients.first().copied()).expect("one at least");
        at_last.insert(subject, patient);
        // The trace begins at an hour nobody knows: hours here are hours since then.
        let at = At { ms: t * 1_000, hour: (t / 3_600 % 24) as u8 };
        Sighting { subject, place: Place(patient), at }
    });
    Trace::new("bedsides (hospital badges)", Part::Later, all.collect())
}

/// A primary school, Lyon: a child is where most of those are whom it meets in two minutes: its own class, or
/// another.
fn classes(table: &Table) -> Trace {
    let (t, i, j) = (table.numbers("t"), table.numbers("i"), table.numbers("j"));
    let (class_i, class_j) = (table.column("class_i"), table.column("class_j"));
    let mut words = Words::default();
    let mut met: BTreeMap<(i64, u32), BTreeMap<u32, u32>> = BTreeMap::new();
    for row in 0..table.rows.len() {
        let window = t(row) as i64 / 120;
        for (one, class) in [(i(row), class_j(row)), (j(row), class_i(row))] {
            *met.entry((window, one as u32)).or_default().entry(words.number(class)).or_default() += 1;
        }
    }
    let all = met.into_iter().map(|((window, subject), classes)| {
        let most = classes.iter().max_by_key(|(class, count)| (**count, std::cmp::Reverse(**class)));
        let (class, _) = most.expect("one at least");
        let at = At { ms: window * 120_000, hour: (window / 30 % 24) as u8 };
        Sighting { subject, place: Place(*class), at }
    });
    Trace::new("company (school badges)", Part::Later, all.collect())
}
