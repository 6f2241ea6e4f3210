//! What the store asks of the file system beside sled: the one place where tests make it fail.
//!
//! A directory's entry is only durable once the directory is synced too; whoever makes or renames a file here never has to
//! remember that. Before: disk.rs. Next: disk/layer.rs and disk/manifest.rs, which write files.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Something that can fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Putting a commit into the log.
    Append,
    /// Making the log durable.
    SyncLog,
    /// Taking commits out of the log.
    Trim,
    /// Making a file.
    Create,
    /// Writing to it. Fails in the middle: half of the bytes are there.
    Write,
    /// Making it durable.
    Sync,
    /// Giving it its name.
    Rename,
    /// Removing it.
    Remove,
}

/// The file system.
#[derive(Clone, Default)]
pub(crate) struct Files {
    #[cfg(test)]
    pub(crate) faults: std::sync::Arc<std::sync::Mutex<Faults>>,
}

/// What is to fail, and how much has happened.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Faults {
    /// Acts until everything fails; `None` for never.
    pub(crate) in_acts: Option<u32>,
    /// What was asked for, in order.
    pub(crate) acts: Vec<Act>,
}

impl Files {
    /// Fails when it is told to.
    pub(crate) fn ask(&self, _act: Act) -> io::Result<()> {
        #[cfg(test)]
        {
            let mut faults = self.faults.lock().expect("no test panics while it holds this");
            faults.acts.push(_act);
            if let Some(left) = &mut faults.in_acts {
                if *left == 0 {
                    return Err(io::Error::from(io::ErrorKind::StorageFull));
                }
                *left -= 1;
            }
        }
        Ok(())
    }

    /// Makes an empty file, in place of one that a crash left there.
    pub(crate) fn create(&self, path: &Path) -> io::Result<Out> {
        self.ask(Act::Create)?;
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Out { file, files: self.clone() })
    }

    /// Gives a file its name, for good.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.ask(Act::Rename)?;
        std::fs::rename(from, to)?;
        self.sync_dir(to.parent().unwrap_or(Path::new("")))
    }

    /// Removes a file that nobody needs any more. Whether that is durable does not matter: leftovers are swept.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        self.ask(Act::Remove)?;
        std::fs::remove_file(path)
    }

    /// Makes what a directory lists durable.
    pub(crate) fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.ask(Act::Sync)?;
        File::open(dir)?.sync_all()
    }
}

/// A file that is being written.
pub(crate) struct Out {
    file: File,
    files: Files,
}

impl Out {
    /// Makes what was written durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.files.ask(Act::Sync)?;
        self.file.sync_data()
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.files.ask(Act::Write) {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
