use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Item = (Option<&'static str>, BTreeMap<String, String>);

const KEYS: [&str; 4] = ["app", "tier", "release", "team"];
const VALUES: [&str; 4] = ["a", "b", "c", ""];
const NAMESPACES: [Option<&str>; 4] = [None, Some("default"), Some("monitoring"), Some("web")];

fn text(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let labels = prop::collection::btree_map(text(&KEYS), text(&VALUES), 0..4);
    prop::collection::vec((prop::sample::select(&NAMESPACES[..]), labels), 0..60)
}

fn requirement() -> impl Strategy<Value = Requirement> {
    // Also keys and values that no item has.
    let key = prop_oneof![9 => text(&KEYS), 1 => Just("absent".to_owned())];
    let values = prop::collection::vec(prop_oneof![9 => text(&VALUES), 1 => Just("absent".to_owned())], 1..4);
    (key, values, 0..5).prop_map(|(key, mut values, operator)| {
        let operator = match operator {
            0 => Operator::Equals,
            1 => Operator::In,
            2 => Operator::NotIn,
            3 => Operator::Exists,
            _ => Operator::DoesNotExist,
        };
        match operator {
            Operator::Equals => values.truncate(1),
            Operator::Exists | Operator::DoesNotExist => values.clear(),
            Operator::In | Operator::NotIn => {}
        }
        Requirement::new(key, operator, values).expect("generated requirements are valid")
    })
}

proptest! {
    #[test]
    fn the_index_selects_what_looking_at_every_item_selects(
        items in items(),
        requirements in prop::collection::vec(requirement(), 0..4),
        names in prop::option::of(prop::collection::vec(
            prop_oneof![9 => prop::sample::select(&NAMESPACES[..]), 1 => Just(Some("absent"))], 0..5)),
    ) {
        let selector = Selector::new(requirements);
        let namespaces = names.as_deref().map_or(Namespaces::All, Namespaces::Only);
        let index = LabelIndex::build(items.iter().map(|(namespace, labels)| (*namespace, labels)));
        let expected: Vec<u32> = (0..)
            .zip(&items)
            .filter(|(_, (namespace, labels))| namespaces.contains(*namespace) && selector.matches(labels))
            .map(|(number, _)| number)
            .collect();
        prop_assert_eq!(index.select(&selector, namespaces), expected, "{}", selector);
    }
}

#[test]
fn labels_and_values_can_be_listed() {
    let index = LabelIndex::build([
        (None, vec![("app", "web"), ("tier", "front")]),
        (None, vec![("app", "db")]),
        (None, vec![("app", "web")]),
    ]);
    assert_eq!(index.with_label("app", "web"), [0, 2]);
    assert_eq!(index.values("app"), [("db", &[1][..]), ("web", &[0, 2])]);
    assert_eq!(index.keys(), ["app", "tier"]);
    assert!(index.values("absent").is_empty() && index.with_label("absent", "x").is_empty());
}
