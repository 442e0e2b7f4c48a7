#!/usr/bin/env python3
"""Writes the demo's schema data (`src/demo/schema/data`) from a real API server.

    cargo run -p tenantry-cluster --example cluster -- --capsule none -- python3 tests/cluster/examples/schemas.py

It needs nothing but Python, kubectl (the example puts it on PATH) and Go (which downloads the modules that carry the
definitions of custom resources). The definitions are installed, discovery and OpenAPI are read back, all but the kinds
named below is dropped, and so are descriptions. See `src/demo/schema/data/README.md`.
"""

import json
import pathlib
import re
import subprocess
import time

DATA = pathlib.Path(__file__).resolve().parents[3] / "src/demo/schema/data"

# Group/version -> resources.
BUILT_IN = {
    "v1": "namespaces pods services configmaps secrets serviceaccounts persistentvolumes persistentvolumeclaims "
    "resourcequotas limitranges events nodes endpoints",
    "apps/v1": "deployments replicasets statefulsets daemonsets",
    "batch/v1": "jobs cronjobs",
    "networking.k8s.io/v1": "ingresses ingressclasses networkpolicies",
    "rbac.authorization.k8s.io/v1": "roles rolebindings clusterroles clusterrolebindings",
    "autoscaling/v2": "horizontalpodautoscalers",
    "policy/v1": "poddisruptionbudgets",
    "storage.k8s.io/v1": "storageclasses",
    "scheduling.k8s.io/v1": "priorityclasses",
    "coordination.k8s.io/v1": "leases",
    "discovery.k8s.io/v1": "endpointslices",
    "events.k8s.io/v1": "events",
    "apiextensions.k8s.io/v1": "customresourcedefinitions",
    "admissionregistration.k8s.io/v1": "validatingwebhookconfigurations mutatingwebhookconfigurations",
    "authentication.k8s.io/v1": "selfsubjectreviews tokenreviews",
    "authorization.k8s.io/v1": "selfsubjectaccessreviews localsubjectaccessreviews subjectaccessreviews "
    "selfsubjectrulesreviews",
}
CUSTOM = {
    "gateway.networking.k8s.io/v1": "gatewayclasses gateways httproutes",
    "cert-manager.io/v1": "certificates issuers clusterissuers",
    "keda.sh/v1alpha1": "scaledobjects",
    "argoproj.io/v1alpha1": "applications",
    "kustomize.toolkit.fluxcd.io/v1": "kustomizations",
    "helm.toolkit.fluxcd.io/v2": "helmreleases",
    "kuma.io/v1alpha1": "meshes meshtrafficpermissions",
}
CAPSULE = {"capsule.clastix.io/v1beta2": None}  # all of them

# Module -> files with definitions.
MODULES = {
    "sigs.k8s.io/gateway-api@v1.6.1": "config/crd/standard/*_gatewayclasses.yaml config/crd/standard/*_gateways.yaml "
    "config/crd/standard/*_httproutes.yaml",
    "github.com/cert-manager/cert-manager@v1.19.0": "deploy/crds/cert-manager.io_*issuers.yaml "
    "deploy/crds/cert-manager.io_certificates.yaml",
    "github.com/kedacore/keda/v2@v2.18.0": "config/crd/bases/keda.sh_scaledobjects.yaml",
    "github.com/argoproj/argo-cd/v3@v3.2.0": "manifests/crds/application-crd.yaml",
    "github.com/fluxcd/helm-controller@v1.4.0": "config/crd/bases/*_helmreleases.yaml",
    "github.com/kumahq/kuma@v1.8.1": "deployments/charts/kuma/crds/kuma.io_meshes.yaml",
}
CAPSULES = {
    "0.14": ("github.com/projectcapsule/capsule@v0.14.0", "charts/capsule/crds/*.yaml"),
    "0.4": ("github.com/projectcapsule/capsule@v0.4.2", "charts/capsule/crds/*.yaml"),
}

# Schemas above this size keep their names, scopes and columns, but take anything below spec and status.
LARGEST = 60_000

ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def column(name, path, kind="string"):
    return {"name": name, "type": kind, "jsonPath": path}


def lenient(group, version, kind, plural, short, columns, categories=(), status=True):
    """A definition of ours, for what no Go module carries: the real names, scope and columns, and a lenient schema."""
    properties = {"spec": ANYTHING, **({"status": ANYTHING} if status else {})}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {
                "kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower(),
                "shortNames": short, "categories": list(categories),
            },
            "versions": [{
                "name": version, "served": True, "storage": True, "additionalPrinterColumns": columns,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
                **({"subresources": {"status": {}}} if status else {}),
            }],
        },
    }


OURS = [
    lenient("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", ["ks"], [
        column("Age", ".metadata.creationTimestamp", "date"),
        column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
        column("Status", '.status.conditions[?(@.type=="Ready")].message'),
    ]),
    lenient("kuma.io", "v1alpha1", "MeshTrafficPermission", "meshtrafficpermissions", ["mtp"], [
        column("TargetRef Kind", ".spec.targetRef.kind"),
        column("TargetRef Name", ".spec.targetRef.name"),
    ], ["kuma"], status=False),
]


def run(*command, text=None):
    return subprocess.run(command, check=True, input=text, stdout=subprocess.PIPE, text=True).stdout


def read(path, accept=None):
    if accept is None:
        return json.loads(run("kubectl", "get", "--raw", path))
    return json.loads(proxied(path, accept))


def proxied(path, accept):
    """kubectl sets no Accept header of ours: asked through its proxy."""
    import urllib.request

    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


PORT = 0


def start_proxy():
    global PORT
    proxy = subprocess.Popen(["kubectl", "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
    PORT = int(proxy.stdout.readline().strip().rsplit(":", 1)[1])
    return proxy


def module(name):
    return pathlib.Path(json.loads(run("go", "mod", "download", "-json", name))["Dir"])


def files(name, patterns):
    folder = module(name)
    return [str(file) for pattern in patterns.split() for file in sorted(folder.glob(pattern))]


def install(paths):
    for path in paths:
        run("kubectl", "create", "-f", path)


def settle():
    """Waits until discovery and OpenAPI know all definitions."""
    run("kubectl", "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    time.sleep(8)


def api_path(version):
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def group_of(version):
    return version.split("/")[0] if "/" in version else ""


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def discovery(wanted):
    """The aggregated discovery of the wanted kinds, in the server's order."""
    groups = []
    for path in ("/api", "/apis"):
        for group in read(path, AGGREGATED)["items"]:
            name = group["metadata"].get("name", "")
            versions = []
            for version in group["versions"]:
                full = f"{name}/{version['version']}" if name else version["version"]
                if full not in wanted:
                    continue
                names = wanted[full]
                version["resources"] = [one for one in version["resources"] if names is None or one["resource"] in names]
                versions.append(version)
            if versions:
                groups.append({**group, "versions": versions})
    return groups


def kinds(groups, definitions, crds):
    found = []
    for group in groups:
        name = group["metadata"].get("name", "")
        for version in group["versions"]:
            for one in version["resources"]:
                kind = one["responseKind"]["kind"]
                entry = {
                    "group": name, "version": version["version"], "kind": kind, "resource": one["resource"],
                    "singular": one["singularResource"], "namespaced": one["scope"] == "Namespaced",
                    "verbs": one["verbs"], "definition": definitions[name, version["version"], kind],
                }
                if one.get("shortNames"):
                    entry["short"] = one["shortNames"]
                if one.get("categories"):
                    entry["categories"] = one["categories"]
                if one.get("subresources"):
                    entry["subresources"] = [
                        {"name": below["subresource"], "verbs": below["verbs"],
                         **{key: below["responseKind"][key] for key in ("kind", "group", "version")
                            if below["responseKind"].get(key)}}
                        for below in one["subresources"]]
                crd = crds.get(f"{one['resource']}.{name}")
                if crd:
                    served = next(v for v in crd["spec"]["versions"] if v["name"] == version["version"])
                    entry["columns"] = served.get("additionalPrinterColumns", [])
                found.append(entry)
    return found


def stripped(schema, served):
    """The schema without descriptions; only where a schema stands, for fields may be called `description`."""
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key in ("description", "example", "externalDocs", "title"):
            continue
        if key in ("properties", "patternProperties"):
            value = {name: stripped(one, served) for name, one in value.items()}
        elif key in ("items", "additionalProperties", "not"):
            value = stripped(value, served)
        elif key in ("allOf", "anyOf", "oneOf"):
            value = [stripped(one, served) for one in value]
        elif key == "x-kubernetes-group-version-kind":
            value = [one for one in value if (one["group"], one["version"]) in served or not one["group"]]
        result[key] = value
    return result


def references(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rsplit("/", 1)[1]
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from references(one)


META = "io.k8s.apimachinery.pkg.apis.meta.v1."


def schemas(wanted):
    """All definitions of the wanted versions' documents, and which one each kind has."""
    served = {(group_of(full), full.rsplit("/", 1)[-1]) for full in wanted}
    every, by_kind = {}, {}
    for full in wanted:
        for name, schema in read(f"/openapi/v3{api_path(full)}")["components"]["schemas"].items():
            for gvk in schema.get("x-kubernetes-group-version-kind", []):
                by_kind.setdefault((gvk["group"], gvk["version"], gvk["kind"]), name)
            every[name] = stripped(schema, served)
    return every, by_kind


def reachable(every, roots):
    found, todo = {}, list(roots)
    while todo:
        name = todo.pop()
        if name in found or name not in every:
            continue
        found[name] = every[name]
        todo.extend(references(every[name]))
    return found


def cut(name, schema):
    size = len(json.dumps(schema, separators=(",", ":")))
    if size > LARGEST:
        print(f"cut {name}: {size} bytes")
        for part in ("spec", "status"):
            if part in schema["properties"]:
                schema["properties"][part] = ANYTHING
    return schema


def write(path, value, lines=True):
    """One entry a line, so that a difference can be read."""
    compact = lambda one: json.dumps(one, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    if isinstance(value, dict) and lines:
        text = "{\n" + ",\n".join(f"{json.dumps(key)}:{compact(value[key])}" for key in sorted(value)) + "\n}\n"
    elif lines:
        text = "[\n" + ",\n".join(compact(one) for one in value) + "\n]\n"
    else:
        text = compact(value) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def by_package(definitions, suffix=""):
    packages = {}
    for name, schema in definitions.items():
        packages.setdefault(name.rsplit(".", 1)[0], {})[name] = schema
    for package, members in packages.items():
        write(DATA / f"{package}{suffix}.json", members)


def roots(found, by_kind):
    names = [META + name for name in ("Patch", "DeleteOptions", "Status", "ObjectMeta", "ListMeta")]
    for kind in found:
        group, version = kind["group"], kind["version"]
        names.append(kind["definition"])
        names.append(by_kind.get((group, version, kind["kind"] + "List"), ""))
        for below in kind.get("subresources", []):
            key = (below.get("group") or group, below.get("version") or version, below.get("kind", ""))
            names.append(by_kind.get(key, ""))
    return names


def captured(suffix, groups):
    """What the server itself says of these kinds, for the tests."""
    keep = {}
    for group in groups:
        name = group["metadata"].get("name", "")
        for version in group["versions"]:
            full = f"{name}/{version['version']}" if name else version["version"]
            names = {one["resource"] for one in version["resources"]}
            listed = read(api_path(full))
            listed["resources"] = [one for one in listed["resources"] if one["name"].split("/")[0] in names]
            keep[api_path(full)] = listed
        if name:
            one = read(f"/apis/{name}")
            versions = {version["version"] for version in group["versions"]}
            one["versions"] = [version for version in one["versions"] if version["version"] in versions]
            keep[f"/apis/{name}"] = one
    names = {group["metadata"].get("name", "") for group in groups}
    listed = read("/apis")
    listed["groups"] = [{**keep[f"/apis/{one['name']}"]} for one in listed["groups"] if one["name"] in names]
    for one in listed["groups"]:
        one.pop("kind", None)
        one.pop("apiVersion", None)
    keep["/apis"] = listed
    keep["/api"] = read("/api")
    keep["/version"] = read("/version")
    # The server lists custom resources in no order of their own here.
    for document in keep.values():
        for part in ("groups", "resources"):
            document.get(part, []).sort(key=lambda one: one["name"])
    keep["aggregated"] = groups
    write(DATA / f"captured/discovery-{suffix}.json", keep)


# Where Go declares what the definitions were made from: package of definitions -> module, folder.
GO = {
    **{f"io.k8s.api.{group}.{version}": ("k8s.io/api@v0.37.1", f"{group}/{version}") for group, version in (
        ("core", "v1"), ("apps", "v1"), ("batch", "v1"), ("networking", "v1"), ("rbac", "v1"), ("autoscaling", "v2"),
        ("policy", "v1"), ("storage", "v1"), ("scheduling", "v1"), ("coordination", "v1"), ("discovery", "v1"),
        ("events", "v1"), ("admissionregistration", "v1"), ("authentication", "v1"), ("authorization", "v1"))},
    "io.k8s.apimachinery.pkg.apis.meta.v1": ("k8s.io/apimachinery@v0.37.1", "pkg/apis/meta/v1"),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1":
        ("k8s.io/apiextensions-apiserver@v0.37.1", "pkg/apis/apiextensions/v1"),
}
IMPORTS = {"v1": "io.k8s.api.core.v1", "corev1": "io.k8s.api.core.v1", "metav1": "io.k8s.apimachinery.pkg.apis.meta.v1"}


def go_types():
    """The fields whose Go type has a name that OpenAPI does not tell (`type PullPolicy string`): errors name it."""
    sources = {package: (module(name) / folder / "types.go").read_text() for package, (name, folder) in GO.items()}
    named = {(package, match[1]) for package, source in sources.items()
             for match in re.finditer(r"^type (\w+) (?:string|int32|int64|map\[.*|\[\].*)$", source, re.M)}

    def full(package, name):
        where, _, last = name.rpartition(".")
        if where == "types":
            return name
        home = IMPORTS.get(where, where) if where else package
        return f"{home.rsplit('.', 1)[1]}.{last}" if (home, last) in named else None

    found = {}
    for package, source in sources.items():
        for struct in re.finditer(r"^type (\w+) struct \{\n(.*?)^\}", source, re.M | re.S):
            for field in re.finditer(r"^\s+\w+\s+(\S+)\s+`json:\"(\w+)", struct[2], re.M):
                prefix, key, name = re.match(r"\*?(\[\]|map\[(\w+)\])?\*?(\S+)", field[1]).groups()
                if key and full(package, key):
                    prefix = f"map[{full(package, key)}]"
                if full(package, name):
                    found.setdefault(f"{package}.{struct[1]}", {})[field[2]] = (prefix or "") + full(package, name)
    return found


def main():
    DATA.mkdir(parents=True, exist_ok=True)
    write(DATA / "go-types.json", go_types())
    for name, patterns in MODULES.items():
        install(files(name, patterns))
    for crd in OURS:
        run("kubectl", "create", "-f", "-", text=json.dumps(crd))

    proxy = start_proxy()
    try:
        for era, (name, patterns) in CAPSULES.items():
            install(files(name, patterns))
            settle()
            wanted = {full: names and names.split() for full, names in {**BUILT_IN, **CUSTOM, **CAPSULE}.items()}
            crds = {one["metadata"]["name"]: one for one in json.loads(run("kubectl", "get", "crd", "-o", "json"))["items"]}
            groups = discovery(wanted)
            every, by_kind = schemas(wanted)
            found = kinds(groups, by_kind, crds)
            write(DATA / f"kinds-{era}.json", found)
            captured(era, groups)
            needed = reachable(every, roots(found, by_kind))
            custom = {kind["definition"] for kind in found if "columns" in kind}
            needed = {name: cut(name, schema) if name in custom else schema for name, schema in needed.items()}
            capsule = {name: schema for name, schema in needed.items() if "clastix.capsule" in name}
            others = {name: schema for name, schema in needed.items() if name not in capsule}
            by_package(capsule, f"-{era}")
            if era == "0.14":
                by_package(others)
            for crd in crds:
                if crd.endswith(".capsule.clastix.io"):
                    run("kubectl", "delete", "crd", crd)
    finally:
        proxy.terminate()


if __name__ == "__main__":
    main()
