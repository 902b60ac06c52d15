//! The images the agent knows, and what of the rig's programs stands for each.

/// What runs for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Image {
    /// A real program.
    Program(Program),
    /// A component of Calico: its metrics page is served where its settings enable it.
    Calico(Calico),
}

/// A program as its image has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Program {
    /// Files of the image: a program of the rig's table of components, and where the image has it.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// ENTRYPOINT, which `command` of a container replaces.
    pub(super) entrypoint: &'static [&'static str],
    /// CMD, which `args` of a container replaces.
    pub(super) arguments: &'static [&'static str],
    /// WORKDIR.
    pub(super) folder: &'static str,
}

/// A component of Calico.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calico {
    /// Felix, in calico/node.
    Felix,
    /// calico/typha
    Typha,
    /// calico/kube-controllers
    KubeControllers,
}

const PROMETHEUS: Image = Image::Program(Program {
    files: &[("prometheus", "/bin/prometheus"), ("promtool", "/bin/promtool")],
    entrypoint: &["/bin/prometheus"],
    arguments: &["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
    folder: "/prometheus",
});
const CONFIG_RELOADER: Image = Image::Program(Program {
    files: &[("prometheus-config-reloader", "/bin/prometheus-config-reloader")],
    entrypoint: &["/bin/prometheus-config-reloader"],
    arguments: &[],
    folder: "/",
});
const NODE_EXPORTER: Image = Image::Program(Program {
    files: &[("node_exporter", "/bin/node_exporter")],
    entrypoint: &["/bin/node_exporter"],
    arguments: &[],
    folder: "/",
});
const ETCD: Image = Image::Program(Program {
    files: &[("etcd", "/usr/local/bin/etcd")],
    entrypoint: &["/usr/local/bin/etcd"],
    arguments: &[],
    folder: "/",
});

/// Images by the end of their name, without tag and digest: any registry may carry them.
const IMAGES: &[(&str, Image)] = &[
    ("prometheus/prometheus", PROMETHEUS),
    ("prom/prometheus", PROMETHEUS),
    ("prometheus-operator/prometheus-config-reloader", CONFIG_RELOADER),
    ("prometheus/node-exporter", NODE_EXPORTER),
    ("prom/node-exporter", NODE_EXPORTER),
    ("etcd", ETCD),
    ("calico/node", Image::Calico(Calico::Felix)),
    ("calico/typha", Image::Calico(Calico::Typha)),
    ("calico/kube-controllers", Image::Calico(Calico::KubeControllers)),
];

/// What runs for a reference such as `quay.io/prometheus/prometheus:v3.13.5@sha256:…`; nothing if it is not known.
pub(super) fn image(reference: &str) -> Option<Image> {
    let name = reference.split('@').next().unwrap_or_default();
    // A colon before the last slash belongs to the registry's port.
    let name = match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    };
    let ends_with =
        |end: &str| name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    IMAGES.iter().find(|(end, _)| ends_with(end)).map(|(_, image)| *image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_tag_and_digest_do_not_matter() {
        for reference in [
            "quay.io/prometheus/prometheus:v3.13.5",
            "localhost:5000/mirror/prometheus/prometheus",
            "prom/prometheus@sha256:0123",
            "docker.io/prom/prometheus:latest@sha256:0123",
        ] {
            assert_eq!(image(reference), Some(PROMETHEUS), "{reference}");
        }
        assert_eq!(image("registry.k8s.io/etcd:3.6.5-0"), Some(ETCD));
        assert_eq!(image("quay.io/calico/typha:v3.32.1"), Some(Image::Calico(Calico::Typha)));
        for reference in ["registry.k8s.io/pause:3.10", "example.com/myetcd", "example.com/prometheus", ""] {
            assert_eq!(image(reference), None, "{reference}");
        }
    }

    #[test]
    fn every_file_is_a_program_of_the_rig() {
        for (name, image) in IMAGES {
            let Image::Program(program) = image else { continue };
            for (file, _) in program.files {
                let known = crate::components::COMPONENTS
                    .iter()
                    .any(|component| component.programs.iter().any(|known| known.name == *file));
                assert!(known, "{name}: {file}");
            }
        }
    }
}
