//! What the input claims to show in full.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::diagnostic::TextFile;

/// Which objects the input shows all of. An object that is not there is *missing* where its kind and namespace are shown in
/// full, and *unknown* anywhere else.
#[derive(Debug, Clone, Default)]
pub struct Completeness {
    scopes: BTreeSet<Scope>,
    /// Texts that could not be read: what is missing may stand in one of them.
    unread: Vec<Arc<TextFile>>,
    /// Whether something could not be read at all, not even as a text.
    unseen: bool,
}

/// What is shown in full, as `--complete` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everything.
    All,
    /// All objects of a kind: `Service`.
    Kind(String),
    /// All objects of a kind in a namespace: `Service/shop`.
    KindIn(String, String),
    /// All objects of a namespace: `namespace/shop`.
    Namespace(String),
}

/// As `--complete` takes it.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Kind(kind) => f.write_str(kind),
            Self::KindIn(kind, namespace) => write!(f, "{kind}/{namespace}"),
            Self::Namespace(name) => write!(f, "namespace/{name}"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            None if text == "all" => Ok(Self::All),
            None if text.starts_with(|first: char| first.is_ascii_uppercase()) => {
                Ok(Self::Kind(text.to_owned()))
            }
            Some(("namespace", name)) => crate::model::name::label(name).map(Self::Namespace),
            Some((kind, name)) if kind.starts_with(|first: char| first.is_ascii_uppercase()) => {
                crate::model::name::label(name).map(|name| Self::KindIn(kind.to_owned(), name))
            }
            _ => {
                Err("`all`, a kind such as `Service` or `Service/NAMESPACE`, or `namespace/NAME`".to_owned())
            }
        }
    }
}

impl Completeness {
    /// Shows these in full.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self { scopes: scopes.into_iter().collect(), ..Self::default() }
    }

    /// Some of the input could not be read: this text, or something of which not even a text is there.
    pub fn without(mut self, unread: Option<Arc<TextFile>>) -> Self {
        match unread {
            Some(file) => self.unread.push(file),
            None => self.unseen = true,
        }
        self
    }

    /// Whether all objects of a kind in a namespace are in the input. `None` is the namespace of what has none.
    pub fn shows_all(&self, kind: &str, namespace: Option<&str>) -> bool {
        !self.unseen && self.unread.is_empty() && self.claims(kind, namespace)
    }

    fn claims(&self, kind: &str, namespace: Option<&str>) -> bool {
        self.scopes.iter().any(|scope| match scope {
            Scope::All => true,
            Scope::Kind(known) => known == kind,
            Scope::KindIn(known, within) => known == kind && Some(within.as_str()) == namespace,
            Scope::Namespace(known) => Some(known.as_str()) == namespace,
        })
    }

    /// Whether all objects of a kind are in the input, whatever their namespace.
    pub fn shows_all_of(&self, kind: &str) -> bool {
        let claimed = self.scopes.iter().any(|scope| match scope {
            Scope::All => true,
            Scope::Kind(known) => known == kind,
            Scope::KindIn(..) | Scope::Namespace(_) => false,
        });
        claimed && !self.unseen && self.unread.is_empty()
    }

    /// Whether an object with all of these words in it may stand where nothing could be read.
    pub fn may_hide<'t>(&self, mut words: impl Iterator<Item = &'t str> + Clone) -> bool {
        self.unseen
            || self.unread.iter().any(|file| {
                let mut words = words.clone();
                words.all(|word| memchr::memmem::find(file.text().as_bytes(), word.as_bytes()).is_some())
            }) && words.next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_name_kinds_and_namespaces() {
        assert_eq!("all".parse(), Ok(Scope::All));
        assert_eq!("Service".parse(), Ok(Scope::Kind("Service".to_owned())));
        assert_eq!("namespace/shop".parse(), Ok(Scope::Namespace("shop".to_owned())));
        assert_eq!("Service/shop".parse(), Ok(Scope::KindIn("Service".to_owned(), "shop".to_owned())));
        for text in ["all", "Service", "Service/shop", "namespace/shop"] {
            assert_eq!(text.parse::<Scope>().map(|scope| scope.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "service", "shop/x", "namespace/", "namespace/A", "Service/"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_could_not_be_read_leaves_nothing_complete() {
        let complete = Completeness::new([Scope::Kind("Service".to_owned())]);
        assert!(complete.shows_all("Service", Some("a")) && !complete.shows_all("Secret", Some("a")));
        assert!(!complete.may_hide(["app"].into_iter()));
        let cut = complete.without(Some(Arc::new(TextFile::new("a.yaml", "kind: Service\nx: [app"))));
        assert!(!cut.shows_all("Service", Some("a")) && cut.may_hide(["app"].into_iter()));
        assert!(!cut.may_hide(["web"].into_iter()));
    }
}
