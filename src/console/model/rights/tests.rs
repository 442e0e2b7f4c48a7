use super::*;
use crate::world::feed::{Change, Feed, Scope, What};
use crate::world::tenant;
use crate::world::testing::{self, account, group, user};

/// The group devs is bound in lab, and the group drillers owns a tenant.
fn world() -> World {
    let mut oil = testing::tenant("oil");
    oil.owners = vec![tenant::Owner { subject: group("drillers"), cluster_roles: vec![] }];
    let bound = testing::binding(Some("lab"), "b", "view", &[group("devs"), account("lab", "robot")]);
    let mut world = World::default();
    for what in [What::Begin, What::Rows(vec![oil]), What::Synced] {
        world.apply(Feed::Tenants(Change { scope: Scope::Cluster, what }), 0);
    }
    for what in [What::Begin, What::Rows(vec![bound]), What::Synced] {
        world.apply(Feed::Bindings(Change { scope: Scope::Cluster, what }), 0);
    }
    world
}

#[test]
fn somebody_is_read_as_people_write_him() {
    let world = world();
    let read = |typed: &str| subject_of(&world, typed).unwrap();
    for (typed, meant) in [
        ("alice", user("alice")),
        ("user:devs", user("devs")),
        ("group:devs", group("devs")),
        ("sa:oil-web/ci", account("oil-web", "ci")),
        ("system:serviceaccount:oil-web:ci", account("oil-web", "ci")),
        ("u:alice", user("alice")),
        ("g:devs", group("devs")),
        ("s:oil-web/ci", account("oil-web", "ci")),
        // Whom bindings or tenants name so goes before what the words would mean.
        ("devs", group("devs")),
        ("drillers", group("drillers")),
        ("lab/robot", account("lab", "robot")),
    ] {
        assert_eq!(read(typed), meant, "{typed}");
    }
    for typed in ["alice", "group:devs", "sa:a/b"] {
        assert_eq!(Owner::of(&read(typed)).map(|owner| owner.spelt()).as_deref(), Some(typed), "as it was typed");
    }
    for wrong in ["", "group:", "sa:oil-web", "sa:Oil/ci"] {
        assert!(subject_of(&world, wrong).is_err(), "{wrong:?}");
    }
}
