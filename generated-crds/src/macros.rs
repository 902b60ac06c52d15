//! What the generated modules are written in: the parts of a type that are the same for all of its sort.

/// A kind: its object with `metadata`, its names, and reading and writing with `apiVersion` and `kind`.
macro_rules! kind {
    (
        $(#[$meta:meta])*
        $name:ident = $kind:literal, group $group:literal, version $version:literal, api_version $api:literal,
        plural $plural:literal, list $list:literal {
            $($(#[serde($($serde:tt)*)])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// Name, namespace, labels, annotations and what the API server keeps about the object.
            pub metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
            $(pub $field: $type,)*
        }

        impl k8s_openapi::Resource for $name {
            const API_VERSION: &'static str = $api;
            const GROUP: &'static str = $group;
            const KIND: &'static str = $kind;
            const VERSION: &'static str = $version;
            const URL_PATH_SEGMENT: &'static str = $plural;
            type Scope = k8s_openapi::NamespaceResourceScope;
        }

        impl k8s_openapi::ListableResource for $name {
            const LIST_KIND: &'static str = $list;
        }

        impl k8s_openapi::Metadata for $name {
            type Ty = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

            fn metadata(&self) -> &Self::Ty {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut Self::Ty {
                &mut self.metadata
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(serde::Serialize)]
                struct Written<'a> {
                    #[serde(rename = "apiVersion")]
                    api_version: &'static str,
                    kind: &'static str,
                    metadata: &'a k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
                    $($(#[serde($($serde)*)])* $field: &'a $type,)*
                }
                let written =
                    Written { api_version: $api, kind: $kind, metadata: &self.metadata, $($field: &self.$field,)* };
                serde::Serialize::serialize(&written, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                fn api_version<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
                    crate::macros::expect(deserializer, "apiVersion", $api)
                }
                fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
                    crate::macros::expect(deserializer, "kind", $kind)
                }
                #[derive(serde::Deserialize)]
                struct Read {
                    #[serde(rename = "apiVersion", deserialize_with = "api_version")]
                    #[allow(dead_code, reason = "reading it checks it")]
                    api_version: (),
                    #[serde(deserialize_with = "kind")]
                    #[allow(dead_code, reason = "reading it checks it")]
                    kind: (),
                    #[serde(default)]
                    metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
                    $($(#[serde($($serde)*)])* $field: $type,)*
                }
                let read: Read = serde::Deserialize::deserialize(deserializer)?;
                Ok(Self { metadata: read.metadata, $($field: read.$field,)* })
            }
        }
    };
}

/// A string with a fixed set of values. Any other is an error that lists them.
macro_rules! values {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(#[doc = concat!("`", $value, "`")] #[serde(rename = $value)] $variant,)+
        }

        impl $name {
            /// Every value, in the schema's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value as it is written in an object.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)+
                }
            }
        }
    };
}

pub(crate) use {kind, values};

use serde::{Deserialize, Deserializer, de::Error};

/// Reads a field that has one right value.
pub(crate) fn expect<'de, D: Deserializer<'de>>(
    deserializer: D,
    field: &str,
    wanted: &str,
) -> Result<(), D::Error> {
    let found = String::deserialize(deserializer)?;
    if found == wanted {
        return Ok(());
    }
    Err(D::Error::custom(format_args!("{field} is `{found}`, not `{wanted}`")))
}
