//! A Secret or `ConfigMap`: who refers to it, by name or as files.

use super::{Branch, View};
use crate::chain::files::There;
use crate::chain::references::Reached;
use crate::diagnostic::Verdict;
use crate::model::object::Object;

impl<'w> View<'_, 'w> {
    pub(super) fn referred(&mut self, object: Object<'w>) -> Vec<Branch> {
        let chain = self.chain;
        let mut branches = Vec::new();
        for reference in &chain.references {
            let (verdict, what) = match &reference.to {
                Reached::Key(to) if to.id() == object.id() => (Verdict::Holds, "refers to the key"),
                Reached::NoKey(to, _) if to.id() == object.id() => {
                    (Verdict::Broken, "refers to a key it lacks:")
                }
                Reached::Hidden(to) if to.id() == object.id() => (Verdict::Unknown, "refers to the key"),
                Reached::Absent(Some(near)) if near.id() == object.id() => {
                    (Verdict::Broken, "refers to such an object of its own namespace, key")
                }
                _ => continue,
            };
            self.concerned.insert(reference.monitor.id());
            let branch = Branch::of(verdict, reference.monitor, &format!("{what} `{}`", reference.key));
            branches.push(branch.at(Some(reference.node.place())));
        }
        for file in &chain.files {
            let (verdict, to) = match &file.there {
                There::Key(to, _) => (Verdict::Holds, to),
                There::NoKey(to, _) => (Verdict::Broken, to),
                _ => continue,
            };
            if to.id() == object.id() {
                self.concerned.insert(file.monitor.id());
                let branch = Branch::of(verdict, file.monitor, &format!("names the file `{}`", file.path));
                branches.push(branch.at(Some(file.node.place())));
            }
        }
        if branches.is_empty() {
            branches.push(Branch::plain("no monitor of the input refers to it"));
        }
        branches
    }
}
