use std::time::Duration;

use http::{Method, Request, Response};
use kube::client::Body;
use serde_json::json;

use super::*;
use crate::cluster::gate::Mode;
use crate::plan::Answer;
use crate::world::identity::Place;

/// How long a request is under way.
const LATENCY: Duration = Duration::from_millis(30);

/// A gate to a server that is that far away, has ConfigMaps, and finds that each becomes what it is told.
fn far() -> Gate {
    let service = tower::service_fn(|request: Request<Body>| async move {
        tokio::time::sleep(LATENCY).await;
        let path = request.uri().path().to_owned();
        let name = path.rsplit('/').next().unwrap_or_default();
        let served = json!({"resource": "configmaps", "responseKind": {"kind": "ConfigMap"}, "scope": "Namespaced"});
        let answer = match path.as_str() {
            "/api" => json!({"items": [{"metadata": {}, "versions": [{"version": "v1", "resources": [served]}]}]}),
            "/apis" => json!({"items": []}),
            _ => {
                let colour = if request.method() == Method::PATCH { "blue" } else { "red" };
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "uid": "u"}, "data": {"colour": colour}})
            }
        };
        let body = http_body_util::Full::new(bytes::Bytes::from(answer.to_string()));
        Ok::<_, std::io::Error>(Response::new(body))
    });
    Gate::new(kube::Client::new(service, "default"), Place::default(), Mode::Tries)
}

/// Time stands still but for what is waited for: what passes is round trips, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_folder_of_200_objects_is_planned_anew_in_eight_round_trips() {
    let text = |at: usize| {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{at}, namespace: a}}\ndata: {{colour: blue}}\n"
        );
        Text { name: format!("m{at}.yaml"), built: false, text }
    };
    let texts: Vec<Text> = (0..200).map(text).collect();
    let (gate, kinds) = (far(), Kinds::default());
    for most in [9, 8] {
        let begun = tokio::time::Instant::now();
        let mut plan = plan(&gate, &kinds, &texts, &Asked::default(), Target::default()).await.unwrap();
        write::preview(&gate, &mut plan).await;
        assert!(plan.steps().all(|step| matches!(step.answer, Some(Answer::WouldChange(_)))));
        let trips = begun.elapsed().as_millis() / LATENCY.as_millis();
        assert!(trips <= most, "{trips} round trips");
    }
}
