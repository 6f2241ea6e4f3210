//! What a config may say, and how it is told what it may not.

use std::fs;

use expect_test::{Expect, expect};
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{NodeId, Role, Venue};
use turnpage_journeys_engine::Library;

use super::*;
use crate::Storage;

const VENUE: &str = "
venue: park
time_zone: Europe/Berlin
kinds: [gate]
roles: [guest, vip]
zones: [{ id: gate, kind: gate }]
nodes: [{ id: 3, name: gate-1, zone: gate, senses: [badge] }]
";

fn venue() -> Venue {
    Venue::read(&[SourceFile { name: "venue.yaml", text: VENUE }]).unwrap()
}

/// Each problem with the text it points at.
fn told(text: &str, problems: &[Diagnostic]) -> String {
    let line = |problem: &Diagnostic| {
        let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        let at = problem.span.slice(text).unwrap_or_default();
        format!("{} at `{at}`: {}{help}\n", problem.code, problem.message)
    };
    problems.iter().map(line).collect()
}

fn check(text: &str, expected: &Expect) {
    let problems = Config::read(text).and_then(|config| {
        let base = std::path::Path::new("/nonexistent");
        config.setup(base, venue(), Library::default()).map(|_| Vec::new())
    });
    expected.assert_eq(&told(text, &problems.unwrap_or_else(|problems| problems)));
}

#[test]
fn the_least_config_is_a_loopback_gateway() {
    let config = Config::read("{ venue: park, data: memory }").unwrap();
    assert_eq!((config.journeys.to_str(), config.data.is_none()), (Some("park"), true));
    assert_eq!(config.http.unwrap().listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.door.unwrap().plain.unwrap().to_string(), "127.0.0.1:1883");
}

#[test]
fn a_broker_stands_in_for_the_door() {
    let config = Config::read("{ venue: p, data: d, http: none, broker: { host: localhost } }").unwrap();
    assert!(config.door.is_none() && config.http.is_none());
    let broker = config.broker.unwrap();
    assert_eq!((broker.port, broker.client.as_str()), (1883, "turnpage"));
}

#[test]
fn a_broker_under_tls_has_another_port_and_needs_its_files() {
    let text = "{ venue: p, data: d, broker: { host: localhost, tls: { authority: root.pem } } }";
    let config = Config::read(text).unwrap();
    assert_eq!(config.broker.as_ref().unwrap().port, 8883);
    let nowhere = tempfile::TempDir::new().unwrap();
    let problems = config.setup(nowhere.path(), venue(), Library::default()).err().unwrap();
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["bad-certificate"]);
    let half = Config::read("{ venue: p, data: d, broker: { host: x, tls: { key: k.pem } } }").err().unwrap();
    assert_eq!(half.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["half-identity"]);
}

#[test]
fn secrets_come_from_files_and_are_not_shown() {
    let dir = tempfile::TempDir::new().unwrap();
    fs::write(dir.path().join("key"), format!("{}\n", "0f".repeat(32))).unwrap();
    let text = "
venue: park
data: store
nodes: { gate-1: { key: { file: key }, password: hush } }
accounts: { bands: { password: hush-too, role: channel } }
secret: { file: key }
sources: [{ use: owntracks, role: vip, bindkeys: { 'a4:c1:38:8d:18:b2': 231d39c1d7cc1ab1aee224cd096db932 } }]
";
    let config = Config::read(text).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hush") && !shown.contains("231d"), "{shown}");
    let setup = config.setup(dir.path(), venue(), Library::default()).unwrap();
    assert_eq!(setup.keys.0[&NodeId(3)], [0x0f; 32]);
    let logins = setup.door.unwrap().logins;
    assert_eq!(logins[0].password.as_deref(), Some("hush"));
    assert!(matches!(&logins[0].role, Role::Node(name) if name.as_str() == "gate-1"));
    assert_eq!(logins[1].role, Role::Channel);
    assert!(!format!("{logins:?}").contains("hush"));
    assert!(matches!(setup.storage, Storage::Disk { dir: store, .. } if store == dir.path().join("store")));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    check(
        "
venues: park
http: localhost
door: { lisen: 1.2.3.4:1 }
broker: { host: x, port: 70000, user: me }
nodes: { gate-1: { pasword: x } }
accounts: { bands: { password: x, role: chanel } }
sources: [{ use: owntracks, topics: a/#/b }, { name: x, use: json, topic: a }]
",
        &expect![[r#"
            missing-key at `venues`: missing key `data`
            bad-address at `localhost`: `localhost` is not an address (write an IP address and a port, such as `127.0.0.1:8080`)
            out-of-range at `70000`: `70000` is not between 1 and 65535
            half-login at `host`: a user name and a password go together
            nowhere-to-listen at `lisen`: the door listens nowhere (`listen` is without encryption, `tls` with it; a door has one or both)
            unknown-key at `lisen`: unknown key `lisen` (did you mean `listen`?)
            missing-key at `pasword`: missing key `key`
            unknown-key at `pasword`: unknown key `pasword` (did you mean `password`?)
            unknown-word at `chanel`: unknown word `chanel` (did you mean `channel`?)
            bad-filter at `a/#/b`: `a/#/b` is not a topic filter: its wildcard is not alone in its level, or `#` is not the last level
            unknown-key at `topic`: unknown key `topic` (did you mean `topics`?)
            unknown-key at `venues`: unknown key `venues` (did you mean `venue`?)
        "#]],
    );
}

#[test]
fn what_the_venue_does_not_have_is_told_with_a_suggestion() {
    check(
        "
venue: park
data: memory
nodes:
  gate1: { key: 0f0f }
accounts: { gate-1: { password: { file: nowhere }, role: operator } }
secret: 0f0f
sources:
  - { use: owntracks, role: gest }
  - { use: owntracks, identity: given, bindkeys: { hall: 0f } }
",
        &expect![[r#"
            unknown-node at `gate1`: the venue has no node `gate1` (did you mean `gate-1`?)
            bad-key at `0f0f`: the key of node `gate1` is not 64 hexadecimal digits
            taken-name at `gate-1`: `gate-1` is the name of a node
            unreadable-secret at `nowhere`: cannot read `/nonexistent/nowhere`: No such file or directory (os error 2)
            bad-key at `0f0f`: the venue's secret is not 64 hexadecimal digits
            unknown-role at `gest`: source `owntracks`: the venue has no role `gest` (did you mean `guest`?)
            missing-secret at `use`: source `owntracks` names subjects by ids of devices (give the configuration the venue's `secret`, under which they become pseudonyms; or write `identity: given` where they are pseudonyms already)
            duplicate at `use`: source `owntracks` is there twice (give each a `name` of its own)
            bad-key at `0f`: the key of sensor `hall` is not 32 hexadecimal digits
        "#]],
    );
}

#[test]
fn webhooks_are_told_what_they_lack() {
    check(
        "
venue: park
data: memory
webhooks:
  till: { url: till.example, secret: whsec_c2hvcnQ=, channels: [app], concurrency: 1000, timeout: 5m }
  crm: { url: 'https://me:pass@crm.example/', secret: [] }
",
        &expect![[r#"
            bad-url at `till.example`: `till.example` is no place to post to (write a URL without a login, such as `https://till.example/offers`)
            out-of-range at `1000`: `1000` is not between 1 and 64
            out-of-range at `5m`: expected a time above 0 and at most 60s
            bad-url at `'https://me:pass@crm.example/'`: `https://me:pass@crm.example/` is no place to post to (write a URL without a login, such as `https://till.example/offers`)
            bad-secret at `[]`: expected one secret, or two while one replaces the other
            takes-nothing at `crm`: webhook `crm` takes nothing (name the `channels` whose offers it takes, or `staff` roles)
        "#]],
    );
    check(
        "
venue: park
data: memory
webhooks:
  till: { url: 'https://till.example/offers', secret: whsec_c2hvcnQ=, staff: [gest], authority: till.pem }
",
        &expect![[r#"
            unknown-role at `gest`: webhook `till`: the venue has no role `gest` (did you mean `guest`?)
            bad-secret at `whsec_c2hvcnQ=`: the secret of webhook `till` cannot be signed with (write `whsec_` and base64 of 24 to 64 random bytes)
            bad-certificate at `till.pem`: cannot read `/nonexistent/till.pem`: I/O error: No such file or directory (os error 2)
        "#]],
    );
}

#[test]
fn a_webhook_has_its_secrets_and_its_bounds() {
    let dir = tempfile::TempDir::new().unwrap();
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    fs::write(dir.path().join("till.secret"), format!("{secret}\n")).unwrap();
    let text = "
venue: park
data: memory
webhooks:
  till:
    url: http://127.0.0.1:9/offers
    secret: [{ file: till.secret }, whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD]
    channels: [app]
    staff: [guest]
    timeout: 2s
";
    let setup = Config::read(text).unwrap().setup(dir.path(), venue(), Library::default()).unwrap();
    let till = &setup.webhooks[0];
    assert_eq!((till.name.as_str(), till.secrets.len(), till.concurrency), ("till", 2, 4));
    assert_eq!((till.retry.timeout.as_secs(), till.channels.len(), till.staff.len()), (2, 1, 1));
    assert!(!format!("{setup:?}", setup = setup.webhooks).contains("MfKQ"));
}

#[test]
fn a_door_under_tls_has_its_files_read_and_its_accounts_named() {
    let dir = tempfile::TempDir::new().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["park.example".to_owned()]).unwrap().self_signed(&key);
    fs::write(dir.path().join("door.pem"), certificate.unwrap().pem()).unwrap();
    fs::write(dir.path().join("door.key"), key.serialize_pem()).unwrap();
    let text = "
venue: park
data: memory
door:
  tls: { listen: 0.0.0.0:8883, certificate: door.pem, key: door.key, clients: door.pem }
  connections: 500
nodes: { gate-1: { key: KEY, certificate: gate-1.park.example } }
accounts: { bands: { role: channel } }
"
    .replace("KEY", &"0f".repeat(32));
    let setup = Config::read(&text).unwrap().setup(dir.path(), venue(), Library::default()).unwrap();
    let door = setup.door.unwrap();
    assert!(door.places.plain.is_none() && door.places.tls.is_some());
    assert_eq!((door.limits.connections_max, door.limits.per_address_max), (500, 500));
    let names: Vec<_> = door.logins.iter().map(|login| login.certificate.as_deref().unwrap()).collect();
    assert_eq!(names, ["gate-1.park.example", "bands"]);
}

#[test]
fn a_door_that_cannot_open_or_let_anybody_in_is_told() {
    check(
        "
venue: park
data: memory
door: { connections: 0 }
",
        &expect![[r#"
            out-of-range at `0`: `0` is not between 1 and 1000000
            nowhere-to-listen at `connections`: the door listens nowhere (`listen` is without encryption, `tls` with it; a door has one or both)
        "#]],
    );
    check(
        "
venue: park
data: memory
door:
  listen: here
  tls: { listen: 0.0.0.0:8883, certificat: door.pem, key: door.key }
",
        &expect![[r#"
            bad-address at `here`: `here` is not an address (write an IP address and a port, such as `127.0.0.1:8080`)
            unknown-key at `certificat`: unknown key `certificat` (did you mean `certificate`?)
        "#]],
    );
    check(
        "
venue: park
data: memory
door: { tls: { listen: 0.0.0.0:8883, certificate: door.pem, key: door.key } }
accounts: { bands: { role: channel }, till: { password: x, role: channel, certificate: till.example } }
",
        &expect![[r#"
            no-credential at `bands`: account `bands` has no password (without `clients` under `tls`, a password is the only way in)
            no-authority at `till`: nobody vouches for the certificate of `till` (name the authority that signs it as `clients` under `tls`)
            bad-certificate at `door.pem`: cannot read `/nonexistent/door.pem`: I/O error: No such file or directory (os error 2)
        "#]],
    );
    check(
        "
venue: park
data: memory
door: { tls: { listen: 0.0.0.0:8883, certificate: door.pem, key: door.key, clients: ca.pem } }
accounts: { bands: { role: channel, certificate: all.example }, till: { role: channel, certificate: all.example } }
",
        &expect![[r#"
            taken-certificate at `till`: a certificate of `all.example` would be both `bands` and `till`
            bad-certificate at `door.pem`: cannot read `/nonexistent/door.pem`: I/O error: No such file or directory (os error 2)
        "#]],
    );
}

#[test]
fn what_only_a_start_reads_is_told_apart_wherever_it_stands() {
    let fixed = |text: &str| Config::read(text).unwrap().fixed();
    let was = fixed(
        "venue: park\ndata: memory\nseed: 7\nhttp: none\ndoor: { listen: 127.0.0.1:1, connections: 9 }\n",
    );
    let moved = fixed(
        "http: none\nseed: 7 # still\ndoor:\n  connections: 9\n  listen: 127.0.0.1:1\nvenue: other\ndata: memory\n",
    );
    assert_eq!(moved.changed(&was), [""; 0]);
    let other = fixed(
        "venue: park\ndata: here\nhttp: none\ndoor: { listen: 127.0.0.1:2, connections: 9 }\nreload: watch\n",
    );
    assert_eq!(other.changed(&was), ["data", "door", "seed", "reload"]);
}

#[test]
fn a_reload_is_by_signal_unless_files_are_to_be_watched() {
    let watches = |more: &str| Config::read(&format!("venue: park\ndata: memory\n{more}")).map(|it| it.watch);
    assert!(
        !watches("").unwrap() && !watches("reload: signal").unwrap() && watches("reload: watch").unwrap()
    );
    assert!(watches("reload: never").is_err());
}

#[test]
fn traces_go_where_they_are_to_go_and_are_told_what_they_may_not() {
    let dir = tempfile::TempDir::new().unwrap();
    fs::write(dir.path().join("token"), "Bearer hush\n").unwrap();
    let traces = |said: &str| {
        let text = format!("{{ venue: p, data: memory, http: none, traces: {said} }}");
        let config = Config::read(&text).unwrap();
        config.setup(dir.path(), venue(), Library::default()).unwrap().traces.unwrap()
    };
    let usual = traces("{ endpoint: \"http://localhost:4318\" }");
    assert_eq!(usual.endpoint.to_string(), "http://localhost:4318/v1/traces");
    assert_eq!((usual.service.as_str(), usual.headers.len()), ("turnpage", 0));
    assert!((usual.sample - 1.0).abs() < f64::EPSILON);
    let own = traces(
        "{ endpoint: \"https://o.example/in?t=1\", sample: 0.25, headers: { authorization: { file: token } } }",
    );
    assert_eq!(own.endpoint.to_string(), "https://o.example/in?t=1");
    assert_eq!(own.headers[0].1.to_str().unwrap(), "Bearer hush");
    assert!(!format!("{own:?}").contains("hush"));
    check(
        "{ venue: p, data: memory, traces: { endpoint: localhost, sample: 10, headers: { \"a b\": c }, rate: 1 } }",
        &expect![[r#"
            bad-url at `localhost`: `localhost` is no place to post to (write a URL without a login, such as `https://till.example/offers`)
            out-of-range at `10`: a share is between 0 and 1 (`sample: 0.1` tells of every tenth offer)
            bad-header at `"a b"`: `a b` is no name of a header
            unknown-key at `rate`: unknown key `rate` (keys that can stand here: service, authority)
        "#]],
    );
}

#[test]
fn tokens_are_told_by_their_fingerprints_and_never_written_out() {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let text = format!(
        "{{ venue: p, data: memory, tokens: {{ a: {{ role: admin, sha256: {hash}, until: 2027-01-01 }} }} }}"
    );
    let setup = Config::read(&text).unwrap().setup(std::path::Path::new(""), venue(), Library::default());
    let tokens = setup.unwrap().console.tokens;
    assert_eq!((tokens[0].name.as_str(), tokens[0].role), ("a", crate::access::Role::Admin));
    assert_eq!(tokens[0].fingerprint, crate::access::Fingerprint::of("abc"));
    let until = tokens[0].until.unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(until.as_secs(), 1_798_761_600);
    check(
        "
venue: park
data: memory
http: 0.0.0.0:8080
tokens:
  a: { role: viewer, secret: hush }
  b: { role: viewer }
  c: { role: boss, sha256: 12 }
  d: { role: viewer, secret: { env: TURNPAGE_NO_SUCH_VARIABLE }, until: soon }
",
        &expect![[r#"
            secret-in-config at `hush`: whoever reads this text has the secret (write `sha256: dc8331bcb2283e89d275a1c2fe66f7bf5ac3163ec1967f149dd7e27906365f0c` instead of it)
            no-proof at `role`: token `b` has to have one of `sha256` and `secret` (`turnpage token new` prints a secret once, and its `sha256`)
            unknown-word at `boss`: unknown word `boss` (write one of: viewer, author, operator, admin)
            bad-key at `12`: a SHA-256 has 64 hexadecimal digits (`turnpage token new` prints it; of a secret you have: `sha256sum`)
            bad-date at `soon`: `soon` is not a date (write the first day on which it is no good, such as `2027-01-01`)
        "#]],
    );
    check(
        "{ venue: p, data: memory, http: 192.0.2.1:8080 }",
        &expect![[r#"
        no-tokens at `192.0.2.1:8080`: anybody who reaches `192.0.2.1:8080` could read the console (declare `tokens` (`turnpage token new` makes one), or listen on loopback)
    "#]],
    );
    check(
        "{ venue: p, data: memory, tokens: { d: { role: viewer, secret: { env: TURNPAGE_NO_SUCH_VARIABLE } } } }",
        &expect![[r#"
            unreadable-secret at `TURNPAGE_NO_SUCH_VARIABLE`: there is no variable `TURNPAGE_NO_SUCH_VARIABLE` in the environment
        "#]],
    );
}

#[test]
fn a_secret_that_is_short_enough_to_guess_opens_nothing() {
    let dir = tempfile::TempDir::new().unwrap();
    fs::write(dir.path().join("short"), "password\n").unwrap();
    let text = "{ venue: p, data: memory, tokens: { a: { role: admin, secret: { file: short } } } }";
    let problems = Config::read(text).unwrap().setup(dir.path(), venue(), Library::default()).err().unwrap();
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["weak-secret"]);
}
