//! Writing a world down as it was seen, in the shape of the recorded worlds.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use flate2::write::GzEncoder;
use promwire_rig::worlds::World;
use serde_json::{Value, json};

use crate::judge::{Rejections, seed_of};
use crate::predict::Subject;
use crate::recorded::yaml;
use crate::run_on::Ran;
use crate::variant::Variant;

/// Everything that one operator was seen to do.
pub(crate) struct Seen<'s> {
    pub(crate) variant: &'s Variant,
    pub(crate) worlds: &'s [World],
    pub(crate) live: &'s [Value],
    pub(crate) events: &'s [Value],
    pub(crate) subjects: &'s [(u64, Subject)],
    pub(crate) configs: &'s [Option<String>],
    /// Which rejections are predicted, to leave out Events that other worlds' Prometheuses are the reason for.
    pub(crate) predicted: &'s Rejections,
    /// What Prometheuses had for targets, if any ran.
    pub(crate) ran: &'s Ran,
}

impl Seen<'_> {
    /// Writes one world below `target/worlds/`, and gives the path.
    pub(crate) fn write(&self, seed: u64) -> Result<String, String> {
        let all = || self.subjects.iter().zip(self.configs).enumerate();
        let own = || {
            all()
                .filter(|(_, ((of, _), _))| *of == seed)
                .map(|(number, (subject, config))| (number, subject, config))
        };
        // With those whose monitors its Prometheuses select.
        let mut seeds = BTreeSet::from([seed]);
        for (_, _, config) in own() {
            for job in
                yaml(config.as_deref().unwrap_or_default())["scrape_configs"].as_array().into_iter().flatten()
            {
                let place = job["job_name"].as_str().and_then(|name| name.split('/').nth(1));
                seeds.extend(place.and_then(seed_of));
            }
        }
        let worlds: Vec<&World> = self.worlds.iter().filter(|world| seeds.contains(&world.seed)).collect();
        let is_alone = self.worlds.len() == 1;
        let belongs = |object: &&Value| {
            let metadata = &object["metadata"];
            let place = metadata["namespace"].as_str().or_else(|| metadata["name"].as_str());
            is_alone || place.and_then(seed_of).is_some_and(|seed| seeds.contains(&seed))
        };
        let results = own().map(|(number, (_, subject), config)| {
            let object = self.live.iter().find(|object| Subject::of(object).as_ref() == Some(subject));
            let conditions = object.map(|object| &object["status"]["conditions"]);
            let mut result = json!({"kind": subject.kind(), "namespace": subject.namespace, "name": subject.name,
                "config": config, "conditions": conditions});
            let ran = self.ran.results.get(&number);
            if is_alone {
                for (key, value) in ran.and_then(Value::as_object).into_iter().flatten() {
                    result[key] = value.clone();
                }
            } else if let Some(ran) = ran {
                // Its discovery saw other worlds, too: for people only.
                result["among_others"] = ran.clone();
            }
            result
        });
        let recorded = json!({
            "operator": self.variant.arguments,
            "objects": worlds.iter().flat_map(|world| &world.objects).collect::<Vec<_>>(),
            "live": self.live.iter().filter(belongs).collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
            "events": self.events.iter().filter(|event| self.is_of(event, seed)).collect::<Vec<_>>(),
            "intents": worlds.iter().flat_map(|world| &world.intents).collect::<Vec<_>>(),
        });
        let folder = crate::root().join("target/worlds");
        let path = folder.join(format!("w{seed}-{}.json.gz", self.variant.name));
        fs::create_dir_all(&folder)
            .and_then(|()| {
                let mut packed = GzEncoder::new(fs::File::create(&path)?, flate2::Compression::best());
                packed.write_all(recorded.to_string().as_bytes())?;
                packed.finish().map(drop)
            })
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path.to_string_lossy().into_owned())
    }

    /// Whether an Event is because of the world's own Prometheuses, as far as anybody can tell.
    fn is_of(&self, event: &Value, seed: u64) -> bool {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let name = format!("{}/{}", text("namespace"), text("name"));
        let key = (text("controller").to_owned(), text("kind").to_owned(), name);
        match self.predicted.get(&key) {
            Some(by) => by.seeds.contains(&seed),
            None => seed_of(text("namespace")) == Some(seed),
        }
    }
}
