//! Suppressions in annotations.

use std::collections::BTreeSet;

use super::{Covers, Suppression, codes, malformed, without_reason};
use crate::chain::runtime;
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Worlds;

const KEY: &str = "promwire.dev/ignore";
const EXAMPLE: &str = "promwire.dev/ignore: \"PW201 the reason\"";

/// Adds the suppressions of objects' annotations, each line of a value one.
pub(super) fn find(worlds: &Worlds, found: &mut Vec<Suppression>, mistakes: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for named in worlds.iter() {
        for object in named.world.inventory().objects().filter(|object| !runtime::is_made(*object)) {
            let Some(node) = object.at(&["metadata", "annotations", KEY]) else { continue };
            let place = node.place();
            let subject = object.subject();
            // An object may be in several worlds.
            if !seen.insert((place.file.name().to_owned(), place.span, subject.clone())) {
                continue;
            }
            let Some(text) = node.as_str() else {
                mistakes.push(malformed(place, &format!("this is {}", node.kind_name()), EXAMPLE));
                continue;
            };
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            if lines.is_empty() {
                mistakes.push(malformed(place.clone(), "this names no codes", EXAMPLE));
            }
            for line in lines {
                let (list, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                let codes = codes(list, &place, mistakes);
                let reason = reason.trim();
                if reason.is_empty() {
                    mistakes.push(without_reason(place.clone(), EXAMPLE));
                    continue;
                }
                let own = Place::new(object.document().file().clone(), object.node().span());
                found.push(Suppression {
                    codes,
                    reason: reason.to_owned(),
                    place: place.clone(),
                    covers: Covers::Object(Box::new(subject.clone()), own),
                });
            }
        }
    }
}
