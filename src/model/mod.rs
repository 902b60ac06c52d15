//! Objects: identity, origin, schema, label selectors and the indexed inventory.
