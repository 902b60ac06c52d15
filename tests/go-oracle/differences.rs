//! Where promwire reads otherwise than Go, and why. Every difference the oracle finds must be one of these.

/// One document as both read it: the JSON, or none when it is refused.
pub(crate) struct Case<'a> {
    pub(crate) stream: &'a str,
    pub(crate) ours: Option<&'a serde_json::Value>,
    pub(crate) message: &'a str,
    pub(crate) go: Option<&'a serde_json::Value>,
    /// What Go says when it refuses.
    pub(crate) go_error: &'a str,
    /// Two keys of one mapping have the same name in JSON.
    pub(crate) collision: bool,
}

pub(crate) struct Difference {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) applies: fn(&Case<'_>) -> bool,
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "colliding keys",
        reason: "`1` and `\"1\"` are two keys for Go's YAML and one for its JSON, and which value stays is random \
                 there; here the last one stays, with a finding",
        applies: |case| case.collision && case.ours.is_some() && case.go.is_some(),
    },
    Difference {
        name: "deep nesting",
        reason: "Go stops at 10,000 levels, promwire at 512, so that no reader of the tree needs a large stack",
        applies: |case| case.message == "nested deeper than 512 levels" && case.ours.is_none(),
    },
];
