//! What a chain is traced in.

use super::completeness::Completeness;
use crate::model::inventory::Inventory;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::operator::Reality;
use crate::pki::Moment;

/// The objects, and what is assumed besides them.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'w> {
    /// The objects of the input, and those that are [made at run time](super::runtime).
    pub inventory: &'w Inventory,
    /// The schemas.
    pub schemas: &'w SchemaSet,
    /// The operator and the versions.
    pub reality: &'w Reality,
    /// What the input shows in full.
    pub completeness: &'w Completeness,
    /// The moment certificates are judged at.
    pub now: Moment,
}

impl<'w> Setting<'w> {
    /// The object with this number.
    pub fn object(&self, id: crate::model::object::ObjectId) -> Object<'w> {
        self.inventory.object(id)
    }
}
