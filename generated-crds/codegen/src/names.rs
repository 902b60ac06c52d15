//! The name of every type.
//!
//! A type that stands at one property of one other type is named after both (`PodMonitorSpec` + `selector` → `PodMonitorSelector`).
//! One that is shared, or whose name would be unwieldy, is in [`table`]. A shared type that is not there is an error: a person names it.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use table::{CASE_TWINS, FIELDS, TABLE};

use crate::{
    Result,
    model::{Field, Model, Ty},
    substitute::ends_with,
};

/// The chosen names, by position in the model.
pub(crate) struct Names {
    pub(crate) structs: Vec<String>,
    pub(crate) enums: Vec<String>,
}

/// Where a type is used: the type it is a property of, and the property.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Kind(usize),
    Struct(usize),
}

impl Names {
    pub(crate) fn of(model: &Model) -> Result<Self> {
        let mut uses: BTreeMap<Id, BTreeSet<(Owner, &Field)>> = BTreeMap::new();
        for (i, kind) in model.kinds.iter().enumerate() {
            collect(Owner::Kind(i), &kind.fields, &mut uses);
        }
        for (i, object) in model.structs.iter().enumerate() {
            collect(Owner::Struct(i), &object.fields, &mut uses);
        }
        let suffixes: Vec<_> =
            model.kinds.iter().filter(|kind| !kind.storage).map(|kind| capitalised(&kind.version)).collect();
        let mut names: BTreeMap<Id, String> = BTreeMap::new();
        let mut stale: BTreeSet<_> = TABLE.iter().map(|(ending, _)| *ending).collect();
        let mut unnamed = Vec::new();
        // Types are numbered after the types in them, so from the end every owner is named before what it owns.
        let ids = (0..model.structs.len()).rev().map(Id::Struct).chain((0..model.enums.len()).map(Id::Enum));
        for id in ids {
            let sites = id.sites(model);
            let rows: BTreeSet<_> = TABLE
                .iter()
                .filter(|(ending, _)| sites.iter().any(|site| ends_with(&unversioned(site), ending)))
                .inspect(|(ending, _)| {
                    stale.remove(ending);
                })
                .map(|(_, name)| *name)
                .collect();
            let owners = || uses[&id].iter().map(|(owner, field)| (*owner, *field));
            let own: BTreeSet<_> = owners()
                .map(|(owner, field)| match owner {
                    Owner::Kind(kind) => combined(&model.kinds[kind].kind, field),
                    Owner::Struct(object) => {
                        let name = names.get(&Id::Struct(object)).map_or("", String::as_str);
                        // The same place in another version of a kind is the same place.
                        combined(
                            suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name),
                            field,
                        )
                    }
                })
                .collect();
            let chosen = match rows.len() {
                0 if own.len() == 1 => own.into_iter().next().unwrap_or_default(),
                0 => {
                    unnamed.push(format!("{} ({} places)", sites[0], sites.len()));
                    continue;
                }
                1 => rows.first().copied().unwrap_or_default().to_owned(),
                _ => {
                    return Err(format!(
                        "codegen/src/names/table.rs: {} has several names: {rows:?}",
                        sites[0]
                    ));
                }
            };
            names.insert(id, versioned(chosen, sites));
        }
        if !unnamed.is_empty() {
            return Err(format!(
                "shared types without a name; add each to codegen/src/names/table.rs:\n  {}",
                unnamed.join("\n  ")
            ));
        }
        if !stale.is_empty() {
            return Err(format!("codegen/src/names/table.rs: no type stands at {stale:?} any more"));
        }
        let mut taken: BTreeMap<_, _> =
            model.kinds.iter().map(|kind| (kind.type_name(), "a kind".to_owned())).collect();
        for (id, name) in &names {
            let site = id.sites(model)[0].clone();
            if let Some(other) = taken.insert(name.clone(), site.clone()) {
                return Err(format!(
                    "codegen/src/names/table.rs: `{name}` would name two types: {other} and {site}"
                ));
            }
        }
        let listed = |id: Id| names.get(&id).cloned().unwrap_or_default();
        Ok(Self {
            structs: (0..model.structs.len()).map(|i| listed(Id::Struct(i))).collect(),
            enums: (0..model.enums.len()).map(|i| listed(Id::Enum(i))).collect(),
        })
    }

    /// The Rust name of a property, given kopium's.
    pub(crate) fn field(object: &str, property: &str, kopium: &str, all: &[Field]) -> Result<String> {
        if let Some((_, name)) = FIELDS.iter().find(|(at, _)| *at == property) {
            return Ok((*name).to_owned());
        }
        let twins = || all.iter().filter(|field| field.name.eq_ignore_ascii_case(property));
        if twins().count() == 1 {
            return Ok(kopium.to_owned());
        }
        let row = |name: &str| CASE_TWINS.iter().find(|(at, twin, _)| *at == object && *twin == name);
        if let Some((_, _, name)) = row(property) {
            return Ok((*name).to_owned());
        }
        if twins().filter(|field| row(&field.name).is_none()).count() == 1 {
            return Ok(kopium.trim_end_matches("_x").to_owned());
        }
        Err(format!(
            "`{object}` has properties that differ in casing only ({property}); name one in CASE_TWINS of codegen/src/names/table.rs"
        ))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Id {
    Struct(usize),
    Enum(usize),
}

impl Id {
    fn sites(self, model: &Model) -> &[String] {
        match self {
            Self::Struct(i) => &model.structs[i].sites,
            Self::Enum(i) => &model.enums[i].sites,
        }
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Field {}

impl PartialOrd for Field {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Field {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(&other.name)
    }
}

fn collect<'a>(owner: Owner, fields: &'a [Field], uses: &mut BTreeMap<Id, BTreeSet<(Owner, &'a Field)>>) {
    for field in fields {
        let mut ty = &field.ty;
        while let Ty::List(inner) | Ty::Map(inner) = ty {
            ty = inner;
        }
        let id = match ty {
            Ty::Struct(i) => Id::Struct(*i),
            Ty::Enum(i) => Id::Enum(*i),
            _ => continue,
        };
        uses.entry(id).or_default().insert((owner, field));
    }
}

/// `PodMonitorSpec` + `selector` → `PodMonitorSelector`; a list's item is in the singular.
fn combined(owner: &str, field: &Field) -> String {
    let owner = if owner.len() > 4 { owner.strip_suffix("Spec").unwrap_or(owner) } else { owner };
    let word = if matches!(field.ty, Ty::List(_)) { field.name.trim_end_matches('s') } else { &field.name };
    let mut name = owner.to_owned();
    let (mut capital, mut upper_before) = (true, false);
    for c in word.chars() {
        if c == '_' {
            capital = true;
            continue;
        }
        // Rust's casing: `clusterTLS` → `ClusterTls`.
        let upper = c.is_ascii_uppercase();
        name.push(match (capital, upper && upper_before) {
            (true, _) => c.to_ascii_uppercase(),
            (false, true) => c.to_ascii_lowercase(),
            (false, false) => c,
        });
        (capital, upper_before) = (false, upper);
    }
    name
}

/// Types only in versions objects are not stored in carry the version in their names.
fn versioned(name: String, sites: &[String]) -> String {
    let version = |site: &String| {
        let root = site.split('.').next().unwrap_or_default();
        root.split_once('@').map(|(_, version)| version.to_owned())
    };
    match sites.iter().map(version).collect::<Option<BTreeSet<_>>>() {
        Some(versions) => {
            let version = versions.into_iter().next().unwrap_or_default();
            name + &capitalised(&version)
        }
        None => name,
    }
}

/// `AlertmanagerConfig@v1beta1.spec` → `AlertmanagerConfig.spec`.
fn unversioned(site: &str) -> String {
    match (site.find('@'), site.find('.')) {
        (Some(start), Some(end)) => format!("{}{}", &site[..start], &site[end..]),
        _ => site.to_owned(),
    }
}

/// `v1beta1` → `V1beta1`.
pub(crate) fn capitalised(version: &str) -> String {
    version.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Struct};

    fn field(name: &str, ty: Ty) -> Field {
        Field { name: name.to_owned(), ty, required: false }
    }

    #[test]
    fn a_type_of_one_place_is_named_after_its_owner() {
        assert_eq!(combined("PodMonitorSpec", &field("selector", Ty::Struct(0))), "PodMonitorSelector");
        assert_eq!(combined("Rule", &field("keep_firing_for", Ty::Struct(0))), "RuleKeepFiringFor");
        assert_eq!(combined("Alertmanager", &field("clusterTLS", Ty::Struct(0))), "AlertmanagerClusterTls");
        assert_eq!(combined("Probe", &field("params", Ty::List(Box::new(Ty::Struct(0))))), "ProbeParam");
    }

    #[test]
    fn only_what_no_stored_version_has_carries_its_version() {
        let sites = |sites: &[&str]| sites.iter().map(|site| (*site).to_owned()).collect::<Vec<_>>();
        assert_eq!(versioned("Route".to_owned(), &sites(&["A.spec.route", "A@v1beta1.spec.route"])), "Route");
        assert_eq!(versioned("Route".to_owned(), &sites(&["A@v1beta1.spec.route"])), "RouteV1beta1");
        assert_eq!(unversioned("A@v1beta1.spec.route"), "A.spec.route");
    }

    #[test]
    fn a_shared_type_without_a_name_is_an_error() {
        let owner = |name: &str| Struct {
            fields: vec![field("new", Ty::Struct(0))],
            open: false,
            sites: vec![format!("Kind.spec.{name}")],
        };
        let new = Struct {
            fields: Vec::new(),
            open: false,
            sites: vec!["Kind.spec.a.new".to_owned(), "…".to_owned()],
        };
        let kind = Kind {
            kind: "Kind".to_owned(),
            version: "v1".to_owned(),
            plural: "kinds".to_owned(),
            storage: true,
            fields: vec![field("a", Ty::Struct(1)), field("b", Ty::Struct(2))],
        };
        let model =
            Model { kinds: vec![kind], structs: vec![new, owner("a"), owner("b")], enums: Vec::new() };
        let error = Names::of(&model).err().expect("two types have it");
        assert!(error.ends_with("names/table.rs:\n  Kind.spec.a.new (2 places)"), "{error}");
    }

    #[test]
    fn properties_that_differ_in_casing_need_a_row() {
        let all = [field("proxyURL", Ty::Any), field("proxyUrl", Ty::Any)];
        let named = |object, property, kopium| Names::field(object, property, kopium, &all);
        assert_eq!(named("HttpConfig", "proxyURL", "proxy_url").as_deref(), Ok("proxy_url_deprecated"));
        assert_eq!(named("HttpConfig", "proxyUrl", "proxy_url_x").as_deref(), Ok("proxy_url"));
        assert!(named("Other", "proxyUrl", "proxy_url_x").is_err());
    }
}
