//! Names of generated RoleBindings.

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
