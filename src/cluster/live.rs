//! Reading a cluster: what the model needs, once.
//!
//! Discovery is asked in its aggregated form (two requests) for what is served; each kind is listed in pages, several kinds at
//! a time. Lists are consistent in themselves, not among each other: what changes while it is read may be seen half, as with any
//! client.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::core::Request;
use kube::discovery::Discovery;
use kube::{Client, Resource as _};

use super::client::Connection;
use super::kinds::{LISTED, ListedKind};
use super::page::Page;
use super::patience::patiently;
use crate::diagnostic::{Code, Diagnostic};
use crate::prom::version::Version;
use crate::source::Document;

/// Objects of a page. What is in memory at a time is this many objects of each of the kinds that are read at a time.
const PAGE: u32 = 500;

/// Kinds that are read at a time.
const AT_A_TIME: usize = 6;

/// How often a list is begun anew, because the API server forgot where it was (410).
const ATTEMPTS: usize = 3;

/// What a cluster shows.
#[derive(Debug)]
pub struct Live {
    /// Its objects, each beneath what the input says of it.
    pub documents: Vec<Document>,
    /// What was listed in full.
    pub listed: Vec<Listing>,
    /// What may not be listed.
    pub unseen: Vec<Unseen>,
    /// The version of the API server.
    pub kubernetes: Version,
}

/// All objects of a kind: those of the cluster, or those of one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The kind.
    pub kind: &'static ListedKind,
    /// The namespace; None for the whole cluster.
    pub namespace: Option<String>,
}

/// A kind that may not be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// The kind.
    pub kind: &'static ListedKind,
    /// The API server's words.
    pub why: String,
}

/// What came of one kind.
enum Outcome {
    /// Its objects.
    Listed(Vec<Document>, Option<String>),
    /// The API server refuses, in these words.
    Denied(String),
}

impl Connection {
    /// Reads the cluster. Where a kind may not be listed in all namespaces, it is listed in this one.
    ///
    /// # Errors
    /// Anything but a missing right: then nothing is known, and nobody should believe otherwise.
    pub fn read(&self, namespace: Option<&str>) -> Result<Live, Box<Diagnostic>> {
        let kubernetes = self.version()?;
        self.wait(async {
            let discovery = patiently(|| Discovery::new(self.client()).run_aggregated())
                .await
                .map_err(|error| self.failure(&error, "ask for the kinds it serves"))?;
            let read = LISTED.iter().map(|kind| self.read_kind(&discovery, kind, namespace));
            // In the order of the table, whatever comes first.
            let outcomes: Vec<(&'static ListedKind, Outcome)> =
                stream::iter(read).buffered(AT_A_TIME).try_collect().await?;
            let mut live = Live { documents: Vec::new(), listed: Vec::new(), unseen: Vec::new(), kubernetes };
            for (kind, outcome) in outcomes {
                match outcome {
                    Outcome::Listed(documents, namespace) => {
                        live.documents.extend(documents);
                        live.listed.push(Listing { kind, namespace });
                    }
                    Outcome::Denied(why) => live.unseen.push(Unseen { kind, why }),
                }
            }
            Ok(live)
        })
    }

    async fn read_kind(
        &self,
        discovery: &Discovery,
        kind: &'static ListedKind,
        namespace: Option<&str>,
    ) -> Result<(&'static ListedKind, Outcome), Box<Diagnostic>> {
        // A kind need not be in the version that its group prefers.
        let served = discovery.get(kind.group).and_then(|group| {
            group.resources_by_stability().into_iter().find(|(resource, _)| resource.kind == kind.kind)
        });
        // Of a kind that is not served there are no objects.
        let Some((resource, _)) = served else { return Ok((kind, Outcome::Listed(Vec::new(), None))) };
        let failed = |error: &kube::Error| self.failure(error, &format!("list {}", kind.full_resource()));
        let denied = match list(self.client(), kind, &resource, None).await {
            Ok(documents) => return Ok((kind, Outcome::Listed(documents, None))),
            Err(kube::Error::Api(status)) if status.code == 403 => status.message,
            // It is served no more.
            Err(kube::Error::Api(status)) if status.code == 404 => {
                return Ok((kind, Outcome::Listed(Vec::new(), None)));
            }
            Err(error) => return Err(failed(&error)),
        };
        let Some(namespace) = namespace.filter(|_| kind.is_namespaced) else {
            return Ok((kind, Outcome::Denied(denied)));
        };
        match list(self.client(), kind, &resource, Some(namespace)).await {
            Ok(documents) => Ok((kind, Outcome::Listed(documents, Some(namespace.to_owned())))),
            Err(kube::Error::Api(status)) if status.code == 403 => Ok((kind, Outcome::Denied(denied))),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// All objects of a kind, page by page.
async fn list(
    client: Client,
    kind: &'static ListedKind,
    resource: &ApiResource,
    namespace: Option<&str>,
) -> Result<Vec<Document>, kube::Error> {
    let path = DynamicObject::url_path(resource, namespace);
    let mut documents = Vec::new();
    let mut next: Option<String> = None;
    let mut attempts = 0;
    loop {
        let mut params = ListParams::default().limit(PAGE);
        if kind.resource == "secrets" {
            // What Helm keeps of its releases is large, and nothing refers to it.
            params = params.fields("type!=helm.sh/release.v1");
        }
        if let Some(token) = &next {
            params = params.continue_token(token);
        }
        let request = Request::new(path.as_str()).list(&params).map_err(kube::Error::BuildRequest)?;
        // What is too old to be gone on with is asked for anew, from the first page.
        let ask = async || match client.request_text(request.clone()).await {
            Err(kube::Error::Api(status)) if status.code == 410 && attempts < ATTEMPTS => Ok(None),
            answer => answer.map(Some),
        };
        let Some(text) = patiently(ask).await? else {
            attempts += 1;
            next = None;
            documents.clear();
            continue;
        };
        let api_version = resource.api_version.clone();
        // Making documents of a page takes a while, in which others may be listed.
        let read = tokio::task::spawn_blocking(move || Page::read(&text, kind, &api_version)).await;
        let mut page =
            read.map_err(|error| kube::Error::Service(error.into()))?.map_err(kube::Error::SerdeError)?;
        documents.append(&mut page.documents);
        match page.next {
            Some(token) => next = Some(token),
            None => return Ok(documents),
        }
    }
}

impl Live {
    /// What may not be seen, as one finding; none where everything was listed.
    pub fn not_shown(&self, server: &str) -> Option<Diagnostic> {
        let names: Vec<String> =
            self.unseen.iter().map(|unseen| format!("`{}`", unseen.kind.full_resource())).collect();
        if names.is_empty() {
            return None;
        }
        let message = format!("the cluster at {server} does not show {}", names.join(", "));
        let finding = Diagnostic::new(Code::NOT_SHOWN, message)
            .note("to list them is not allowed; what depends on them is unknown, and not taken for wrong");
        let finding = match &self.unseen[..] {
            [only] => finding.note(only.why.clone()),
            _ => finding,
        };
        Some(finding.help("deploy/read-only.yaml has the rights to read everything; -n NAMESPACE reads what one namespace shows"))
    }
}
