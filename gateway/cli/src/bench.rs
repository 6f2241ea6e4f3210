//! The author's bench: a venue as a stage, and the journeys on it, as `test` and `play` need them.
//!
//! Without a venue it is the sample park with what ships for it. Before: load.rs. Next: stage.rs.

use std::path::{Path, PathBuf};

use turnpage_gateway_core::Venue;
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::play::Stage;
use turnpage_journeys_authoring::script::Scripts;
use turnpage_journeys_authoring::trial::{self, PlayFile};
use turnpage_journeys_authoring::{Library, Report, Source, Sources, library};

use crate::args::BenchArgs;
use crate::load::{self, Outcome};
use crate::{demo, stage};

/// The folder beside journeys that holds their plays.
pub(crate) const PLAYS: &str = "plays";

/// How the file of golden transcripts ends.
const GOLDEN: &str = "expect";

/// Everything needed to rehearse.
pub(crate) struct Bench {
    pub(crate) library: Library,
    pub(crate) scripts: Scripts,
    pub(crate) guards: Guards,
    pub(crate) stage: Stage,
    /// The texts of the journeys.
    pub(crate) sources: Vec<Source>,
    /// Where the journeys lie; nothing when they are those in the binary.
    folder: Option<PathBuf>,
}

impl Bench {
    /// Reads venue and journeys; what is wrong with any of them is in the report.
    pub(crate) fn load(args: &BenchArgs) -> anyhow::Result<Outcome<Self>> {
        let venue = match &args.venue {
            Some(dir) => load::venue(dir)?,
            None => demo::park::venue(),
        };
        let venue = match venue {
            Ok(venue) => venue,
            Err(report) => return Ok(Err(report)),
        };
        let path = args.journeys.as_ref().or(args.venue.as_ref());
        let sources = match path {
            Some(path) => load::some_sources(std::slice::from_ref(path))?,
            None => library::THEME_PARK.sources(),
        };
        let folder = path.map(|path| match path.is_dir() {
            true => path.clone(),
            false => path.parent().unwrap_or(Path::new("")).to_owned(),
        });
        Ok(Self::of(&venue, sources, folder))
    }

    fn of(venue: &Venue, sources: Sources, folder: Option<PathBuf>) -> Outcome<Self> {
        let stage = stage::of(venue);
        let (library, checked) = load::checked(venue, sources)?;
        let guards = Guards::of(&library, &checked.scripts, &stage.schema);
        let sources = checked.report.sources().to_vec();
        Ok(Self { library, scripts: checked.scripts, guards, stage, sources, folder })
    }

    /// As plays are run on it.
    pub(crate) fn for_trials(&self) -> trial::Bench<'_> {
        trial::Bench {
            library: &self.library,
            scripts: &self.scripts,
            guards: &self.guards,
            stage: &self.stage,
        }
    }

    /// Where plays of these journeys belong; nothing when they are in the binary.
    pub(crate) fn plays_folder(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(PLAYS))
    }

    /// The play files of `paths`, of the journeys' own folder without any, each with its golden transcripts. What cannot be
    /// read is in the report.
    pub(crate) fn plays(&self, paths: &[PathBuf]) -> anyhow::Result<(Vec<PlayFile>, Report)> {
        let sources = match (paths, self.plays_folder()) {
            ([], None) => {
                let mut sources = Sources::default();
                for (name, text) in library::THEME_PARK.plays {
                    sources.add(*name, *text);
                }
                sources
            }
            ([], Some(folder)) if folder.is_dir() => Sources::load(&folder)?,
            ([], Some(folder)) => anyhow::bail!("there are no plays: `{}` is no directory", folder.display()),
            (paths, _) => load::journey_sources(paths)?,
        };
        let readable =
            |source: usize| sources.report().findings().iter().all(|finding| finding.source != source);
        let files = sources
            .iter()
            .enumerate()
            .filter(|(place, _)| readable(*place))
            .map(|(_, source)| {
                let golden = golden_path(&source.name);
                let golden = golden.is_file().then(|| load::text(&golden)).transpose()?;
                Ok(PlayFile { source: source.clone(), golden })
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok((files, sources.report().clone()))
    }
}

/// The golden transcripts of a play file.
pub(crate) fn golden_path(plays: &str) -> PathBuf {
    Path::new(plays).with_extension(GOLDEN)
}
