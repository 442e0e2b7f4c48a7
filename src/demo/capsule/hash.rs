//! Hashes of generated RoleBindings: in names and labels.

/// The hash in `capsule:managed:<hash>` of Capsule 0.14: FNV-1a (64 bit) over length-prefixed fields, as Capsule's
/// `pkg/utils/hashes.go` `RoleBindingHashFunc`. Subjects are (API group, kind, namespace, name).
pub fn role_binding(cluster_role: &str, subjects: &[(&str, &str, &str, &str)]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut field = |value: &str| {
        for byte in (value.len() as u64).to_le_bytes().iter().chain(value.as_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    field(cluster_role);
    for (group, kind, namespace, name) in subjects {
        for value in [group, kind, namespace, name] {
            field(value);
        }
    }
    format!("{hash:x}")
}

/// The label of a RoleBinding of Capsule 0.4: FNV-1a (64 bit) over the role and each subject's kind and name, as
/// `controllers/tenant/rolebindings.go`.
pub fn role_binding_old(cluster_role: &str, subjects: &[(&str, &str, &str, &str)]) -> String {
    let parts = subjects.iter().flat_map(|(_, kind, _, name)| [*kind, *name]);
    let bytes = std::iter::once(cluster_role).chain(parts).flat_map(str::bytes);
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:x}")
}
