//! Real offers, read row by row: the campaign of reference.rs, and recommendations whose odds were written down. Against numbers from
//! another computation (plain sums in Python). Skipped with a message where the data is not there.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use csv::StringRecord;
use flate2::read::GzDecoder;
use turnpage_gateway_measure::{Interval, Mean, OffPolicy, Rate};

/// A table of the campaign data and where its columns stand.
struct Table {
    rows: Vec<StringRecord>,
    columns: StringRecord,
}

impl Table {
    fn read(name: &str) -> Option<Self> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/07-offers");
        let Ok(file) = File::open(data.join(name)) else {
            eprintln!("skipped: {name} is not beside this checkout");
            return None;
        };
        let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
        let columns = reader.headers().expect("a header").clone();
        Some(Self { rows: reader.records().map(|row| row.expect("a row")).collect(), columns })
    }

    fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|it| it == name).expect("a column of the data")
    }
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} and not {expected}");
}

#[test]
fn counting_customers_gives_the_campaigns_numbers() {
    let Some(table) = Table::read("hillstrom_email.csv.gz") else { return };
    let (segment, visit, spend) = (table.column("segment"), table.column("visit"), table.column("spend"));
    let (mut visits, mut spent) = (Rate::default(), Mean::default());
    for row in table.rows.iter().filter(|row| &row[segment] == "No E-Mail") {
        visits.count(&row[visit] == "1");
        spent.count(row[spend].parse().expect("an amount"));
    }
    assert_eq!((visits.hits, visits.of), (1_145, 10_586));
    near(spent.mean, 0.574_013_791_800_491_2);
    assert!((spent.variance().unwrap() - 101.885_852_957_391_25).abs() < 1e-6);
    near(spent.always().unwrap().high - spent.mean, 0.318_780_131_455_590_5);
}

#[test]
fn what_was_chosen_one_way_tells_what_another_would_have_brought() {
    let (Some(learned), Some(random)) =
        (Table::read("obd_bts_all.csv.gz"), Table::read("obd_random_all.csv.gz"))
    else {
        return;
    };
    let evaluate = |table: &Table, other: &dyn Fn(&StringRecord) -> f64| {
        let (chance, click) = (table.column("propensity_score"), table.column("click"));
        let mut found = OffPolicy::default();
        for row in &table.rows {
            found.count(row[chance].parse().expect("odds"), other(row), row[click].parse().expect("0 or 1"));
        }
        found
    };
    let reach = |interval: Interval| (interval.high - interval.low) / 2.0;
    // Choosing among 80 by lot, told from a chooser that learned, is held against what choosing by lot brought.
    let by_lot = evaluate(&learned, &|_| 1.0 / 80.0);
    near(by_lot.unbiased().mean, 0.002_359_639_516_846_003_7);
    near(reach(by_lot.unbiased().interval().unwrap()), 0.001_707_171_891_553_173_3);
    near(by_lot.normalized().unwrap(), 0.002_333_713_893_161_806);
    near(reach(by_lot.interval().unwrap()), 0.001_703_145_159_729_075);
    near(by_lot.effective(), 340.378_341_132_642_9);
    let truth = evaluate(&random, &|row| row[random.column("propensity_score")].parse().expect("odds"));
    near(truth.normalized().unwrap(), 0.003_8);
    assert!(by_lot.interval().unwrap().contains(0.003_8), "{:?}", by_lot.interval());

    // And the other way round: what the learned chooser took at each position, told from choices by lot.
    let (position, item) = (learned.column("position"), learned.column("item_id"));
    let mut shares: HashMap<(&str, &str), f64> = HashMap::new();
    let mut shown: HashMap<&str, f64> = HashMap::new();
    for row in &learned.rows {
        *shares.entry((&row[position], &row[item])).or_default() += 1.0;
        *shown.entry(&row[position]).or_default() += 1.0;
    }
    let (position, item) = (random.column("position"), random.column("item_id"));
    let as_learned = evaluate(&random, &|row| {
        shares.get(&(&row[position], &row[item])).map_or(0.0, |share| share / shown[&row[position]])
    });
    near(as_learned.unbiased().mean, 0.005_035_366_932_711_512);
    near(as_learned.normalized().unwrap(), 0.005_253_072_196_421_468);
    near(reach(as_learned.interval().unwrap()), 0.002_619_254_650_562_579);
    near(as_learned.effective(), 2_638.873_449_226_738);
    assert!(as_learned.interval().unwrap().contains(0.004_2), "what it did bring");
}
