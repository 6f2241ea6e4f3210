//! The whole node (scanner, weather station, presence, backlog, session, shell) linked as a board would, on a host and with parts
//! that never answer.
//!
//! The build is the proof: a dependency that pulls in std brings a second panic handler, one that pulls in alloc asks for
//! an allocator that is not here. It is not meant to be run; a real board has a real bus, stream and timer.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::panic::PanicInfo;
use core::task::Waker;

use embedded_hal::i2c::{self, I2c, Operation};
use turnpage_firmware_node::drivers::ble_scan::BleScanner;
use turnpage_firmware_node::drivers::gauge::{Anemometer, RainGauge};
use turnpage_firmware_node::drivers::station::Station;
use turnpage_firmware_node::drivers::{light, thermo_hygro};
use turnpage_firmware_node::session::{Options, RX_LEN_MIN, Session, TX_LEN_NODE};
use turnpage_firmware_node::shell::{self, Clock, Network};
use turnpage_firmware_node::{Config, DailyKey, Node, Now, PulseCounter};
use turnpage_firmware_wire::{Key, Name, NodeId};

/// Every part of the board at once: all of them are dead.
struct Dead;

impl embedded_io::ErrorType for Dead {
    type Error = Infallible;
}

impl embedded_io::Read for Dead {
    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl embedded_io::ReadReady for Dead {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl embedded_io_async::Read for Dead {
    async fn read(&mut self, _buffer: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl embedded_io_async::Write for Dead {
    async fn write(&mut self, buffer: &[u8]) -> Result<usize, Infallible> {
        Ok(buffer.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl i2c::ErrorType for Dead {
    type Error = i2c::ErrorKind;
}

impl I2c for Dead {
    fn transaction(&mut self, _address: u8, _operations: &mut [Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        Err(i2c::ErrorKind::NoAcknowledge(i2c::NoAcknowledgeSource::Address))
    }
}

impl PulseCounter for Dead {
    fn count(&mut self) -> u32 {
        0
    }
}

impl Clock for Dead {
    fn now(&self) -> Now {
        Now::unknown(0)
    }

    async fn until(&self, _uptime_ms: u64) {
        core::future::pending().await
    }
}

impl Network for Dead {
    type Stream = Self;

    async fn open(&mut self) -> Option<Self> {
        Some(Self)
    }
}

/// The timer minimq keeps its pings by.
impl embassy_time_driver::Driver for Dead {
    fn now(&self) -> u64 {
        0
    }

    fn schedule_wake(&self, _at: u64, _waker: &Waker) {}
}

embassy_time_driver::time_driver_impl!(static TIMER: Dead = Dead);

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    match board() {
        Some(never) => match never {},
        None => halt(),
    }
}

/// `None` if a name in here is not one.
fn board() -> Option<Infallible> {
    let (name, venue) = (Name::new("gate-1")?, Name::new("park")?);
    let config = Config::new(NodeId(1), name, venue, Key::new(&[0; Key::LEN]), DailyKey::new([0; 32]));
    let station = Station::new(Dead)
        .with_air(thermo_hygro::ADDRESS)
        .with_light(light::ADDRESS)
        .with_rain(RainGauge::new(Dead, 200))
        .with_wind(Anemometer::new(Dead, 666_667));
    let mut node: Node<_, _> = Node::new(config, 1, BleScanner::new(Dead), station);
    let will = node.will(Dead.now());
    let (mut rx, mut tx) = ([0; RX_LEN_MIN], [0; TX_LEN_NODE]);
    let options = Options { client_id: "gate-1", will: Some(will.parts()), ..Options::default() };
    let mut session = Session::new(options, &mut rx, &mut tx).ok()?;
    embassy_futures::block_on(shell::run(&mut node, &mut session, &mut Dead, &Dead))
}

fn halt() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// The core library as shipped was built to unwind and names this; with `panic = "abort"` nothing ever calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    halt()
}
