//! Names and metadata of namespaces, and hostnames.

use super::{Of, Rule, rule};

const PREFIX: (Of, &str) = (Of::Configuration, "spec.forceTenantPrefix");
const REQUIRED: (Of, &str) = (Of::Tenant, "spec.namespaceOptions.requiredMetadata");
const SELECTOR: (Of, &str) = (Of::Tenant, "spec.nodeSelector");
const HOSTNAMES: (Of, &str) = (Of::Tenant, "spec.ingressOptions.allowedHostnames");

pub(super) const RULES: &[Rule] = &[
    // internal/webhook/utils/tenant_get.go; old: pkg/webhook/ownerreference/patching.go
    rule(
        "prefix-of-none",
        &["The Namespace prefix used doesn't match any available Tenant"],
        "its name does not begin with the name of a tenant of yours",
        PREFIX,
        "begin it with TENANT- (:ns+ NAME on a tenant says so beforehand)",
    ),
    rule(
        "prefix-of-several",
        &[
            "The Namespace prefix matches more than one available Tenant",
            "prefix used matches more than one available Tenant",
        ],
        "its name begins with the names of several tenants of yours",
        PREFIX,
        "label it capsule.clastix.io/tenant=TENANT (:ns+ NAME on a tenant does that)",
    ),
    rule(
        "prefix-of-tenant",
        &["The Namespace name must start with '{}' when ForceTenantPrefix is enabled"],
        "names of namespaces in this tenant begin with {0}",
        (Of::Tenant, "spec.forceTenantPrefix"),
        "begin it with {0}",
    ),
    // internal/webhook/namespace/validation/prefix.go; old: pkg/webhook/namespace/prefix.go
    rule(
        "prefix",
        &[
            "doesn't match the tenant prefix, expected prefix {}",
            "doesn't match the tenant prefix, expected {}",
            "does not match the expected prefix for the elected tenant ({})",
            "does not match the expected prefix for the current Tenant",
        ],
        "its name does not begin with the tenant's[; expected: {0}]",
        PREFIX,
        "begin it with TENANT-",
    ),
    rule(
        "protected-name",
        &["Creating namespaces with name matching {} regexp is not allowed"],
        "names that match {0} are kept for the platform",
        (Of::Configuration, "spec.protectedNamespaceRegex"),
        "choose another name",
    ),
    // pkg/api/forbidden_list.go, internal/webhook/{namespace/validation/user_metadata,service/validating}.go
    rule(
        "annotation",
        &["annotations validation failed: {} is forbidden for the current Tenant", "Annotation {} is forbidden for"],
        "the annotation {0} is forbidden here[; forbidden: {list}]",
        (Of::Tenant, "spec.namespaceOptions.forbiddenAnnotations"),
        "leave it out",
    ),
    // old: pkg/webhook/namespace/{errors,user_metadata}.go
    rule(
        "label",
        &["labels validation failed: {} is forbidden for the current Tenant", "Label {} is forbidden for"],
        "the label {0} is forbidden here[; forbidden: {list}]",
        (Of::Tenant, "spec.namespaceOptions.forbiddenLabels"),
        "leave it out",
    ),
    rule(
        "metadata",
        &["{} is forbidden for the current Tenant. Forbidden are"],
        "{0} is forbidden here[; forbidden: {list}]",
        (Of::Tenant, "spec.namespaceOptions.forbiddenLabels or forbiddenAnnotations"),
        "leave it out",
    ),
    // internal/webhook/namespace/validation/required_metadata.go
    rule(
        "required-missing",
        &["required {} {} not present"],
        "the {0} {1} has to be there",
        REQUIRED,
        "add it (:label or :annotate)",
    ),
    rule(
        "required-value",
        &["required {} {} value {} does not match regex {}"],
        "the {0} {1} has to match {3}, and {2} does not",
        REQUIRED,
        "give it another value",
    ),
    rule(
        "required-regex",
        &["invalid required {} regex for {}"],
        "the tenant demands the {0} {1} by a rule that cannot be read",
        REQUIRED,
        "have the tenant put right",
    ),
    // internal/webhook/namespace/validation/user_metadata.go; old: pkg/webhook/namespace/user_metadata.go
    rule(
        "node-selector",
        &["node-selector is enforced via tenant", "node-selector annotation is enforced"],
        "the tenant says on which nodes its pods run, and the annotation for that stays",
        SELECTOR,
        "leave the annotation as it is",
    ),
    // pkg/api/errors/ingress.go, internal/webhook/ingress/*.go; old: pkg/webhook/ingress/*.go
    rule(
        "hostname",
        &["Hostnames {} are not valid for the current Tenant", "hostname is not valid"],
        "the tenant may not have these hosts[: {0}][; allowed: {list}]",
        HOSTNAMES,
        "use one of its hosts, or have it given this one (:host+ NAME on the tenant)",
    ),
    rule(
        "hostname-empty",
        &["empty hostname is not allowed", "hostname is empty"],
        "every rule has to name a host[; allowed: {list}]",
        HOSTNAMES,
        "name one",
    ),
    rule(
        "hostname-taken",
        &["hostname {} is already used across the cluster", "hostname is colliding"],
        "the host[ {0}] is taken by another ingress: of this tenant, or of another",
        (Of::Tenant, "spec.ingressOptions.hostnameCollisionScope"),
        "use another host or path, or find who has it (:ing -A /HOST)",
    ),
    rule(
        "wildcard",
        &["Wildcard denied for tenant {}", "Wildcard denied"],
        "the tenant[ {0}] may have no hosts with *",
        (Of::Tenant, "spec.ingressOptions.allowWildcardHostnames"),
        "name the hosts one by one",
    ),
];
