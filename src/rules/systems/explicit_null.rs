use crate::chain::Chain;
use crate::chain::runtime;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A field of the `spec` of a Service or of a monitor is `null`.
    ///
    /// ## Why it matters
    ///
    /// It says the same as leaving the field out, for most tools. With server-side apply it is not: null owns nothing and removes
    /// nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selector: null
    ///   ports: [{name: metrics, port: 9187}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ```
    EXPLICIT_NULL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let kinds = MonitorKind::ALL.into_iter().map(MonitorKind::group_kind).chain([GroupKind::SERVICE]);
    let objects = kinds.flat_map(|kind| chain.setting.inventory.of_kind(kind));
    objects
        .filter(|object| !runtime::is_made(*object))
        .filter_map(|object| {
            let mut fields = object.at(&["spec"]).into_iter().flat_map(Node::entries);
            let field = fields.find(|entry| entry.value.is_null())?;
            let message = format!("`{}` of `{}` is written down as null", field.key, object.identity());
            Some(
                Diagnostic::new(Code::EXPLICIT_NULL, message)
                    .about(object.subject())
                    .at(object.place_at(&["spec", field.key]), "")
                    .help("leave it out"),
            )
        })
        .collect()
}
