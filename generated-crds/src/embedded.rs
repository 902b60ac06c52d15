//! The tables compiled into this crate, read when first asked for.

use std::sync::OnceLock;

use serde_json::Value;

use crate::{
    compact::{Builder, CrdError},
    schema::Table,
};

impl Table {
    /// The ten kinds of monitoring.coreos.com, in the versions the committed CRDs hold.
    pub fn monitoring() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| parse(include_str!("../schema/monitoring.json")))
    }

    /// The kinds of Calico promwire reads or writes, from the CRDs in `calico/`: they state the fields that matter here, and take any
    /// others.
    pub fn calico() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| parse(include_str!("../schema/calico.json")))
    }

    /// The built-in kinds promwire reads or writes, from k8s-openapi's own schemas (Kubernetes v1.36).
    pub fn kubernetes() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| parse(include_str!("../schema/kubernetes.json")))
    }

    /// The table of these CRDs, with the API server's `metadata`. Of several with the same group, version and kind the last one counts.
    pub fn from_crds<'a>(crds: impl IntoIterator<Item = &'a Value>) -> Result<Self, CrdError> {
        let mut builder = Builder::with_object_meta(Self::kubernetes());
        crds.into_iter().try_for_each(|crd| builder.crd(crd))?;
        Ok(builder.finish())
    }
}

fn parse(text: &str) -> Table {
    serde_json::from_str(text).expect("the same types wrote it, and a test reads it")
}
