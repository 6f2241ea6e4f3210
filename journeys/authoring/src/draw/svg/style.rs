//! Colours, fonts and marks, light and dark. Plain rules without variables, so that other programs than browsers show them.

use std::fmt::Write as _;

use super::text::number;

/// Hues of lines and boxes: (light, dark), apart from each other also for colour-blind readers, each legible as text.
const HUES: [(&str, &str); super::HUES] = [
    ("#1f6fb2", "#6cb6f5"),
    ("#b4530a", "#f5a25d"),
    ("#2b7a3d", "#74cf8a"),
    ("#9a3b8f", "#e08fd6"),
    ("#8a6d00", "#e0c04c"),
    ("#0f7c80", "#5fd0d3"),
    ("#b3353f", "#f58a92"),
    ("#5a55b5", "#a9a5f5"),
];

const LIGHT: &str = ".paper{fill:#fcfbf8}.box{fill:#fff;stroke:#8b8f98}.rule{stroke:#e3e1db}text{fill:#24272d}\
.note,.about{fill:#636872}.alone{fill:#636872}.card{fill:#fff6e0;stroke:#e2bf6a}.offer{fill:#7a4d00}\
.mark{stroke:#4a4e57}.dot{fill:#24272d}.lost{stroke:#c22}.losttext{fill:#b11}\
.p0{fill:#fbe7b8}.t0{fill:#6b4400}.p1{fill:#d3efd8}.t1{fill:#14532d}.p2{fill:#e2e0fb}.t2{fill:#37308f}.p3{fill:#ebeae6}.t3{fill:#44474e}";

const DARK: &str = ".paper{fill:#16181d}.box{fill:#1f2229;stroke:#6a707c}.rule{stroke:#343943}text{fill:#e8e6e1}\
.note,.about{fill:#a0a5b0}.alone{fill:#a0a5b0}.card{fill:#2c2614;stroke:#7d6527}.offer{fill:#f2cf7e}\
.mark{stroke:#c2c6cf}.dot{fill:#e8e6e1}.lost{stroke:#ff6b6b}.losttext{fill:#ff8b8b}\
.p0{fill:#4a3a10}.t0{fill:#f8dc98}.p1{fill:#173b23}.t1{fill:#9fe3b1}.p2{fill:#2e2a5c}.t2{fill:#c9c5ff}.p3{fill:#30343c}.t3{fill:#c6c9d0}";

const SHAPES: &str = "text{font:12px 'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}\
.name{font-size:24px;font-weight:700}.about{font-size:14px}\
.page{font-size:15px;font-weight:700}.offer{font-weight:700;font-size:13px}.to{font-weight:700}.end{text-anchor:end}\
.when{font:11.5px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}\
.box{stroke-width:1.2}.start{stroke-width:2.6}.rule{stroke-width:1}.tint{fill-opacity:.17}.lost{stroke-dasharray:5 4}\
.wire{fill:none;stroke-width:1.6;stroke-opacity:.85}.mark{fill:none;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}";

/// The style element.
pub(super) fn sheet() -> String {
    let hues = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
        let mut rules = String::new();
        for (index, hue) in HUES.iter().enumerate() {
            let _ = write!(rules, ".s{index}{{stroke:{0}}}.f{index}{{fill:{0}}}", pick(hue));
        }
        rules
    };
    let (light, dark) = (hues(|hue| hue.0), hues(|hue| hue.1));
    format!(
        "<style>\n{SHAPES}\n{LIGHT}\n{light}\n@media (prefers-color-scheme:dark){{\n{DARK}\n{dark}\n}}\n</style>\n"
    )
}

/// A filled dot.
pub(super) const MARK_START: &str = "start";
/// A ring around a dot.
pub(super) const MARK_END: &str = "end";
/// An arrow through a wall.
pub(super) const MARK_ENTRY: &str = "entry";
/// A page behind a page.
pub(super) const MARK_CALL: &str = "call";
/// An arrow that comes back.
pub(super) const MARK_STAY: &str = "stay";
/// An arrow that goes on.
pub(super) const MARK_TURN: &str = "turn";
/// A dash.
pub(super) const MARK_NOTE: &str = "dash";

/// Writes a mark of about 12 pixels, its middle left at a place.
pub(super) fn mark(svg: &mut String, mark: &str, (x, y): (f64, f64)) {
    let n = number;
    let path = match mark {
        MARK_START | MARK_END => {
            let (cx, cy) = (n(x + 6.0), n(y));
            let radius = if mark == MARK_START { 5.0 } else { 2.6 };
            let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{cx}\" cy=\"{cy}\" r=\"{radius}\"/>");
            if mark == MARK_END {
                let _ = writeln!(svg, "<circle class=\"mark\" cx=\"{cx}\" cy=\"{cy}\" r=\"5.4\"/>");
            }
            return;
        }
        MARK_ENTRY => "m0 0h7m-3 -3l3 3l-3 3m5 -8v10",
        MARK_CALL => "m0 -2v-3h8v7h-3m-5 -4h5v7h-5z",
        MARK_STAY => "m9.5 -2.5a4.6 4.6 0 1 0 .8 4.2m.2 -7.2v3.4h-3.4",
        MARK_TURN => "m0 0h10m-3.5 -3.5l3.5 3.5l-3.5 3.5",
        _ => "m2 0h6",
    };
    let _ = writeln!(svg, "<path class=\"mark\" d=\"M{} {}{path}\"/>", n(x), n(y));
}
