//! Text to documents: YAML as Kubernetes reads it, with places.
//!
//! Kubernetes and kubectl read YAML with sigs.k8s.io/yaml 1.6.0 (go.yaml.in/yaml/v2 2.4.3), which is YAML 1.1 and has
//! habits of its own. This room reads the same bytes to the same values, and remembers where everything stood:
//!
//! 1. `split`: a stream is cut at lines that begin with `---`, before parsing and wherever they stand, as
//!    k8s.io/apimachinery 0.36 (`NewYAMLReader`) does for kubectl. Each document is read on its own, so one that cannot
//!    be read is a finding and spoils no other. kubectl itself stops at the first. `json_text`: a file that begins with
//!    `{` is tried as a stream of JSON first, as `NewYAMLOrJSONDecoder` does.
//! 2. `scan`, `events`: text to tokens to events, by the rules of libyaml, which Go's parser is made after.
//! 3. `scalar`: what a plain scalar means (`yes` is true, `0755` is 493, `1e400` a string).
//! 4. `build`: events to a compact tree ([`Document`], [`Node`]): merges, keys as strings, the last of two equal keys.
//!    Aliases stay references; how much they may stand for is Go's rule (`alias`).
//! 5. `markdown`: the manifests in the fences of a Markdown text, with the places they have there.
//! 6. `problems`: what cannot be read or may not mean what it seems to, as findings. `secret`: what must not be quoted.
//!
//! [`load`] brings files, folders and standard input; [`emit`] writes YAML that all of the above reads back the same.
//!
//! # Where this differs from Go
//!
//! `tests/go_oracle.rs` compares documents and emitted values with the real Go code; what may differ is listed with
//! reasons in `tests/go-oracle/differences.rs`. The ones a person may meet: collections nest 512 levels deep (10,000
//! in Go), a document holds at most one value in ten bytes (or a million) and a file 250,000 documents, and a file in
//! UTF-16 is refused, because kubectl cuts it at the wrong bytes.
//!
//! # Why the parser is our own
//!
//! The YAML parsers of this ecosystem read YAML 1.2. They accept and refuse other texts than Go does (tabs, `?`, `%`,
//! adjacent colons, what follows the end of a document), and no list of exceptions would have stayed short or tight.
//! Following libyaml's rules leaves none, and reading whole trees this way is faster than the events of the fastest of
//! them (`cargo xtask bench source`).

mod alias;
mod base64;
mod build;
mod de;
mod draft;
mod duplicates;
pub mod edit;
mod emit;
mod events;
#[doc(hidden)]
pub mod fuzz;
mod input;
mod json;
mod json_text;
mod markdown;
mod ordered;
mod problems;
mod read;
mod scalar;
mod scan;
mod secret;
mod split;
mod tree;

pub use base64::decode as decode_base64;
pub use de::TypeError;
pub use draft::{Draft, DraftEntry, DraftValue};
pub use emit::{emit, emit_stream};
pub use input::{CLUSTER, InputPath, LoadOptions, STDIN, load, read_bytes, read_file};
pub use json::document_from_json;
pub use ordered::{Mapping, Ordered};
pub use read::{Reading, read, read_unmerged, read_written};
pub use tree::{Comment, Document, Entries, Entry, Items, Node, NodeId, Value};

#[cfg(test)]
mod tests;
