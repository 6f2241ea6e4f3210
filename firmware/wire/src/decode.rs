//! Payload bytes to a frame. The bytes have passed `canonical`, so lengths are definite, keys ascend
//! and nothing is there twice; what is left is types, ranges, and what must be present.
//!
//! Keys above the known ones are skipped (rule 2 of the version policy).
//!
//! Next: `gateway/core` admits the frame.

use minicbor::Decoder;

use crate::clue::{Birth, Health, Place, Presence, Quality, Senses, Sighting, Weather};
use crate::frame::{Frame, Header, VERSION};
use crate::{Error, NodeId, Pseudonym, Text};

/// The keys of the payload map, as `frame.cddl` lists them.
pub(crate) mod key {
    /// How many of the keys are the header's.
    pub(crate) const HEADER_LEN: u64 = 6;
    pub(crate) const VERSION: u8 = 0;
    pub(crate) const NODE: u8 = 1;
    pub(crate) const BOOT: u8 = 2;
    pub(crate) const SEQUENCE: u8 = 3;
    pub(crate) const AT: u8 = 4;
    pub(crate) const QUALITY: u8 = 5;
    pub(crate) const SIGHTING: u8 = 6;
    pub(crate) const PLACE: u8 = 7;
    pub(crate) const WEATHER: u8 = 8;
    pub(crate) const HEALTH: u8 = 9;
    pub(crate) const BIRTH: u8 = 10;
}

type Source<'e, 'b> = &'e mut Decoder<'b>;

/// The header alone; what else the frame holds is not looked at.
pub(crate) fn header(payload: &[u8]) -> Result<Header, Error> {
    let mut d = Decoder::new(payload);
    d.map().map_err(|_| Error::Malformed)?;
    // Keys ascend and all six are required, so the header is the first six entries or it is not there. Nothing stands
    // behind the map, so reading past its end fails.
    let mut field = |key: u8, name: &'static str| match d.u8() {
        Ok(found) if found == key => d.u64().map_err(|_| Error::Field(name)),
        _ => Err(Error::Missing(name)),
    };
    let version = field(key::VERSION, "version")?;
    if version != u64::from(VERSION) {
        return Err(Error::Version(version));
    }
    let narrow = |value: u64, name| u32::try_from(value).map_err(|_| Error::Field(name));
    Ok(Header {
        node: NodeId(narrow(field(key::NODE, "node")?, "node")?),
        boot: narrow(field(key::BOOT, "boot")?, "boot")?,
        sequence: narrow(field(key::SEQUENCE, "sequence")?, "sequence")?,
        at_ms: field(key::AT, "at")?,
        quality: match field(key::QUALITY, "quality")? {
            0 => Quality::Synced,
            1 => Quality::Estimated,
            2 => Quality::Unknown,
            _ => return Err(Error::Field("quality")),
        },
    })
}

/// The clues behind a header that [`header`] has read from the same payload.
pub(crate) fn frame(header: Header, payload: &[u8]) -> Result<Frame, Error> {
    let mut frame = Frame::new(header);
    entries(&mut Decoder::new(payload), "frame", |key, d| {
        match key {
            key::SIGHTING => frame.sighting = Some(sighting(d)?),
            key::PLACE => frame.place = Some(place(d)?),
            key::WEATHER => frame.weather = Some(weather(d)?),
            key::HEALTH => frame.health = Some(health(d)?),
            key::BIRTH => frame.birth = Some(birth(d)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    frame.check()?;
    Ok(frame)
}

/// Gives every entry of a map to `read`, which says whether it knew the key; skips those it did not.
fn entries<'b>(
    d: Source<'_, 'b>,
    name: &'static str,
    mut read: impl FnMut(u8, Source<'_, 'b>) -> Result<bool, Error>,
) -> Result<(), Error> {
    for _ in 0..d.map().map_err(|_| Error::Field(name))?.unwrap_or(0) {
        let key = d.u64().map_err(|_| Error::Malformed)?;
        // A key above 255 is above every known one.
        let known = u8::try_from(key).map_or(Ok(false), |key| read(key, d))?;
        if !known {
            d.skip().map_err(|_| Error::Malformed)?;
        }
    }
    Ok(())
}

/// Reads one value; whatever is wrong with it is wrong with the field.
fn field<'b, T>(
    d: Source<'_, 'b>,
    name: &'static str,
    read: impl FnOnce(Source<'_, 'b>) -> Result<T, minicbor::decode::Error>,
) -> Result<Option<T>, Error> {
    read(d).map(Some).map_err(|_| Error::Field(name))
}

fn text<const N: usize>(d: Source<'_, '_>, name: &'static str) -> Result<Option<Text<N>>, Error> {
    let text = d.str().map_err(|_| Error::Field(name))?;
    Text::new(text).map(Some).ok_or(Error::Field(name))
}

fn sighting(d: Source<'_, '_>) -> Result<Sighting, Error> {
    let (mut subject, mut role, mut presence, mut rssi_dbm) = (None, None, None, None);
    entries(d, "sighting", |key, d| {
        match key {
            0 => {
                let bytes = d.bytes().ok().and_then(|bytes| bytes.try_into().ok());
                subject = Some(Pseudonym(bytes.ok_or(Error::Field("subject"))?));
            }
            1 => role = text(d, "role")?,
            2 => {
                presence = Some(match d.u8() {
                    Ok(0) => Presence::Enter,
                    Ok(1) => Presence::Stay,
                    Ok(2) => Presence::Leave,
                    _ => return Err(Error::Field("presence")),
                });
            }
            3 => rssi_dbm = field(d, "rssi", |d| d.i8())?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Sighting {
        subject: subject.ok_or(Error::Missing("subject"))?,
        role,
        presence: presence.ok_or(Error::Missing("presence"))?,
        rssi_dbm,
    })
}

fn place(d: Source<'_, '_>) -> Result<Place, Error> {
    let (mut lon, mut lat, mut level, mut accuracy_dm) = (None, None, None, None);
    entries(d, "place", |key, d| {
        match key {
            0 => lon = field(d, "lon", |d| d.i32())?,
            1 => lat = field(d, "lat", |d| d.i32())?,
            2 => level = field(d, "level", |d| d.i8())?,
            3 => accuracy_dm = field(d, "accuracy", |d| d.u16())?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Place {
        lon_e7: lon.ok_or(Error::Missing("lon"))?,
        lat_e7: lat.ok_or(Error::Missing("lat"))?,
        level,
        accuracy_dm,
    })
}

fn weather(d: Source<'_, '_>) -> Result<Weather, Error> {
    let mut weather = Weather::default();
    entries(d, "weather", |key, d| {
        match key {
            0 => weather.temperature_centi_c = field(d, "temperature", |d| d.i16())?,
            1 => weather.rain_centi_mm_h = field(d, "rain", |d| d.u16())?,
            2 => weather.wind_cm_s = field(d, "wind", |d| d.u16())?,
            3 => weather.humidity_centi_pct = field(d, "humidity", |d| d.u16())?,
            4 => weather.light_lx = field(d, "light", |d| d.u32())?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(weather)
}

fn health(d: Source<'_, '_>) -> Result<Health, Error> {
    let (mut uptime, mut backlog, mut dropped, mut faults, mut supply_mv) = (None, None, None, None, None);
    entries(d, "health", |key, d| {
        match key {
            0 => uptime = field(d, "uptime", |d| d.u32())?,
            1 => backlog = field(d, "backlog", |d| d.u16())?,
            2 => dropped = field(d, "dropped", |d| d.u32())?,
            3 => faults = field(d, "faults", |d| d.u32())?,
            4 => supply_mv = field(d, "supply", |d| d.u16())?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Health {
        uptime_s: uptime.ok_or(Error::Missing("uptime"))?,
        backlog: backlog.ok_or(Error::Missing("backlog"))?,
        dropped: dropped.ok_or(Error::Missing("dropped"))?,
        faults: faults.ok_or(Error::Missing("faults"))?,
        supply_mv,
    })
}

fn birth(d: Source<'_, '_>) -> Result<Birth, Error> {
    let (mut online, mut firmware, mut senses, mut heartbeat_s) = (None, None, None, None);
    entries(d, "birth", |key, d| {
        match key {
            0 => online = field(d, "online", |d| d.bool())?,
            1 => firmware = text(d, "firmware")?,
            2 => senses = field(d, "senses", |d| d.u8())?.map(Senses),
            3 => heartbeat_s = field(d, "heartbeat", |d| d.u32())?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Birth {
        online: online.ok_or(Error::Missing("online"))?,
        firmware: firmware.ok_or(Error::Missing("firmware"))?,
        senses: senses.ok_or(Error::Missing("senses"))?,
        heartbeat_s: heartbeat_s.ok_or(Error::Missing("heartbeat"))?,
    })
}
