//! The compositions: a world of objects from an input, generating into it, and checking what was generated.

mod generate;
mod verify;
mod world;

pub use generate::{Asked, Chosen, Generated, Request, generate};
pub use world::World;
