//! `KIND/NAME`, as kubectl takes it.

use std::fmt;
use std::str::FromStr;

/// Kinds a monitor can be made for: group, kind, and the other words kubectl knows them by.
const SPELLINGS: &[(&str, &str, &[&str])] = &[
    ("", "Service", &["services", "svc"]),
    ("", "Pod", &["pods", "po"]),
    ("", "ReplicationController", &["replicationcontrollers", "rc"]),
    ("apps", "DaemonSet", &["daemonsets", "ds"]),
    ("apps", "Deployment", &["deployments", "deploy"]),
    ("apps", "ReplicaSet", &["replicasets", "rs"]),
    ("apps", "StatefulSet", &["statefulsets", "sts"]),
    ("batch", "CronJob", &["cronjobs", "cj"]),
    ("batch", "Job", &["jobs"]),
];

/// A Service or workload by kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) name: String,
}

impl Reference {
    pub(super) fn is_service(&self) -> bool {
        self.kind == "Service"
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, name) = text
            .split_once('/')
            .filter(|(word, name)| !word.is_empty() && !name.is_empty() && !name.contains('/'))
            .ok_or("what to monitor is KIND/NAME, such as `service/api` or `deployment/worker`")?;
        // kubectl also takes the group: `deployment.apps/api`.
        let (word, group) = word.split_once('.').map_or((word, None), |(word, group)| (word, Some(group)));
        let lower = word.to_ascii_lowercase();
        let found = SPELLINGS.iter().find(|(known_group, kind, others)| {
            (kind.to_ascii_lowercase() == lower || others.contains(&lower.as_str()))
                && group.is_none_or(|group| group == *known_group)
        });
        let (group, kind, _) = found.ok_or_else(|| {
            let kinds: Vec<String> = SPELLINGS.iter().map(|(_, kind, _)| kind.to_ascii_lowercase()).collect();
            format!("`{word}` is no kind that can be monitored; those are {}", kinds.join(", "))
        })?;
        Ok(Self { group, kind, name: name.to_owned() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_ascii_lowercase(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workload;

    #[test]
    fn reads_what_kubectl_reads() {
        for text in ["deployment/api", "deploy/api", "Deployments/api", "deployment.apps/api"] {
            assert_eq!(
                text.parse::<Reference>().map(|found| found.to_string()),
                Ok("deployment/api".to_owned())
            );
        }
        for text in ["api", "deployment/", "/api", "a/b/c", "secret/api", "deployment.batch/api"] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_kind_that_makes_pods_can_be_named() {
        for known in workload::kinds() {
            let named = |(group, kind, _): &(&str, &str, _)| *group == known.group && *kind == known.kind;
            assert!(SPELLINGS.iter().any(named), "{}", known.kind);
        }
    }
}
