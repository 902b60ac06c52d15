//! Text to documents: YAML as Kubernetes reads it, with places.
//!
//! Kubernetes and kubectl read YAML with sigs.k8s.io/yaml, which is YAML 1.1 and has habits of its own. This room
//! reads the same bytes to the same values, and remembers where everything stood:
//!
//! 1. `split`: a stream is cut at lines that begin with `---`, before parsing, as k8s.io/apimachinery's
//!    `NewYAMLReader` does for kubectl. Each document is read on its own, so one bad document spoils no other.
//! 2. `scan`, `events`: text to tokens to events, by libyaml's rules.
//! 3. `scalar`: what a plain scalar means (`yes` is true, `0755` is 493).
//! 4. `build`: events to a compact tree ([`Document`], [`Node`]), with merges, keys as strings and duplicates.
//! 5. `problems`: what cannot be read or may not mean what it seems to, as findings.
//!
//! [`load`] brings files, folders and standard input; [`emit`] writes YAML that all of the above reads back the same.
//! `tests/go_oracle.rs` compares all this with the real Go code.

mod alias;
mod base64;
mod build;
mod de;
mod duplicates;
mod emit;
mod events;
#[doc(hidden)]
pub mod fuzz;
mod input;
mod json;
mod json_text;
mod problems;
mod read;
mod scalar;
mod scan;
mod secret;
mod split;
mod tree;

pub use de::TypeError;
pub use emit::{emit, emit_stream};
pub use input::{InputPath, LoadOptions, load, read_bytes};
pub use json::document_from_json;
pub use read::{Reading, read};
pub use tree::{Comment, Document, Entries, Entry, Items, Node, NodeId, Value};

#[cfg(test)]
mod tests;
