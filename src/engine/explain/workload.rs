//! Something that makes pods: which Services and `PodMonitors` find it, and through them which Prometheus.

use super::{Branch, View};
use crate::diagnostic::Verdict;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;

impl<'w> View<'_, 'w> {
    pub(super) fn workload(&mut self, object: Object<'w>) -> Vec<Branch> {
        let chain = self.chain;
        let mut branches = Vec::new();
        for backing in chain.backings.all() {
            let is_behind =
                backing.workloads.iter().any(|item| chain.workloads.get(*item).object.id() == object.id());
            if !is_behind {
                continue;
            }
            self.concerned.insert(backing.service.id());
            let finders = self.finders(backing.service, MonitorKind::Service);
            let finders = if finders.is_empty() {
                vec![Branch::new(Verdict::Unknown, "no monitor of the input selects it")]
            } else {
                finders
            };
            branches.push(Branch::of(Verdict::Holds, backing.service, "leads to it").with(finders));
        }
        branches.extend(self.finders(object, MonitorKind::Pod));
        if branches.is_empty() {
            branches
                .push(Branch::new(Verdict::Unknown, "no Service and no PodMonitor of the input finds it"));
        }
        if let Some(template) = PodTemplate::of(object) {
            let ports: Vec<String> = template
                .ports()
                .into_iter()
                .map(|port| format!("{} ({})", port.name.unwrap_or("without name"), port.number))
                .collect();
            let title = match ports.as_slice() {
                [] => "its containers declare no ports".to_owned(),
                ports => format!("its containers declare {}", ports.join(", ")),
            };
            branches.push(Branch::plain(title));
        }
        branches.extend(self.policies(object));
        branches
    }
}
