//! Whole worlds from seeds: what stands in a cluster that prometheus-operator looks after, right and wrong.
//!
//! The same seed gives the same world on every machine. What monitors and Prometheuses say follows their schemas, so that
//! every property turns up within [`ROUND`] worlds; what it means is made by hand where that matters. Mistakes are
//! made on purpose and written down as intents: whether one matters is for the real components to say.

mod blocks;
mod cluster;
mod coverage;
mod credentials;
mod maker;
mod monitors;
mod mutations;
mod prometheus;
mod properties;
mod random;
mod rules;
mod scalars;
mod scraped;
mod setting;

use serde::Serialize;
use serde_json::{Value, json};

pub use coverage::{Coverage, DEMANDED};
pub use monitors::ROUND;
pub use prometheus::NOT_SHAPING;

use random::Random;
use setting::Setting;

/// A generated world.
#[derive(Debug, Clone)]
pub struct World {
    /// What it was made of.
    pub seed: u64,
    /// Its objects, in the order in which they are applied. `status` is authored, too.
    pub objects: Vec<Value>,
    /// The mistakes that were put in.
    pub intents: Vec<Intent>,
}

/// A mistake that was made on purpose.
#[derive(Debug, Clone, Serialize)]
pub struct Intent {
    kind: String,
    namespace: String,
    name: String,
    mistake: &'static str,
}

impl Intent {
    fn of(object: &Value, mistakes: &[&'static str]) -> Vec<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let of = |mistake| Self {
            kind: text(&object["kind"]),
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"]),
            mistake,
        };
        mistakes.iter().copied().map(of).collect()
    }
}

/// The world of a seed.
pub fn generate(seed: u64) -> World {
    let mut random = Random::new(seed);
    let mut intents = Vec::new();
    let mut setting = Setting::new(seed, &mut random);
    let mut objects: Vec<Value> = setting
        .namespaces
        .iter()
        .map(|namespace| {
            let labels: serde_json::Map<String, Value> =
                namespace.labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace.name, "labels": labels}})
        })
        .collect();
    objects.extend(credentials::make(&mut setting, &mut random));
    objects.extend(cluster::make(&setting, &mut random, seed));
    objects.extend(monitors::make(&setting, &mut random, seed, &mut intents));
    objects.extend(prometheus::make(&setting, &mut random, seed, &mut intents));
    mutations::apply(&mut objects, &mut random, &mut intents);
    objects.extend(scraped::make(&setting, seed));
    World { seed, objects, intents }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::manifests::title;

    #[test]
    fn a_seed_is_one_world() {
        let text = |seed| serde_json::to_string(&generate(seed).objects).expect("it is JSON");
        assert_eq!(text(3), text(3));
        assert_ne!(text(3), text(4));
    }

    /// Worlds lie side by side on one server.
    #[test]
    fn every_object_has_a_name_of_its_own() {
        let mut seen = BTreeSet::new();
        for object in (0..2 * ROUND).flat_map(|seed| generate(seed).objects) {
            assert!(seen.insert(title(&object)), "{} is there twice", title(&object));
        }
    }

    /// What the API server would refuse says nothing about the operator. It is for the schemas to say here; a server has
    /// rules besides them.
    #[test]
    fn few_objects_are_against_their_schema() {
        let objects: Vec<Value> = (0..ROUND).flat_map(|seed| generate(seed).objects).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let world = promwire::engine::World::of_text("worlds.json", &list.to_string(), None);
        let (schemas, _) = promwire::model::schema::SchemaSet::new(world.inventory());
        let findings = schemas.validate_all(world.inventory());
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert!(
            findings.len() * 50 < objects.len(),
            "{} of {}: {messages:#?}",
            findings.len(),
            objects.len()
        );
    }

    #[test]
    fn one_round_has_nearly_every_property() {
        let mut coverage = Coverage::new();
        for object in (0..ROUND).flat_map(|seed| generate(seed).objects) {
            coverage.count(&object);
        }
        assert!(coverage.missing().is_empty(), "{coverage}\n{}", coverage.missing().join("\n"));
    }
}
