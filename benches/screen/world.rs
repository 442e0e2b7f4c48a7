//! Worlds of any size.

use tenantry::console::keymap::Keymap;
use tenantry::console::model::Model;
use tenantry::console::msg::Msg;
use tenantry::console::update::update;
use tenantry::world::binding::{Binding, RoleRef, Subject};
use tenantry::world::feed::{Change, Feed, Scope, What};
use tenantry::world::identity::Place;
use tenantry::world::namespace::Namespace;
use tenantry::world::store::Row;
use tenantry::world::tenant::Tenant;

/// When it is, in Unix seconds.
pub const NOW: i64 = 1_795_348_800;

/// How many namespaces a tenant has, unless it is asked for otherwise.
pub const SPACES: usize = 5;

/// A console's model of a world: so many namespaces, so many of them to a tenant, and so many bindings in them.
pub fn model(namespaces: usize, spaces: usize, bindings: usize, size: (u16, u16)) -> Model {
    let mut model = Model::new(Keymap::shipped(), false, size, NOW * 1000);
    furnish(&mut model, namespaces, spaces, bindings);
    model
}

/// Tells a model of such a world.
pub fn furnish(model: &mut Model, namespaces: usize, spaces: usize, bindings: usize) {
    model.here.generation = 1;
    let place = Place { context: "bench".into(), ..Place::default() };
    update(model, Msg::Opened(1, Ok(Box::new(place))));
    let tenants = (0..namespaces.div_ceil(spaces)).map(|number| tenant(&format!("tenant-{number}")));
    all(model, Feed::Tenants, tenants.collect());
    all(model, Feed::Namespaces, (0..namespaces).map(|number| namespace(number, spaces)).collect());
    all(model, Feed::Bindings, (0..bindings).map(|number| binding(number, namespaces, spaces)).collect());
    all(model, Feed::ClusterBindings, Vec::new());
    all(model, Feed::Roles, Vec::new());
    all(model, Feed::ClusterRoles, Vec::new());
    update(model, Msg::Cluster(1, Feed::Connected));
}

fn all<R: Row>(model: &mut Model, feed: impl Fn(Change<R>) -> Feed, rows: Vec<R>) {
    for what in [What::Begin, What::Rows(rows), What::Synced] {
        update(model, Msg::Cluster(1, feed(Change { scope: Scope::Cluster, what })));
    }
}

/// A namespace changes.
pub fn event(number: usize) -> Msg {
    let mut changed = namespace(number * 7919 % 5_000, SPACES);
    changed.cordoned = number.is_multiple_of(2);
    Msg::Cluster(1, Feed::Namespaces(Change { scope: Scope::Cluster, what: What::Rows(vec![changed]) }))
}

fn tenant(name: &str) -> Tenant {
    Tenant {
        name: name.into(),
        uid: name.into(),
        created: NOW - 1_000_000,
        generation: 1,
        observed_generation: Some(1),
        quota: Some(9),
        size: 5,
        ..Tenant::default()
    }
}

fn namespace(number: usize, spaces: usize) -> Namespace {
    let kind = ["web", "db", "job", "lab", "test"][number % 5];
    Namespace {
        name: format!("tenant-{}-{kind}", number / spaces).as_str().into(),
        uid: number.to_string().as_str().into(),
        created: NOW - number as i64,
        tenant: Some(format!("tenant-{}", number / spaces).as_str().into()),
        ..Namespace::default()
    }
}

fn binding(number: usize, namespaces: usize, spaces: usize) -> Binding {
    let place = namespace(number % namespaces.max(1), spaces).name;
    Binding {
        namespace: Some(place),
        name: format!("binding-{}", number / namespaces.max(1)).as_str().into(),
        role: RoleRef { cluster: true, name: "admin".into() },
        subjects: [Subject::User(format!("user-{}", number % 97).as_str().into())].into(),
        kept_for: None,
        maker: None,
        created: NOW - 60,
    }
}
