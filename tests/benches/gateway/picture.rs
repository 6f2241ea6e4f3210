//! The latencies as a picture: how many of the offers took longer than what, for each load.

use std::fmt::Write;

use hdrhistogram::Histogram;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Beside all of it, for the words at its edges.
const MARGIN: f64 = 16.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 56.0;
/// Milliseconds at the foot and at the head.
const LEAST_MS: f64 = 0.1;
const MOST_MS: f64 = 10_000.0;
/// Shares of the offers along the foot: half, then each tenth of what is left.
const SHARES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 0.9999];
const COLOURS: [&str; 4] = ["#1b7f79", "#4c6ef5", "#e8590c", "#c2255c"];
/// What is asked of the 99th percentile at half of the load.
const BUDGET_MS: f64 = 20.0;

/// An SVG of loads, each a share of the highest rate and what was measured at it.
pub(crate) fn svg(loads: &[(f64, Histogram<u64>)]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} 0 {} {HEIGHT}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n<rect x=\"{}\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"24\" \
         font-size=\"15\" font-weight=\"600\">From a frame's due time to its offer, by share of the highest rate</text>\n",
        -MARGIN,
        WIDTH + 2.0 * MARGIN,
        -MARGIN
    );
    let mut line = |it: std::fmt::Arguments<'_>| writeln!(svg, "{it}").expect("a string takes all");
    for ms in [0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0] {
        let y = y(ms);
        line(format_args!(
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#ddd\"/>",
            WIDTH - RIGHT
        ));
        line(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{ms} ms</text>", LEFT - 6.0, y + 4.0));
    }
    for share in SHARES {
        let (x, label) = (x(share), share * 100.0);
        line(format_args!(
            "<line x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{}\" stroke=\"#eee\"/>",
            HEIGHT - BOTTOM
        ));
        line(format_args!(
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label} %</text>",
            HEIGHT - BOTTOM + 18.0
        ));
    }
    let budget = y(BUDGET_MS);
    line(format_args!(
        "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{budget}\" y2=\"{budget}\" stroke=\"#888\" stroke-dasharray=\"4 4\"/>",
        WIDTH - RIGHT
    ));
    for ((at, (share, taken)), colour) in (0..).zip(loads).zip(COLOURS) {
        let points: Vec<String> = (0..=160)
            .map(|step| 1.0 - 10_f64.powf(-f64::from(step) / 40.0))
            .map(|share| format!("{:.1},{:.1}", x(share), y(ms(taken.value_at_quantile(share)))))
            .collect();
        line(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        ));
        let x = LEFT + 110.0 * f64::from(at);
        line(format_args!(
            "<text x=\"{x}\" y=\"{}\" fill=\"{colour}\">{:.0} %</text>",
            HEIGHT - 12.0,
            share * 100.0
        ));
    }
    line(format_args!("</svg>"));
    svg
}

/// Milliseconds of microseconds.
pub(crate) fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

fn x(share: f64) -> f64 {
    let tenths = -(1.0 - share).max(1e-4).log10();
    LEFT + tenths / 4.0 * (WIDTH - LEFT - RIGHT)
}

fn y(ms: f64) -> f64 {
    let up = (ms.clamp(LEAST_MS, MOST_MS) / LEAST_MS).log10() / (MOST_MS / LEAST_MS).log10();
    HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)
}
