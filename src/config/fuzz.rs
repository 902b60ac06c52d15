//! What the fuzz targets run.

use std::sync::Arc;

use clap::Args;

use super::{RealityArgs, Section, Stack, layer};
use crate::diagnostic::TextFile;
use crate::source;

/// Any bytes as a Stack: it is read, or everything that is wrong has a place; what is read goes together or says why not.
pub fn stack(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let reading = source::read(Arc::new(TextFile::new("promwire.yaml", text)));
    match Stack::find(&reading.documents) {
        Ok(None) => {}
        Ok(Some(stack)) => {
            if let Err(finding) = layer(RealityArgs::augment_args, "reality", None, &stack.reality) {
                assert!(finding.place.is_some(), "{finding:?}");
            }
            for (integration, section) in &stack.integrations {
                for section in [section, &Section::empty()] {
                    if let Err(finding) = layer(integration.options, integration.name, None, section) {
                        assert!(finding.place.is_some(), "{finding:?}");
                    }
                }
            }
        }
        Err(findings) => {
            assert!(!findings.is_empty(), "nothing is wrong, and nothing was read");
            assert!(findings.iter().all(|finding| finding.place.is_some()), "{findings:?}");
        }
    }
}
