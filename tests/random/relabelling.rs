//! Relabel rules and labels for them: as people write them, with mistakes, and with what is easy to get wrong.

use promwire::prom::relabel::{Action, Config};

use super::{Random, patterns};

/// Names of labels, of which rules and labels share most.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "job", "pod", "node", "service", "namespace", "instance", "__address__", "__metrics_path__", "__tmp_hash", "__param_target",
    "__meta_kubernetes_namespace", "__meta_kubernetes_pod_name", "__meta_kubernetes_pod_label_app",
    "__meta_kubernetes_pod_labelpresent_app", "__meta_kubernetes_pod_label_app_kubernetes_io_name",
    "__meta_kubernetes_pod_phase", "__meta_kubernetes_endpoint_address_target_kind", "a", "b", "ab", "app", "A", "_",
];

#[rustfmt::skip]
const ODD_NAMES: &[&str] = &["", "9a", "a-b", "a.b", "é", " invalid label name", "a\nb", "😀", "a\"b", "$1", "a$", "${", "\u{7f}", "\0"];

#[rustfmt::skip]
const VALUES: &[&str] = &[
    "web", "db", "true", "Node", "Pod", "10.0.0.1:8080", "10.0.0.1", "[::1]:80", "default", "kube-system", "Running", "Failed", "0", "1", "2", "a", "b",
    "api-7d9f", "API-7d9F", "/metrics", "https", "metrics", "Straße", "İı", "ΣΑΣ", "a;b", ";", "a\nb", "ǅ", "x:1;2", "$1", "kube-dns", "app",
];

/// Templates that are targets of rules as people write them.
#[rustfmt::skip]
const TARGETS: &[&str] = &["${1}", "$1", "foo_$1", "${1}_bar", "$2", "a$$", "${1}${2}", "x_${n}", "$1x", "é$1", "9$1", "_$", "$"];

fn name(random: &mut Random) -> String {
    if random.one_in(60) { random.pick(ODD_NAMES) } else { random.pick(NAMES) }.to_owned()
}

fn value(random: &mut Random) -> String {
    match random.below(10) {
        0 => patterns::text(random, 4),
        1 => format!("{};{}", random.pick(VALUES), random.pick(VALUES)),
        _ => random.pick(VALUES).to_owned(),
    }
}

fn regex(random: &mut Random) -> String {
    match random.below(12) {
        0..=5 => patterns::real(random).to_owned(),
        6 => patterns::pattern(random),
        7 => format!("{}|{}", random.pick(VALUES), random.pick(VALUES)),
        8 => format!("({})(.*)", random.pick(&["a", "__meta_kubernetes_", ".", "[^;]+"])),
        9 => "__meta_kubernetes_pod_(label|labelpresent)_(.+)".to_owned(),
        _ => random.pick(VALUES).to_owned(),
    }
}

/// One rule; about one in six has a mistake.
pub(crate) fn config(random: &mut Random) -> Config {
    let (spelling, action) = Action::SPELLINGS[random.below(Action::SPELLINGS.len())];
    let action = if random.one_in(3) { Action::Replace } else { action };
    let mut config = Config::default();
    let slip = |random: &mut Random| random.one_in(60);
    let works_on_names = matches!(action, Action::LabelDrop | Action::LabelKeep);
    let compares = matches!(action, Action::KeepEqual | Action::DropEqual);
    let plain = compares || matches!(action, Action::Lowercase | Action::Uppercase);
    if !works_on_names && !random.one_in(8) || slip(random) {
        let count = if random.one_in(40) { 20 } else { random.below(3) + usize::from(!random.one_in(20)) };
        config.source_labels = Some((0..count).map(|_| name(random)).collect());
    }
    if !works_on_names && !compares && random.one_in(3) || slip(random) {
        config.separator = Some(random.pick(&[";", "", ",", "@", "--", "\n"]).to_owned());
    }
    if !compares && !random.one_in(4) || slip(random) {
        config.regex = Some(regex(random));
    }
    if action == Action::HashMod && !slip(random) || slip(random) {
        config.modulus = [1, 2, 3, 10, 1 << 20, u64::MAX][random.below(6)];
    }
    if !works_on_names && !slip(random) || slip(random) {
        let template = action == Action::Replace && random.one_in(4);
        config.target_label = Some(if template { random.pick(TARGETS).to_owned() } else { name(random) });
    }
    if action == Action::LabelMap && random.one_in(2) {
        config.replacement =
            Some(random.pick(&["$1", "${1}", "x_$1", "$2_$1", "_$0", "a", "${1}${2}", "$3"]).to_owned());
    } else if action == Action::Replace && random.one_in(2) || slip(random) {
        config.replacement = Some(if random.one_in(3) { value(random) } else { patterns::template(random) });
    } else if plain && random.one_in(10) {
        config.replacement = Some("$1".to_owned());
    }
    if action != Action::Replace || random.one_in(2) {
        let spelled = if action == Action::Replace { "replace" } else { spelling };
        config.action = Some(match random.below(30) {
            0 => spelled.to_uppercase(),
            1 => format!("{}{}", spelled[..1].to_uppercase(), &spelled[1..]),
            2 if slip(random) => random.pick(&["", "Relabel", "keep ", "İ", "\u{212a}eep"]).to_owned(),
            _ => spelled.to_owned(),
        });
    }
    config
}

/// Labels in the order in which they are set; each name once.
pub(crate) fn labels(random: &mut Random) -> Vec<(String, String)> {
    let mut labels: Vec<(String, String)> = Vec::new();
    for _ in 0..random.below(14) {
        let name = name(random);
        if labels.iter().all(|(before, _)| *before != name) {
            labels.push((name, value(random)));
        }
    }
    labels
}
