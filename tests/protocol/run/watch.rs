//! Watches: opened, kept open while other exchanges are held, and read to the end or until all is there.

use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tenantry_cluster::Failure;
use tokio::time::{Instant, timeout_at};

use super::{Run, Said, headers, parsed};
use crate::side::Side;
use crate::topic::Step;

/// How long the events may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// So long nothing more may come after the last of them.
const SILENCE: Duration = Duration::from_millis(400);

impl<S: Side> Run<'_, S> {
    pub(super) async fn watch(&mut self, step: &Step) -> Result<(), Failure> {
        let path = step.watch.as_deref().unwrap_or_default();
        let line = format!("GET {path}");
        let response = match self.send(step, &line).await? {
            Ok(response) => response,
            Err(why) => {
                self.record(step, &line, Said { code: 0, headers: serde_json::Map::new(), body: why.into() });
                return Ok(());
            }
        };
        let (parts, mut body) = response.into_parts();
        for inner in &step.during {
            Box::pin(self.step(inner)).await?;
        }
        let mut bytes = Vec::new();
        let mut deadline = Instant::now() + PATIENCE;
        let mut ended = false;
        loop {
            if lines(&bytes) >= step.events {
                deadline = deadline.min(Instant::now() + SILENCE);
            }
            match timeout_at(deadline, body.frame()).await {
                Ok(Some(Ok(frame))) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Ok(Some(Err(_)) | None) => {
                    ended = true;
                    break;
                }
                Err(_) => break,
            }
        }
        let code = parts.status.as_u16();
        let body = if code == 200 {
            let events = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(parsed);
            let events: Vec<Value> = events.filter(|event| !is_idle(event)).collect();
            json!({"events": events, "ended": ended})
        } else {
            parsed(&bytes)
        };
        self.record(step, &format!("WATCH {path}"), Said { code, headers: headers(&parts.headers), body });
        Ok(())
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// A bookmark that says no more than that time passes: nobody knows when it comes.
fn is_idle(event: &Value) -> bool {
    event["type"] == "BOOKMARK" && event.pointer("/object/metadata/annotations/k8s.io~1initial-events-end").is_none()
}
