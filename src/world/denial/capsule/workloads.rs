//! Classes, images, services, volumes.

use super::{Of, Rule, rule};

const INGRESS: (Of, &str) = (Of::Tenant, "spec.ingressOptions.allowedClasses");
const GATEWAY: (Of, &str) = (Of::Tenant, "spec.gatewayOptions.allowedClasses");
const DEVICE: (Of, &str) = (Of::Tenant, "spec.deviceClasses");
const STORAGE: (Of, &str) = (Of::Tenant, "spec.storageClasses");
const PRIORITY: (Of, &str) = (Of::Tenant, "spec.priorityClasses");
const RUNTIME: (Of, &str) = (Of::Tenant, "spec.runtimeClasses");
const REGISTRIES: (Of, &str) = (Of::Tenant, "spec.containerRegistries");
const IPS: (Of, &str) = (Of::Tenant, "spec.serviceOptions.externalIPs.allowed");
const VOLUME: (Of, &str) = (Of::Other("PersistentVolume"), "metadata.labels[capsule.clastix.io/tenant]");
const CLAIM: (Of, &str) = (Of::Request, "spec.volumeName");

pub(super) const RULES: &[Rule] = &[
    // pkg/api/errors/ingress.go, internal/webhook/ingress/validate_class.go; old: pkg/webhook/ingress/{errors,validate_class}.go
    rule(
        "ingress-class-missing",
        &["No Ingress Class is forbidden", "is missing ingressclass"],
        "it has to name an ingress class[; allowed: {list}]",
        INGRESS,
        "name one in spec.ingressClassName",
    ),
    rule(
        "ingress-class",
        &["Ingress Class {} is forbidden for the current Tenant", "ingressclass {} is forbidden for the"],
        "the ingress class {0} is not allowed[; allowed: {list}]",
        INGRESS,
        "use one that is",
    ),
    // pkg/api/errors/gateway.go, internal/webhook/gateway/validate_class.go
    rule(
        "gateway-class-missing",
        &["No gateway Class is forbidden", "is missing GatewayClass"],
        "it has to name a gateway class[; allowed: {list}]",
        GATEWAY,
        "name one in spec.gatewayClassName",
    ),
    rule(
        "gateway-class",
        &["Gateway Class {} is forbidden for the current Tenant", "GatewayClass {} is forbidden"],
        "the gateway class of {0} is not allowed[; allowed: {list}]",
        GATEWAY,
        "use one that is",
    ),
    // pkg/api/errors/devices.go, internal/webhook/dra/validate.go
    rule(
        "device-class-missing",
        &["Selected DeviceClass is forbidden"],
        "the device class is not allowed, or does not exist[; allowed: {list}]",
        DEVICE,
        "use one that is",
    ),
    rule(
        "device-class",
        &["Device Class {} is forbidden for the current Tenant", "DeviceClass {} is forbidden"],
        "the device class {0} is not allowed[; allowed: {list}]",
        DEVICE,
        "use one that is",
    ),
    // pkg/api/errors/storage.go, internal/webhook/pvc/*.go; old: pkg/webhook/pvc/{errors,validating}.go
    rule(
        "storage-class-missing",
        &["A valid Storage Class must be used", "is missing StorageClass"],
        "it has to name a storage class[; allowed: {list}]",
        STORAGE,
        "name one in spec.storageClassName",
    ),
    rule(
        "storage-class",
        &["Storage Class {} is forbidden for the", "StorageClass {} is forbidden for the"],
        "the storage class {0} is not allowed[; allowed: {list}]",
        STORAGE,
        "use one that is",
    ),
    // pkg/api/errors/pods.go, internal/webhook/pod/*.go; old: pkg/webhook/pod/*.go
    rule(
        "priority-class",
        &[
            "Pod Priority Class {} is forbidden for the current Tenant",
            "using priorityclass {} is forbidden",
            "using Priority Class {} is forbidden",
        ],
        "the priority class {0} is not allowed[; allowed: {list}]",
        PRIORITY,
        "use one that is",
    ),
    rule(
        "runtime-class",
        &[
            "Pod Runtime Class {} is forbidden for the current Tenant",
            "using runtimeclass {} is forbidden",
            "using Runtime Class {} is forbidden",
        ],
        "the runtime class {0} is not allowed[; allowed: {list}]",
        RUNTIME,
        "use one that is",
    ),
    // pkg/api/errors/{storage,ingress,gateway,pods}.go; old: pkg/webhook/defaults/errors.go
    rule(
        "storage-class-unknown",
        &["Failed to resolve Storage Class {}: {}"],
        "the storage class {0} cannot be found",
        (Of::Tenant, "spec.storageClasses.default"),
        "name a class that exists",
    ),
    rule(
        "priority-class-unknown",
        &["Failed to resolve Priority Class {}: {}"],
        "the priority class {0} cannot be found",
        (Of::Tenant, "spec.priorityClasses.default"),
        "name a class that exists",
    ),
    rule(
        "ingress-class-unknown",
        &["Failed to resolve Ingress Class {}: {}"],
        "the ingress class {0} cannot be found",
        (Of::Tenant, "spec.ingressOptions.allowedClasses.default"),
        "name a class that exists",
    ),
    rule(
        "gateway-class-unknown",
        &["Failed to resolve Gateway Class {}: {}", "Failed to resolve Gateway {}: {}"],
        "the gateway class {0} cannot be found",
        (Of::Tenant, "spec.gatewayOptions.allowedClasses.default"),
        "name a class that exists",
    ),
    rule(
        "registry",
        &[
            "Container image {} registry is forbidden for the current Tenant",
            "using a container hosted on registry {} that is forbidden",
        ],
        "the registry of {0} is not allowed[; allowed: {list}]",
        REGISTRIES,
        "use an image from one that is (:image)",
    ),
    rule(
        "image-name",
        &[
            "container image {} is missing repository",
            "container image {} is not fully qualified",
            "is not using a fully qualified container image",
        ],
        "the image[ {0}] has to be named in full, with its registry",
        REGISTRIES,
        "write it as REGISTRY/PATH:TAG (:image)",
    ),
    rule(
        "pull-policy",
        &[
            "ImagePullPolicy {} for container {} is forbidden",
            "using pullpolicy {} is forbidden",
            "pull policy {} is forbidden",
        ],
        "the pull policy {0}[ of the container {1}] is not allowed[; allowed: {list}]",
        (Of::Tenant, "spec.imagePullPolicies"),
        "set one that is",
    ),
    // pkg/api/errors/services.go, internal/webhook/service/validating.go; old: pkg/webhook/service/*.go
    rule(
        "node-port",
        &["NodePort service types are forbidden", "cannot be type of NodePort"],
        "the tenant may have no services of type NodePort",
        (Of::Tenant, "spec.serviceOptions.allowedServices.nodePort"),
        "use ClusterIP and an ingress",
    ),
    rule(
        "external-name",
        &["ExternalName service types are forbidden", "cannot be type of ExternalName"],
        "the tenant may have no services of type ExternalName",
        (Of::Tenant, "spec.serviceOptions.allowedServices.externalName"),
        "name the other host where it is used",
    ),
    rule(
        "load-balancer",
        &["LoadBalancer service types are forbidden", "cannot be type of LoadBalancer"],
        "the tenant may have no services of type LoadBalancer",
        (Of::Tenant, "spec.serviceOptions.allowedServices.loadBalancer"),
        "use ClusterIP and an ingress",
    ),
    rule(
        "no-external-ips",
        &["does not allow the use of Service with external IPs"],
        "the tenant may have no services with external addresses",
        IPS,
        "leave out spec.externalIPs",
    ),
    rule(
        "external-ip",
        &["The selected external IPs for the current Service are violating", "external ip {} is forbidden"],
        "the external address[ {0}] is not allowed[; allowed: {list}]",
        IPS,
        "use one that is",
    ),
    // pkg/api/errors/storage.go, internal/webhook/pvc/pvc_validating_volume.go; old: pkg/webhook/pvc/errors.go
    rule(
        "foreign-volume",
        &[
            "Preventing a cross-tenant mount for PersistentVolume {}",
            "PeristentVolume {} cannot be used by the following Tenant",
        ],
        "the volume {0} belongs to another tenant",
        VOLUME,
        "use another volume",
    ),
    rule(
        "unlabelled-volume",
        &[
            "PersistentVolume {} is missing the Tenant label",
            "PeristentVolume {} is missing the Capsule Tenant label",
            "PeristentVolume {} is missing any label",
        ],
        "the volume {0} does not say whose it is",
        VOLUME,
        "have it labelled capsule.clastix.io/tenant=TENANT",
    ),
    rule(
        "unknown-volume",
        &[
            "referring to a not yet existing PersistentVolume {}",
            "cannot create a PVC referring to a not yet existing PV",
        ],
        "there is no volume[ {0}] yet, so nobody can say whose it is",
        CLAIM,
        "make the volume first, or leave out spec.volumeName",
    ),
    rule(
        "volume-selector",
        &["PersistentVolume selectors are not allowed"],
        "volumes cannot be chosen by a selector here: it could find another tenant's",
        (Of::Request, "spec.selector"),
        "name the volume, or leave the choice to the storage class",
    ),
];
