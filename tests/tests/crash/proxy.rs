//! What stands between the gateway and a broker: it cuts what passes, in pieces and in the middle, is slow, or falls silent, and it
//! is a witness.
//!
//! A connection goes bad in a way that is drawn when it begins. However it goes, the witness has seen which messages the gateway
//! acknowledged; each of those has to be in the log. It changes no byte of what it passes on. Before: main.rs. Next: witness.rs.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::linger;
use crate::witness::{Direction, Witness};

/// Bytes from the broker after which a connection goes bad at the latest: some hundreds of messages.
const BAD_AFTER_MAX: u64 = 60_000;
/// Bytes passed on at once: nearly nothing, some, and as much as comes.
const PIECES: [usize; 3] = [3, 100, 16 * 1024];
/// How long each of them takes where the network is slow: a line that drips, a bad one, and one around half the world.
const WAITS: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(15), Duration::from_millis(300)];
/// Bytes that pass slowly until such a connection is cut.
const SLOW_BYTES: u64 = 3_000;

/// How a connection goes bad.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Both sides are told at once, in the middle of whatever was passing.
    Cut,
    /// The gateway is told; the broker believes that it is still there until it comes back.
    HalfOpen,
    /// What the gateway says next, acknowledgements most often, is lost with the connection.
    Deaf,
    /// Everything takes long, both ways, for a while; then both sides are told.
    Slow,
}

/// How a connection is treated.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    /// Bytes from the broker until then.
    after: u64,
    piece: usize,
    /// For each piece, once it is slow.
    wait: Duration,
}

/// The proxy.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    broker: u16,
    witness: Arc<Witness>,
    random: Mutex<ChaCha8Rng>,
    /// No connection goes bad any more.
    calm: AtomicBool,
    /// Connections of now, to be cut.
    open: Mutex<Vec<Arc<Pair>>>,
}

/// Both sockets of one connection.
struct Pair {
    gateway: TcpStream,
    broker: TcpStream,
    plan: Option<Plan>,
    /// Bytes that came from the broker.
    came: AtomicU64,
    /// Nothing passes any more, and nobody is told.
    silent: AtomicBool,
}

impl Proxy {
    pub(crate) fn start(broker: u16, seed: u64, witness: Arc<Witness>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let shared = Arc::new(Shared {
            broker,
            witness,
            random: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
            calm: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for gateway in listener.incoming().map_while(Result::ok) {
                // With no broker behind, the gateway is hung up on.
                if let Ok(broker) = TcpStream::connect(("127.0.0.1", accepting.broker)) {
                    accepting.serve(gateway, broker);
                }
            }
        });
        Self { port, shared }
    }

    /// Where the gateway finds the broker.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on connections stay good; those of now are cut, so that there are others.
    pub(crate) fn calm(&self) {
        self.shared.calm.store(true, Ordering::SeqCst);
        let open = std::mem::take(&mut *self.shared.open.lock().unwrap_or_else(PoisonError::into_inner));
        open.iter().for_each(|pair| pair.cut());
    }

    /// From now on nothing passes over the connections of now.
    pub(crate) fn fall_silent(&self) {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().for_each(|pair| pair.silent.store(true, Ordering::SeqCst));
    }
}

impl Shared {
    fn serve(self: &Arc<Self>, gateway: TcpStream, broker: TcpStream) {
        // Pieces are to travel as they are.
        let whole = gateway.set_nodelay(true).and_then(|()| broker.set_nodelay(true));
        whole.expect("a socket");
        let pair = Arc::new(Pair {
            gateway,
            broker,
            plan: self.plan(),
            came: AtomicU64::new(0),
            silent: AtomicBool::new(false),
        });
        let connection = self.witness.connected();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&pair));
        for direction in [Direction::ToGateway, Direction::ToBroker] {
            let (pair, witness) = (Arc::clone(&pair), Arc::clone(&self.witness));
            std::thread::spawn(move || {
                let _guard = witness.guard();
                pass(&pair, direction, |bytes| witness.saw(connection, direction, bytes));
            });
        }
    }

    fn plan(&self) -> Option<Plan> {
        if self.calm.load(Ordering::SeqCst) {
            return None;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = [Fault::Cut, Fault::HalfOpen, Fault::Deaf, Fault::Slow][random.random_range(0..4)];
        let pieces = random.random_range(0..PIECES.len());
        let (piece, wait) = (PIECES[pieces], WAITS[pieces]);
        Some(Plan { fault, after: random.random_range(0..BAD_AFTER_MAX), piece, wait })
    }
}

impl Pair {
    /// An end that is closed already is what is wanted.
    fn cut(&self) {
        let _ = self.gateway.shutdown(Shutdown::Both);
        let _ = self.broker.shutdown(Shutdown::Both);
    }

    /// Whether the connection has gone bad by the bytes that came.
    fn is_bad(&self) -> Option<Fault> {
        let came = self.came.load(Ordering::SeqCst);
        let plan = self.plan.filter(|plan| came >= plan.after)?;
        let is_over = plan.fault == Fault::Slow && came >= plan.after + SLOW_BYTES;
        Some(if is_over { Fault::Cut } else { plan.fault })
    }

    /// Takes as long as a piece takes at the moment.
    fn linger(&self) {
        if let (Some(Fault::Slow), Some(plan)) = (self.is_bad(), self.plan) {
            linger(plan.wait);
        }
    }

    fn is_silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }
}

/// Passes on what goes in one direction, until one of its ends is closed.
fn pass(pair: &Pair, direction: Direction, mut saw: impl FnMut(&[u8])) {
    let (mut from, mut to) = match direction {
        Direction::ToGateway => (&pair.broker, &pair.gateway),
        Direction::ToBroker => (&pair.gateway, &pair.broker),
    };
    let mut bytes = vec![0; PIECES[2]];
    let piece = pair.plan.map_or(PIECES[2], |plan| plan.piece);
    while let Ok(read @ 1..) = from.read(&mut bytes[..piece]) {
        if pair.is_silent() {
            continue;
        }
        saw(&bytes[..read]);
        pair.linger();
        let lost = matches!(pair.is_bad(), Some(Fault::Deaf | Fault::HalfOpen));
        if lost && direction == Direction::ToBroker {
            break;
        }
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
        if direction == Direction::ToGateway {
            pair.came.fetch_add(u64::try_from(read).expect("few"), Ordering::SeqCst);
            match pair.is_bad() {
                Some(Fault::HalfOpen) => {
                    let _ = pair.gateway.shutdown(Shutdown::Both);
                    // Until the broker learns that its client has come another way.
                    while let Ok(1..) = from.read(&mut bytes) {}
                    break;
                }
                Some(Fault::Cut) => break,
                Some(Fault::Deaf | Fault::Slow) | None => {}
            }
        }
    }
    // Whoever is not told learns it from the other side's next connection.
    let is_told = pair.is_bad() != Some(Fault::HalfOpen) || direction == Direction::ToGateway;
    if is_told && !pair.is_silent() {
        pair.cut();
    }
}
