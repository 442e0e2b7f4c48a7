//! What goes on: now and then something changes, so that the demo is alive.

use std::sync::Weak;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::furnish::forget;
use super::users;
use crate::demo::access::user::User;
use crate::demo::clock::rfc3339;
use crate::demo::cluster::Cluster;
use crate::demo::ids::Ids;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};

/// Deployments that are rolled to and fro: who does it, where, which, and the two images.
const ROLLS: [(&str, &str, &str, [&str; 2]); 3] = [
    ("alice", "oil-web", "cart", ["registry.example.net/oil/cart:2.8.1", "registry.example.net/oil/cart:2.8.2"]),
    ("bob", "wind-farm", "turbine", ["docker.io/example/turbine:4.0.2", "docker.io/example/turbine:4.0.3"]),
    ("flux", "salt-mill", "worker", ["docker.io/example/worker:8.2.0", "docker.io/example/worker:8.2.1"]),
];

/// Namespaces in which pods are moved, or fail a probe.
const RESTLESS: [&str; 5] = ["oil-web", "wind-farm", "salt-mill", "wood-shop", "amber-web"];

/// Lets something happen every few seconds, until the cluster is gone. It holds nothing while it waits.
pub async fn bustle(cluster: Weak<Cluster>, seed: u64) {
    let mut dice = Ids::new(seed);
    loop {
        tokio::time::sleep(Duration::from_millis(4_000 + dice.below(7_000))).await;
        let Some(cluster) = cluster.upgrade() else { return };
        turn(&mut cluster.lock(), &mut dice);
        cluster.wake();
    }
}

/// Lets one thing happen. What is not there (because somebody has deleted it) is left alone.
pub(super) fn turn(registry: &mut Registry, dice: &mut Ids) {
    match dice.below(10) {
        0 | 1 => roll(registry, dice),
        2..=4 => restart(registry, dice),
        5 | 6 => fail_probe(registry, dice),
        7 => renew(registry),
        _ => reconcile(registry),
    }
    forget(registry);
}

/// A Deployment gets its other image.
fn roll(registry: &mut Registry, dice: &mut Ids) {
    let Some((actor, namespace, name, [old, new])) = pick(&ROLLS, dice).copied() else { return };
    let Some(by) = users::caller(actor) else { return };
    registry.change(&by, "deployments.apps", "", namespace, name, |deployment| {
        let Some(image) = deployment.pointer_mut("/spec/template/spec/containers/0/image") else { return };
        let next = if image == old { new } else { old };
        *image = next.into();
    });
}

/// A pod is moved away by the descheduler, and comes back under another name.
fn restart(registry: &mut Registry, dice: &mut Ids) {
    let Some(pod) = pod(registry, dice) else { return };
    let mut by = Caller::new(User::of_service_account("kube-system", "descheduler"), "descheduler");
    let _ = registry.delete(&mut by, "pods", pod.namespace(), pod.name(), &Deletion::default());
}

/// A pod does not answer its probe for a moment.
fn fail_probe(registry: &mut Registry, dice: &mut Ids) {
    let Some(pod) = pod(registry, dice) else { return };
    let address = pod.text(&["status", "podIP"]).unwrap_or_default();
    let message = format!(
        "Readiness probe failed: Get \"http://{address}:8080/healthz\": context deadline exceeded (Client.Timeout exceeded while \
         awaiting headers)"
    );
    let event =
        Event { warning: true, reason: "Unhealthy", message: &message, component: "kubelet", ..Event::default() };
    registry.event(&pod, &event);
}

/// cert-manager renews a certificate when it is due: salt's, which lives for an hour.
fn renew(registry: &mut Registry) {
    const CERTIFICATES: &str = "certificates.cert-manager.io";
    let (namespace, name) = ("salt-mill", "rabbit-tls");
    let now = registry.now();
    let Some(certificate) = registry.get(CERTIFICATES, namespace, name) else { return };
    if certificate.text(&["status", "renewalTime"]).is_none_or(|at| at > rfc3339(now).as_str()) {
        return;
    }
    let later = |minutes| now.checked_add(SignedDuration::from_mins(minutes)).map(rfc3339).unwrap_or_default();
    let message = "The certificate has been successfully issued";
    let component = "cert-manager-certificates-issuing";
    registry.event(&certificate, &Event { reason: "Issuing", message, component, ..Event::default() });
    let by = users::controller("cert-manager.io", "certificates");
    registry.change(&by, CERTIFICATES, "status", namespace, name, |certificate| {
        let revision = certificate.int(&["status", "revision"]).unwrap_or_default();
        certificate.set(&["status", "revision"], revision.saturating_add(1));
        certificate.set(&["status", "notBefore"], rfc3339(now));
        certificate.set(&["status", "notAfter"], later(60));
        certificate.set(&["status", "renewalTime"], later(40));
    });
}

/// Argo CD has compared its application with its repository again.
fn reconcile(registry: &mut Registry) {
    let now = rfc3339(registry.now());
    let by = users::controller("argoproj.io", "applications");
    registry.change(&by, "applications.argoproj.io", "", "argocd", "wood", |application| {
        application.set(&["status", "reconciledAt"], json!(now));
    });
}

/// A running pod of a restless namespace.
fn pod(registry: &Registry, dice: &mut Ids) -> Option<Object> {
    let namespace = pick(&RESTLESS, dice)?;
    let mut running: Vec<Object> = registry
        .list("pods", Some(namespace))
        .filter(|pod| {
            pod.controller().is_some() && !pod.is_terminating() && pod.text(&["status", "phase"]) == Some("Running")
        })
        .collect();
    let at = usize::try_from(dice.below(running.len() as u64)).ok()?;
    (at < running.len()).then(|| running.swap_remove(at))
}

fn pick<'a, T>(all: &'a [T], dice: &mut Ids) -> Option<&'a T> {
    all.get(usize::try_from(dice.below(all.len() as u64)).ok()?)
}
