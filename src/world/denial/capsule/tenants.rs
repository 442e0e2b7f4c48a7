//! What becomes of a tenant, and of a namespace in it: cordon, deletion, quota, membership. Sources stand above the rules, as
//! `path@v0.14.0`, and `old:` `path@v0.4.2`.

use super::{Of, Rule, rule};

const CORDONED: (Of, &str) = (Of::Tenant, "spec.cordoned");
const OWNERS: (Of, &str) = (Of::Tenant, "spec.owners");
const ADMINISTRATORS: (Of, &str) = (Of::Configuration, "spec.administrators");
const TENANT_LABEL: (Of, &str) = (Of::Request, "metadata.labels[capsule.clastix.io/tenant]");
const ADMINISTRATE: &str = "write as one of Capsule's administrators, or as an owner of the tenant";

pub(super) const RULES: &[Rule] = &[
    // internal/webhook/generic/cordoning.go
    rule(
        "cordon",
        &["The current namespace {} is cordoned"],
        "the namespace {0} is cordoned, so its people cannot write there",
        CORDONED,
        "wait until it is lifted: by :uncordon on the tenant, or by :resume if it is paused",
    ),
    // old: pkg/webhook/tenant/cordoning.go
    rule(
        "cordon-of-tenant",
        &["tenant {} is freezed"],
        "the tenant {0} is cordoned, so its people cannot write in its namespaces",
        CORDONED,
        "wait until it is lifted: by :uncordon on the tenant, or by :resume if it is paused",
    ),
    // internal/webhook/namespace/validation/cordoning.go; old: pkg/webhook/namespace/freezed.go, pkg/webhook/tenant/cordoning.go
    rule(
        "cordon-of-namespaces",
        &[
            "the selected tenant is cordoned",
            "the selected Tenant is freezed",
            "because the tenant is cordoned",
            "current Tenant is freezed",
        ],
        "its tenant is cordoned, so neither it nor what is in it can be changed",
        CORDONED,
        "wait until it is lifted: by :uncordon on the tenant, or by :resume if it is paused",
    ),
    // internal/webhook/tenant/validation/protected.go; old: pkg/webhook/tenant/protected.go
    rule(
        "protected",
        &["tenant is protected and cannot be deleted"],
        "the tenant is protected against being deleted",
        (Of::Tenant, "spec.preventDeletion"),
        "take the protection away first (:edit), then delete it",
    ),
    // internal/webhook/namespace/validation/handler.go
    rule(
        "terminating",
        &["tenant is terminating and does not accept new namespaces"],
        "the tenant is being deleted and takes no new namespaces",
        TENANT_LABEL,
        "wait until it is gone, or use another tenant",
    ),
    // pkg/api/errors/tenants.go, internal/webhook/namespace/validation/quota.go; old: pkg/webhook/namespace/{errors,quota}.go
    rule(
        "namespace-quota",
        &[
            "Cannot exceed Namespace quota",
            "namespace cannot be attached, quota exceeded",
            "quota exceeded for the current Tenant",
        ],
        "the tenant has as many namespaces as it may have",
        (Of::Tenant, "spec.namespaceOptions.quota"),
        "delete a namespace that is not needed, or have the number raised (:quota N on the tenant)",
    ),
    // internal/webhook/utils/tenant_get.go; old: pkg/webhook/ownerreference/patching.go
    rule(
        "no-tenant",
        &["You do not have any Tenant assigned"],
        "you own no tenant that it could belong to",
        OWNERS,
        "have somebody make you an owner (:owner+ NAME on the tenant)",
    ),
    // internal/webhook/namespace/mutation/assignment.go; old: pkg/webhook/ownerreference/patching.go
    rule(
        "several-tenants",
        &["Unable to assign namespace to tenant. Please use {} label", "Unable to assign namespace to tenant"],
        "you own several tenants, and it does not say which it is for",
        TENANT_LABEL,
        "label it capsule.clastix.io/tenant=TENANT (:ns+ NAME on a tenant does that)",
    ),
    // pkg/tenant/get_by.go; old: pkg/webhook/ownerreference/patching.go
    rule(
        "foreign-tenant",
        &["assign the desired namespace to a non-owned Tenant", "cannot be assigned to the current Tenant"],
        "the tenant that it names is not yours",
        OWNERS,
        "name a tenant of yours, or have its owners or administrators make it",
    ),
    // internal/webhook/namespace/{mutation/assignment,validation/handler}.go; old: pkg/webhook/namespace/patch.go
    rule(
        "foreign-namespace",
        &[
            "denied patch request for this namespace",
            "namespace/{} can not be patched",
            "namespace disallows patching relevant metadata",
        ],
        "the namespace belongs to a tenant that is not yours",
        OWNERS,
        "only owners of its tenant, and who administers the cluster, can change it",
    ),
    // internal/webhook/namespace/mutation/assignment.go
    rule(
        "namespace-of-nobody",
        &["namespace is not owned by any tenant"],
        "the namespace belongs to no tenant, so Capsule's users cannot change it",
        OWNERS,
        "use a namespace of a tenant of yours",
    ),
    // internal/webhook/namespace/{mutation/assignment,validation/handler}.go
    rule(
        "adoption",
        &["namespace can not be patched into a tenant"],
        "a namespace that is there already enters a tenant only by an administrator of Capsule",
        ADMINISTRATORS,
        ADMINISTRATE,
    ),
    rule(
        "release",
        &["namespace can not remove tenant ownership"],
        "a namespace leaves its tenant only by an administrator of Capsule",
        ADMINISTRATORS,
        "write as one of Capsule's administrators, and remove both label and owner reference",
    ),
    rule(
        "move",
        &["namespace can not be migrated between tenants"],
        "a namespace stays in its tenant",
        ADMINISTRATORS,
        "have an administrator of Capsule release it (label and owner reference) and adopt it anew",
    ),
    rule(
        "not-an-owner",
        &["only tenant owners can create tenant-owned namespaces"],
        "namespaces of tenants are made by owners of the tenant and by Capsule's administrators, and being cluster-admin is neither",
        ADMINISTRATORS,
        "act as an owner (:ns+ NAME on the tenant), or have yourself made an administrator of Capsule",
    ),
    // pkg/tenant/namespaces.go, internal/webhook/namespace/validation/handler.go
    rule(
        "label-without-owner",
        &["namespace has tenant label {} but no Tenant ownerReference"],
        "its label says that it belongs to the tenant {0}, and no owner reference does",
        TENANT_LABEL,
        "remove the label, or add the owner reference as an administrator of Capsule",
    ),
    rule(
        "owner-without-label",
        &["namespace has Tenant ownerReference {} but no tenant label"],
        "its owner reference says that it belongs to the tenant {0}, and no label does",
        TENANT_LABEL,
        "label it capsule.clastix.io/tenant={0}, or remove the owner reference",
    ),
    rule(
        "label-against-owner",
        &["namespace label {} does not match owner reference {}"],
        "its label names the tenant {0} and its owner reference {1}",
        TENANT_LABEL,
        "make both say the same",
    ),
    rule(
        "half-membership",
        &[
            "tenant label and ownerReference must both be set consistently",
            "namespace tenant ownership is incomplete",
            "namespace can not have multiple Tenant ownerReferences",
            "namespace references unknown Tenant",
            "tenant ownerReference UID mismatch",
            "namespace tenant ownership can not change during termination",
        ],
        "label and owner reference have to name the same tenant, one that exists, or both to be absent",
        TENANT_LABEL,
        "make both say the same",
    ),
    // internal/webhook/generic/managed.go
    rule(
        "managed",
        &["Labeling resources as controller managed"],
        "Capsule keeps this object itself, and only its controller and its administrators change it",
        ADMINISTRATORS,
        "change what it is made from, in the tenant; for bindings that is :owner+, :owner-, :bind+ and :bind-",
    ),
    // internal/webhook/serviceaccounts/{owner_promotion,promotion}.go
    rule(
        "promotion-of-tenant",
        &["service account owner promotion is disabled for this tenant"],
        "this tenant makes no ServiceAccounts its owners",
        (Of::Tenant, "spec.permissions.allowOwnerPromotion"),
        "have it made an owner by name (:owner+ sa:NAMESPACE/NAME on the tenant)",
    ),
    rule(
        "promotion",
        &["service account owner promotion is disabled", "service account promotion is disabled"],
        "ServiceAccounts cannot be made owners by a label here",
        (Of::Configuration, "spec.allowServiceAccountPromotion"),
        "have it made an owner by name (:owner+ sa:NAMESPACE/NAME on the tenant)",
    ),
    rule(
        "promotion-by-others",
        &["{} not allowed to promote serviceaccount"],
        "only owners of the tenant promote ServiceAccounts, and {0} is none",
        OWNERS,
        "have an owner do it",
    ),
];
