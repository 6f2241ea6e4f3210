//! A bar on the terminal while long work counts what it has done. Nothing is drawn where nobody looks.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use turnpage_gateway_store::Progress;
use turnpage_gateway_store::upkeep::Hear;

/// How often the bar is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

/// Does the work, which counts up to `total`, and draws the count of `what` meanwhile.
pub(crate) fn with_progress<T: Send>(
    what: &str,
    total: usize,
    work: impl FnOnce(&AtomicUsize) -> T + Send,
) -> T {
    let done = AtomicUsize::new(0);
    if !std::io::stderr().is_terminal() {
        return work(&done);
    }
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}"));
    let bar = ProgressBar::new(total as u64).with_style(style.unwrap_or(ProgressStyle::default_bar()));
    let came = std::thread::scope(|scope| {
        let working = scope.spawn(|| work(&done));
        while !working.is_finished() {
            bar.set_position(done.load(Ordering::Relaxed) as u64);
            std::thread::park_timeout(DRAWN_EVERY);
        }
        working.join()
    });
    bar.finish_and_clear();
    came.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Does the work, which says how many bytes it has done of how many, and draws that meanwhile.
pub(crate) fn with_bytes<T>(what: &str, work: impl FnOnce(Hear<'_>) -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work(&mut |_| {});
    }
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{bytes}}/{{total_bytes}} {what}"));
    let bar = ProgressBar::new(0).with_style(style.unwrap_or(ProgressStyle::default_bar()));
    let came = work(&mut |Progress { done, total }| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    came
}
