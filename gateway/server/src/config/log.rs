//! How much of the log is kept that a restart does not need: by age and by size.
//!
//! What a restart needs is always kept, whatever is written here. Before: config.rs. Next: gateway/store.

use turnpage_gateway_store::disk::Options;
use turnpage_journeys_document::Node;
use turnpage_journeys_expr::Diagnostic;

/// Units of a size, decimal and binary.
const UNITS: [(&str, u64); 6] = [
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

pub(super) fn options(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Options> {
    let mut fields = node.fields(problems)?;
    let age = fields.optional("age", problems).and_then(|node| node.duration_ms(problems));
    let size = fields.optional("size", problems).and_then(|node| size(node, problems));
    fields.finish(problems);
    let usual = Options::default();
    Some(Options {
        log_ms_max: age.unwrap_or(usual.log_ms_max),
        log_bytes_max: size.unwrap_or(usual.log_bytes_max),
    })
}

/// A number of bytes, such as `2GB` or `512 MiB`.
fn size(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    let text = node.text(problems)?;
    let bytes = bytes(text);
    if bytes.is_none() {
        let problem = Diagnostic::error("bad-size", node.span, format!("`{text}` is not a size"));
        problems.push(problem.with_help("write a whole number with a unit: `500MB`, `2GB`, `1GiB`"));
    }
    bytes
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = UNITS.into_iter().find(|(known, _)| *known == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        assert_eq!(bytes("2GB"), Some(2_000_000_000));
        assert_eq!(bytes("512 MiB"), Some(512 << 20));
        for wrong in ["", "2", "GB", "2 gb", "-2GB", "2.5GB", "2GBs", "99999999999999TB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
