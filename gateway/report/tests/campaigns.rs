//! Real campaigns, told as stories and reported, against another computation: counts and sums in plain Python, Wilson's interval from
//! statsmodels 0.15.0, lift from scipy 1.17.1. Skipped with a message where the data is not there.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use turnpage_gateway_report::{By, Estimate, Group, Report, Story, Tally};

type Record = Vec<String>;

/// The columns asked for, of every row of a table.
fn read<const N: usize>(name: &str, columns: [&str; N]) -> Option<Vec<[String; N]>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/07-offers");
    let Ok(file) = File::open(data.join(name)) else {
        eprintln!("skipped: {name} is not beside this checkout");
        return None;
    };
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let header = reader.headers().expect("a header").clone();
    let places =
        columns.map(|name| header.iter().position(|column| column == name).expect("a column of the data"));
    let rows = reader.deserialize::<Record>();
    Some(rows.map(|row| row.map(|row| places.map(|place| row[place].clone())).expect("a row")).collect())
}

fn near(estimate: Option<Estimate>, hits: u64, of: u64, low: f64, high: f64) {
    let estimate = estimate.expect("something was counted");
    assert_eq!((estimate.hits, estimate.of), (hits, of));
    assert!((estimate.low - low).abs() < 1e-12 && (estimate.high - high).abs() < 1e-12, "{estimate:?}");
}

fn report(tally: &Tally, by: &[By]) -> Report {
    Report::new(tally, None, by, &[], None).expect("one thing of the setting")
}

#[test]
fn a_randomised_mailing() {
    let Some(rows) = read("hillstrom_email.csv.gz", ["segment", "visit", "spend"]) else { return };
    let mut tally = Tally::default();
    for (number, [segment, visit, spend]) in rows.iter().enumerate() {
        let story = |journey: &str, group| Story {
            id: format!("{journey}-{number}"),
            subject: number.to_string(),
            journey: journey.to_owned(),
            offer: "letter".to_owned(),
            group,
            accepted: (visit == "1").then_some(0),
            value: Some(spend.parse().expect("an amount")),
            ..Story::default()
        };
        match segment.as_str() {
            "Mens E-Mail" => tally.add(&story("mens", Group::Made)),
            "Womens E-Mail" => tally.add(&story("womens", Group::Made)),
            // Who got no letter is what both letters are held against.
            _ => ["mens", "womens"].iter().for_each(|journey| tally.add(&story(journey, Group::HeldOut))),
        }
    }
    tally.close();
    let report = report(&tally, &[By::Journey]);
    let [mens, womens] = report.rows.as_slice() else { panic!("{:?}", report.rows) };
    near(mens.conversion, 1_974, 10_778, 0.175_961_969_591_394_26, 0.190_565_536_300_251_64);
    for (row, total, mean, low, high) in [
        (mens, 11_212.71, 1.040_333_085_915_753_6, 0.778_502_768_174_355_4, 1.302_163_403_657_151_9),
        (womens, 12_359.06, 1.162_002_632_568_634_6, 0.861_576_078_951_067_1, 1.462_429_186_186_202),
    ] {
        let worth = row.worth.expect("people spent");
        assert!((worth.total - total).abs() < 1e-6 && (worth.mean - mean).abs() < 1e-9, "{worth:?}");
        let (its_low, its_high) = worth.interval.expect("thousands of letters");
        assert!((its_low - low).abs() < 1e-9 && (its_high - high).abs() < 1e-9, "{worth:?}");
    }
    let [mens, womens] = report.lifts.as_slice() else { panic!("{:?}", report.lifts) };
    assert_eq!((mens.held_out.hits, mens.held_out.of), (1_145, 10_586));
    assert!((mens.low - 0.050_830_757_453_169_08).abs() < 1e-9, "{mens:?}");
    assert!((mens.high - 0.099_250_313_652_311_4).abs() < 1e-9, "{mens:?}");
    assert!((womens.low - 0.021_558_301_339_405_887).abs() < 1e-9, "{womens:?}");
    assert!(mens.settled && womens.settled, "both letters bring visits");
}

#[test]
fn coupons_of_a_grocer() {
    let (Some(campaigns), Some(sent), Some(redeemed)) = (
        read("cj_campaigns.csv.gz", ["campaign_id", "campaign_type"]),
        read("cj_campaign_households.csv.gz", ["campaign_id", "household_id"]),
        read("cj_coupon_redemptions.csv.gz", ["campaign_id", "household_id"]),
    ) else {
        return;
    };
    let redeemed: HashSet<_> = redeemed.into_iter().collect();
    let mut tally = Tally::default();
    for row in &sent {
        let campaign = campaigns.iter().find(|[id, _]| *id == row[0]).expect("a campaign");
        tally.add(&Story {
            id: row.join("-"),
            subject: row[1].clone(),
            journey: campaign[1].clone(),
            offer: format!("campaign-{}", campaign[0]),
            accepted: redeemed.contains(row).then_some(0),
            ..Story::default()
        });
    }
    let report = report(&tally, &[By::Journey]);
    let [a, b, c] = report.rows.as_slice() else { panic!("{:?}", report.rows) };
    near(a.conversion, 309, 1_882, 0.148_137_744_732_277_25, 0.181_604_427_342_760_78);
    near(b.conversion, 80, 1_221, 0.052_958_530_325_009_114, 0.080_806_911_431_383_15);
    near(c.conversion, 23, 294, 0.052_692_789_228_247_744, 0.114_649_457_274_444_75);
    near(report.total.conversion, 412, 3_397, 0.110_731_075_946_255_67, 0.132_691_461_929_933_28);
    assert!(report.lifts.is_empty(), "nobody was held out");
}

#[test]
fn clicks_on_recommendations() {
    let mut tally = Tally::default();
    for name in ["obd_random_all.csv.gz", "obd_bts_all.csv.gz"] {
        let Some(rows) = read(name, ["timestamp", "position", "click"]) else { return };
        for (number, [time, position, click]) in rows.iter().enumerate() {
            tally.add(&Story {
                id: number.to_string(),
                day: Some(time[..10].parse().expect("a day")),
                hour: time[11..13].parse().ok(),
                journey: name.to_owned(),
                offer: "item".to_owned(),
                channel: position.clone(),
                clicked: (click == "1").then_some(0),
                ..Story::default()
            });
        }
    }
    let report = report(&tally, &[By::Journey, By::Channel]);
    let found: Vec<_> = report.rows.iter().map(|row| row.click_through).collect();
    let [b1, b2, b3, r1, r2, r3] = found.as_slice() else { panic!("{found:?}") };
    near(*b1, 11, 3_362, 0.001_827_965_802_239_157_5, 0.005_849_596_892_513_65);
    near(*b2, 15, 3_317, 0.002_742_451_586_975_451_2, 0.007_448_176_071_808_355);
    near(*b3, 16, 3_321, 0.002_967_774_848_636_008, 0.007_812_125_265_280_079);
    near(*r1, 13, 3_322, 0.002_288_431_168_226_879_5, 0.006_684_172_965_247_233);
    near(*r2, 14, 3_412, 0.002_445_788_422_082_112_7, 0.006_875_914_357_322_427);
    near(*r3, 11, 3_266, 0.001_881_725_272_914_184_6, 0.006_021_244_686_373_732);
    let days = report.period.expect("a week");
    assert_eq!((days.from.to_string(), days.to.to_string()), ("2019-11-24".into(), "2019-11-30".into()));
}
