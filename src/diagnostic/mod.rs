//! Findings as data: what is wrong, where, why, and what to do.
//!
//! Nothing here prints. Rooms make [`Diagnostic`]s, `report/` renders them. The message names things in
//! backticks, speaks in the present tense and ends without a full stop; reasons and remedies go to
//! [`Note`]s, other places that matter to [`Annotation`]s.

mod code;
mod codes;
mod fix;
mod place;
mod policy;
mod repeats;
mod subject;
mod verdict;

pub use code::Code;
pub use codes::Codes;
pub use fix::{Edit, Fix};
pub use place::{Place, Span, TextFile};
pub use policy::{Exception, Policy};
pub use repeats::without_repeats;
pub use subject::Subject;
pub use verdict::Verdict;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; nothing has to change.
    Info,
    /// Likely wrong, or certain to surprise, but not proven broken.
    Warning,
    /// Certain: both ends are known and they do not fit.
    Error,
}

impl Level {
    /// The level as reports spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A further place that helps to understand a finding, with what is to be seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Where to look.
    pub place: Place,
    /// What is there, in a few words.
    pub message: String,
}

/// A sentence below a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A fact or reason: `note: …`.
    Info(String),
    /// What to do about it: `help: …`.
    Help(String),
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of finding this is; stable across releases.
    pub code: Code,
    /// How much it matters.
    pub level: Level,
    /// One line: what is wrong.
    pub message: String,
    /// Where, with what is to be seen there; none when the finding is about the command line or a missing file.
    pub place: Option<Annotation>,
    /// Further places.
    pub related: Vec<Annotation>,
    /// Reasons and remedies, in reading order.
    pub notes: Vec<Note>,
    /// What is known about the link it is about.
    pub verdict: Verdict,
    /// The object it is about, where it is about one.
    pub subject: Option<Subject>,
    /// The change that mends it, where that is certain.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding of the code's own level, without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level(),
            message: message.into(),
            place: None,
            related: Vec::new(),
            notes: Vec::new(),
            verdict: Verdict::Broken,
            subject: None,
            fix: None,
        }
    }

    /// Names the object it is about.
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Says that the other end of the link is not in the input.
    pub fn unknown(mut self) -> Self {
        self.verdict = Verdict::Unknown;
        self
    }

    /// Offers a change that mends it.
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Sets the place and what is to be seen there (`""` marks it without words).
    pub fn at(mut self, place: Place, message: impl Into<String>) -> Self {
        self.place = Some(Annotation { place, message: message.into() });
        self
    }

    /// Adds a further place.
    pub fn with(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Annotation { place, message: message.into() });
        self
    }

    /// Adds a fact or a reason.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Info(text.into()));
        self
    }

    /// Adds a remedy.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Help(text.into()));
        self
    }

    /// Changes the level from the code's own.
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}
