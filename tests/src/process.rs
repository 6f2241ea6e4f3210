//! A child process that dies with its owner and whose lines can be waited for.
//! Deliberately has no time-outs of its own: a test that waits for ever is stopped by whoever runs it, and says for what it waited.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

/// A running child, its stdout and stderr read line by line.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// Starts `command` with both outputs captured.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        let (send, lines) = channel();
        let stdout = child.stdout.take().expect("captured");
        let stderr = child.stderr.take().expect("captured");
        let also = send.clone();
        std::thread::spawn(move || forward(stdout, &send));
        std::thread::spawn(move || forward(stderr, &also));
        Self { child, lines, seen: Vec::new() }
    }

    /// The first line, already seen or still to come, that contains `text`.
    ///
    /// # Panics
    /// When the process ends without saying it; the message shows everything it did say.
    pub fn line_with(&mut self, text: &str) -> String {
        let found = self.seen.iter().find(|line| line.contains(text)).cloned();
        let Some(line) = found.or_else(|| self.next_line(text)) else {
            panic!("the process ended without saying `{text}`; it said:\n{}", self.seen.join("\n"));
        };
        line
    }

    /// The next line that contains `text`, of those that nobody has waited for yet.
    ///
    /// # Panics
    /// As [`Process::line_with`].
    pub fn next_line_with(&mut self, text: &str) -> String {
        let Some(line) = self.next_line(text) else {
            panic!("the process ended without saying `{text}` again; it said:\n{}", self.seen.join("\n"));
        };
        line
    }

    /// As [`Process::next_line_with`]; `None` when the process ends without saying it.
    pub fn next_line(&mut self, text: &str) -> Option<String> {
        while let Ok(line) = self.lines.recv() {
            self.seen.push(line.clone());
            if line.contains(text) {
                return Some(line);
            }
        }
        None
    }

    /// Every line that was waited for or passed over.
    #[must_use]
    pub fn seen(&self) -> String {
        self.seen.join("\n")
    }

    /// Sends the process a signal by its name, such as `HUP`.
    ///
    /// # Panics
    /// When `kill` is not on this machine, or the process is gone.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill runs");
        assert!(status.success(), "the process was gone before it was told {name}");
    }

    /// Memory that the process has in use, in KiB, as Linux tells it.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("a number")
    }

    /// Kills the process as a power cut would: SIGKILL, no clean-up.
    ///
    /// # Panics
    /// When the process is already gone.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process is still there to be killed");
        self.child.wait().expect("a killed process can be waited for");
    }

    /// Fails if the process has ended by itself.
    ///
    /// # Panics
    /// When it has; the message shows everything that it said.
    pub fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child can be asked") {
            let (_, lines) = self.finish();
            panic!("the process ended by itself, {status}; it said:\n{}", lines.join("\n"));
        }
    }

    /// Asks the process to stop as ctrl-c would and waits for it.
    ///
    /// # Panics
    /// When `kill` is not on this machine.
    pub fn interrupt(mut self) -> (ExitStatus, Vec<String>) {
        self.signal("INT");
        self.finish()
    }

    /// Waits for the process to end by itself; returns everything it said.
    ///
    /// # Panics
    /// When waiting fails.
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        self.finish()
    }

    fn finish(&mut self) -> (ExitStatus, Vec<String>) {
        while let Ok(line) = self.lines.recv() {
            self.seen.push(line);
        }
        let status = self.child.wait().expect("a child can be waited for");
        (status, std::mem::take(&mut self.seen))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is what we want; there is nobody left to tell about anything else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes lines on until the stream ends or nobody listens any more.
fn forward(stream: impl Read, to: &Sender<String>) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if to.send(line).is_err() {
            return;
        }
    }
}
