//! Namespace rules (`spec.rules`, from 0.13), quotas of Capsule's own, what it replicates, and its own objects.

use super::{Of, Rule, rule};

const REGISTRIES: (Of, &str) = (Of::Tenant, "spec.rules[].enforce.workloads.registries");
const CONFIGURATION: (Of, &str) = (Of::Request, "spec");

pub(super) const RULES: &[Rule] = &[
    // internal/webhook/rules/pods/validation/registry.go
    rule(
        "rule-registry",
        &["{} reference {} is denied by registry rule {}"],
        "a namespace rule denies the image {1}[: {2}]",
        REGISTRIES,
        "use an image from a registry that is allowed (:image)",
    ),
    rule(
        "rule-pull-policy",
        &["{} reference {} uses pullPolicy={} which is not allowed", "{} reference {} must explicitly set pullPolicy"],
        "a namespace rule does not allow the pull policy of {1}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.workloads.registries[].policy"),
        "set one that is allowed",
    ),
    // internal/webhook/rules/pods/validation/*.go, internal/webhook/rules/{services,generic}/validation/*.go: a set of a name
    rule(
        "rule-image",
        &[
            "registry \"{}\" at {} is not allowed by namespace rule",
            "registry \"{}\" at {} is denied by namespace rule",
        ],
        "a namespace rule does not allow the image {0}[; allowed: {list}]",
        REGISTRIES,
        "use one that is (:image)",
    ),
    rule(
        "rule-qos",
        &["QoS class {} at {} is"],
        "a namespace rule does not allow the QoS class {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.workloads.qosClasses"),
        "give the containers other requests and limits",
    ),
    rule(
        "rule-scheduler",
        &["scheduler {} at {} is"],
        "a namespace rule does not allow the scheduler {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.workloads.schedulers"),
        "name one that is in spec.schedulerName",
    ),
    rule(
        "rule-resources",
        &["workload resource {} {} at {}"],
        "a namespace rule does not allow this {0} of {1}",
        (Of::Tenant, "spec.rules[].enforce.workloads.resources"),
        "send other requests or limits",
    ),
    rule(
        "rule-service-type",
        &["service type {} at {} is"],
        "a namespace rule does not allow services of type {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.services.types"),
        "use a type that is",
    ),
    rule(
        "rule-node-port",
        &["nodePort {} at {} is"],
        "a namespace rule does not allow the node port {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.services.nodePorts.ports"),
        "use one that is",
    ),
    rule(
        "rule-load-balancer",
        &["loadBalancer CIDR {} at {} is"],
        "a namespace rule does not allow the source range {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.services.loadBalancers.cidrs"),
        "use one that is",
    ),
    rule(
        "rule-external-name",
        &["externalName hostname {} at {} is"],
        "a namespace rule does not allow the external name {0}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.services.externalNames.hostnames"),
        "use one that is",
    ),
    rule(
        "rule-hostname",
        &["ingress hostname {} at {} is", "hostname is required at {}"],
        "a namespace rule does not allow this host[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.ingress.hostnames"),
        "name a host that is allowed",
    ),
    rule(
        "rule-metadata-missing",
        &["metadata {} {} is required at {}"],
        "a namespace rule wants the {0} {1}",
        (Of::Tenant, "spec.rules[].enforce.metadata"),
        "add it (:label or :annotate)",
    ),
    rule(
        "rule-metadata",
        &["metadata {} {} at {} is"],
        "a namespace rule does not allow this {0}: {1}[; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce.metadata"),
        "give it a value that is allowed",
    ),
    // pkg/ruleengine/enforce_evaluator.go: sets of other releases
    rule(
        "rule",
        &[
            "{} at {} is denied by namespace rule",
            "{} at {} is not allowed by namespace rule",
            "is denied by namespace rule",
            "not allowed by namespace rule",
        ],
        "a namespace rule does not allow it[: {0}][; allowed: {list}]",
        (Of::Tenant, "spec.rules[].enforce"),
        "send what is allowed",
    ),
    // pkg/api/errors/custom_resource_quota.go; old: pkg/webhook/tenant/custom_resource_quota_errors.go
    rule(
        "kind-quota",
        &[
            "resource {} has reached quota limit of {} items",
            "in API group {} cannot be created, limit usage of {} has been reached",
        ],
        "the tenant may have {1} of {0}, and has them",
        (Of::Tenant, "metadata.annotations[quota.resources.capsule.clastix.io/{0}]"),
        "delete one that is not needed, or have the number raised (:annotate on the tenant)",
    ),
    // internal/webhook/customquota/calculation.go
    rule(
        "custom-quota",
        &["resource exceeds limit for {} {} (requested={}, currentUsed={}, available={}, limit={},"],
        "the {0} {1} is used up: {2} asked for, {3} used, {5} is the limit",
        (Of::Other("CustomQuota"), "spec.limit"),
        "something else has to go first, or the limit be raised",
    ),
    // internal/webhook/globalresourcequota/calculation.go
    rule(
        "global-quota",
        &[
            "resource exceeds GlobalResourceQuota {}: {} (requested={}, current={}, projected={}, hard={}, exceededBy",
            "resource exceeds GlobalResourceQuota {}: {}",
        ],
        "the quota {0} over namespaces is used up: {1}[, {2} asked for, {3} used, {5} is the limit]",
        (Of::Other("GlobalResourceQuota"), "spec.quota.hard (of a tenant's: its spec.rules[].quota)"),
        "something else has to go first, or the quota be raised",
    ),
    // internal/webhook/generic/replications.go; old: pkg/webhook/tenantresource/objects.go
    rule(
        "global-replication",
        &["resource {} is managed by a global capsule replication {}"],
        "{0} is a copy that the GlobalTenantResource {1} keeps",
        (Of::Other("GlobalTenantResource"), "spec.resources"),
        "change it there",
    ),
    rule(
        "replication",
        &[
            "resource {} is managed by a tenant capsule replication {}",
            "resource {} is managed at the Tenant level",
            "resource is managed by the Tenant",
        ],
        "[{0} is ]a copy that a TenantResource keeps",
        (Of::Other("TenantResource"), "spec.resources"),
        "change it there",
    ),
    // internal/webhook/resourcepool/*.go
    rule(
        "claim-in-use",
        &[
            "cannot delete the pool while claim is used in resourcepool {}",
            "cannot change the requested resources while claim is allocated to a resourcepool {}",
        ],
        "the pool {0} serves this claim",
        (Of::Request, "metadata.annotations[projectcapsule.dev/release]"),
        "release it first: :annotate projectcapsule.dev/release=true",
    ),
    rule(
        "pool-in-use",
        &[
            "can not remove resource {} as it is still being allocated",
            "can not reduce {} usage to {} because quantity {} is claimed",
        ],
        "claims still have {0} of this pool",
        (Of::Other("ResourcePoolClaim"), "spec.claim"),
        "have claims released first, or leave {0} as it is",
    ),
    // pkg/api/errors/nodes.go; old: pkg/webhook/node/errors.go
    rule(
        "node-label",
        &["Unable to update node as some labels are marked as forbidden", "Denied modifying forbidden labels on node"],
        "a label of the node is forbidden[; forbidden: {list}]",
        (Of::Configuration, "spec.nodeMetadata.forbiddenLabels"),
        "leave it out",
    ),
    rule(
        "node-annotation",
        &[
            "Unable to update node as some annotations are marked as forbidden",
            "Denied modifying forbidden annotations on node",
        ],
        "an annotation of the node is forbidden[; forbidden: {list}]",
        (Of::Configuration, "spec.nodeMetadata.forbiddenAnnotations"),
        "leave it out",
    ),
    // old: pkg/webhook/networkpolicy/validating.go
    rule(
        "network-policy",
        &[
            "Capsule Network Policies cannot be {}:",
            "NetworkPolicy {} cannot be deleted",
            "NetworkPolicy {} cannot be updated",
        ],
        "Capsule keeps this NetworkPolicy for the tenant",
        (Of::Tenant, "spec.networkPolicies"),
        "change it in the tenant, or add another policy beside it",
    ),
    // internal/webhook/tenant/validation/*.go, internal/webhook/{cfg,owners}/*.go; old: pkg/webhook/tenant/*.go
    rule(
        "regex",
        &["unable to compile {}", "{} is not a valid regular expression"],
        "an expression in it cannot be read: {0}",
        CONFIGURATION,
        "put the expression right",
    ),
    rule(
        "tenant-name",
        &["tenant name has forbidden characters"],
        "a tenant's name may have only small letters, digits and -",
        (Of::Request, "metadata.name"),
        "choose another name",
    ),
    rule(
        "owner-name",
        &["owner name {} is not a valid Service Account name"],
        "{0} does not name a ServiceAccount",
        (Of::Request, "spec.owners[].name"),
        "write it as system:serviceaccount:NAMESPACE:NAME",
    ),
    rule(
        "binding-subject",
        &["Subject Name {} for binding {} is invalid. {}"],
        "{0} cannot be bound to {1}: {2}",
        (Of::Request, "spec.additionalRoleBindings[].subjects[].name"),
        "put the name right",
    ),
];
