//! The sample day is an exact copy of its sources: both tables are made again from them, byte for byte.
//!
//! Skipped with a message where the sources are not at hand; what follows from the copy alone is tested beside `day`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// The park day in `waits_2018.csv.gz`.
const PARK_DATE: &str = "2018-07-14";

/// The station, month and day in `nyc2013_hourly.csv.gz`.
const WEATHER_DAY: (&str, &str, &str) = ("JFK", "7", "1");

const METRES_A_MILE: f64 = 1_609.344;
const MM_AN_INCH: f64 = 25.4;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a source, or `None` with a message where there is none.
fn source(file: &str) -> Option<csv::Reader<GzDecoder<File>>> {
    let path: PathBuf = here().join("../../../shared/data").join(file);
    match File::open(&path) {
        Ok(file) => Some(csv::Reader::from_reader(GzDecoder::new(file))),
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            None
        }
    }
}

/// Columns of a row by name.
fn columns<const N: usize>(reader: &mut csv::Reader<GzDecoder<File>>, names: [&str; N]) -> [usize; N] {
    let headers = reader.headers().expect("a header").clone();
    names.map(|name| headers.iter().position(|header| header == name).expect(name))
}

fn shipped(file: &str) -> String {
    std::fs::read_to_string(here().join("park/day").join(file)).expect("the day ships")
}

#[test]
fn the_waits_are_those_of_the_source() {
    let Some(mut reader) = source("01-themepark-waits/waits_2018.csv.gz") else { return };
    let [time, date, attraction, kind, minutes] =
        columns(&mut reader, ["t", "park_date", "attraction", "kind", "minutes"]);
    let mut rows = BTreeSet::new();
    for row in reader.records() {
        let row = row.expect("a row");
        if &row[date] == PARK_DATE && &row[kind] == "posted" {
            rows.insert((row[time].to_owned(), row[attraction].to_owned(), row[minutes].to_owned()));
        }
    }
    let mut made = "time,attraction,minutes\n".to_owned();
    for (time, attraction, minutes) in rows {
        writeln!(made, "{time},{attraction},{minutes}").expect("a string takes it");
    }
    assert!(made == shipped("waits.csv"), "park/day/waits.csv is not what its source says");
}

#[test]
fn the_weather_is_that_of_the_source_in_si_units() {
    let Some(mut reader) = source("06-weather/nyc2013_hourly.csv.gz") else { return };
    let names = ["origin", "month", "day", "hour", "temp", "humid", "wind_speed", "precip"];
    let [origin, month, day, hour, temp, humid, wind, precip] = columns(&mut reader, names);
    let mut made =
        "hour,temperature_celsius,humidity_percent,wind_metre_per_second,rain_mm_per_hour\n".to_owned();
    for row in reader.records() {
        let row = row.expect("a row");
        if (&row[origin], &row[month], &row[day]) != WEATHER_DAY {
            continue;
        }
        let number = |column: usize| -> f64 { row[column].parse().expect("a number") };
        let celsius = (number(temp) - 32.0) / 1.8;
        let metre_per_second = number(wind) * METRES_A_MILE / 3_600.0;
        writeln!(
            made,
            "{},{celsius:.1},{:.1},{metre_per_second:.1},{:.2}",
            &row[hour],
            number(humid),
            number(precip) * MM_AN_INCH
        )
        .expect("a string takes it");
    }
    assert_eq!(made, shipped("weather.csv"));
}
