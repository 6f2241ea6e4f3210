//! A frame to its payload bytes. Keys ascend as written here and integers take their shortest form, which is all
//! that deterministic encoding asks. Ranges were checked by the caller; the envelope is `sealed`'s.
//!
//! Next: `sealed` wraps the payload and signs it.

use minicbor::Encoder;
use minicbor::encode::write::EndOfSlice;

use crate::clue::{Birth, Health, Place, Sighting, Weather};
use crate::frame::{Frame, Header, VERSION};
use crate::{Error, decode::key};

type Sink<'e, 'b> = &'e mut Encoder<&'b mut [u8]>;
type Result = core::result::Result<(), minicbor::encode::Error<EndOfSlice>>;

/// Writes the payload map into the front of `buffer` and returns that part.
pub(crate) fn frame<'b>(frame: &Frame, buffer: &'b mut [u8]) -> core::result::Result<&'b [u8], Error> {
    let len = into(buffer, |e| {
        let Frame { header, sighting, place, weather, health, birth } = frame;
        let clues =
            [sighting.is_some(), place.is_some(), weather.is_some(), health.is_some(), birth.is_some()];
        e.map(key::HEADER_LEN + count(&clues))?;
        self::header(e, header)?;
        entry(e, key::SIGHTING, sighting.as_ref(), self::sighting)?;
        entry(e, key::PLACE, place.as_ref(), self::place)?;
        entry(e, key::WEATHER, weather.as_ref(), self::weather)?;
        entry(e, key::HEALTH, health.as_ref(), self::health)?;
        entry(e, key::BIRTH, birth.as_ref(), self::birth)
    })?;
    buffer.get(..len).ok_or(Error::Space)
}

/// Writes `content` as a byte string into the front of `buffer` and returns the bytes taken.
pub(crate) fn byte_string(content: &[u8], buffer: &mut [u8]) -> core::result::Result<usize, Error> {
    into(buffer, |e| e.bytes(content)?.ok())
}

/// Runs `write` over `buffer` and returns the bytes it took.
fn into(buffer: &mut [u8], write: impl FnOnce(Sink<'_, '_>) -> Result) -> core::result::Result<usize, Error> {
    let len = buffer.len();
    let mut encoder = Encoder::new(buffer);
    // The end of the slice is the only error a slice can give.
    write(&mut encoder).map_err(|_| Error::Space)?;
    Ok(len - encoder.into_writer().len())
}

fn count(present: &[bool]) -> u64 {
    present.iter().map(|&present| u64::from(present)).sum()
}

/// Writes an entry if there is a value for it.
fn entry<T>(
    e: Sink<'_, '_>,
    key: u8,
    value: Option<T>,
    write: impl FnOnce(Sink<'_, '_>, T) -> Result,
) -> Result {
    match value {
        Some(value) => write(e.u8(key)?, value),
        None => Ok(()),
    }
}

fn header(e: Sink<'_, '_>, header: &Header) -> Result {
    e.u8(key::VERSION)?.u8(VERSION)?;
    e.u8(key::NODE)?.u32(header.node.0)?;
    e.u8(key::BOOT)?.u32(header.boot)?;
    e.u8(key::SEQUENCE)?.u32(header.sequence)?;
    e.u8(key::AT)?.u64(header.at_ms)?;
    e.u8(key::QUALITY)?.u8(header.quality as u8)?.ok()
}

fn sighting(e: Sink<'_, '_>, sighting: &Sighting) -> Result {
    let Sighting { subject, role, presence, rssi_dbm } = sighting;
    e.map(2 + count(&[role.is_some(), rssi_dbm.is_some()]))?;
    e.u8(0)?.bytes(&subject.0)?;
    entry(e, 1, role.as_ref(), |e, role| e.str(role)?.ok())?;
    e.u8(2)?.u8(*presence as u8)?;
    entry(e, 3, *rssi_dbm, |e, rssi| e.i8(rssi)?.ok())
}

fn place(e: Sink<'_, '_>, place: &Place) -> Result {
    let Place { lon_e7, lat_e7, level, accuracy_dm } = place;
    e.map(2 + count(&[level.is_some(), accuracy_dm.is_some()]))?;
    e.u8(0)?.i32(*lon_e7)?;
    e.u8(1)?.i32(*lat_e7)?;
    entry(e, 2, *level, |e, level| e.i8(level)?.ok())?;
    entry(e, 3, *accuracy_dm, |e, accuracy| e.u16(accuracy)?.ok())
}

fn weather(e: Sink<'_, '_>, weather: &Weather) -> Result {
    let Weather { temperature_centi_c, rain_centi_mm_h, wind_cm_s, humidity_centi_pct, light_lx } = weather;
    e.map(count(&[
        temperature_centi_c.is_some(),
        rain_centi_mm_h.is_some(),
        wind_cm_s.is_some(),
        humidity_centi_pct.is_some(),
        light_lx.is_some(),
    ]))?;
    entry(e, 0, *temperature_centi_c, |e, temperature| e.i16(temperature)?.ok())?;
    entry(e, 1, *rain_centi_mm_h, |e, rain| e.u16(rain)?.ok())?;
    entry(e, 2, *wind_cm_s, |e, wind| e.u16(wind)?.ok())?;
    entry(e, 3, *humidity_centi_pct, |e, humidity| e.u16(humidity)?.ok())?;
    entry(e, 4, *light_lx, |e, light| e.u32(light)?.ok())
}

fn health(e: Sink<'_, '_>, health: &Health) -> Result {
    let Health { uptime_s, backlog, dropped, faults, supply_mv } = health;
    e.map(4 + count(&[supply_mv.is_some()]))?;
    e.u8(0)?.u32(*uptime_s)?;
    e.u8(1)?.u16(*backlog)?;
    e.u8(2)?.u32(*dropped)?;
    e.u8(3)?.u32(*faults)?;
    entry(e, 4, *supply_mv, |e, supply| e.u16(supply)?.ok())
}

fn birth(e: Sink<'_, '_>, birth: &Birth) -> Result {
    let Birth { online, firmware, senses, heartbeat_s } = birth;
    e.map(4)?;
    e.u8(0)?.bool(*online)?;
    e.u8(1)?.str(firmware)?;
    e.u8(2)?.u8(senses.0)?;
    e.u8(3)?.u32(*heartbeat_s)?.ok()
}
