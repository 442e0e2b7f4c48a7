//! Waiting for a condition, always with a limit.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout_at};

use crate::error::Failure;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Asks `probe` until it gives a value, and fails with a sentence about `what` after `limit`.
///
/// The pauses between two questions grow from 10 to 100 ms, so that what comes at once is seen at once.
pub async fn wait_for<T, F>(what: &str, limit: Duration, mut probe: F) -> Result<T, Failure>
where
    F: AsyncFnMut() -> Option<T>,
{
    let deadline = Instant::now() + limit;
    let asking = async {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(value) = probe().await {
                return value;
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    };
    timeout_at(deadline.into(), asking)
        .await
        .map_err(|_| Failure::new(format!("waited {} s in vain: {what}", limit.as_secs_f64())))
}

/// Asks `condition` until it holds, and fails with a sentence about `what` after `limit`.
pub async fn wait_until<F>(what: &str, limit: Duration, mut condition: F) -> Result<(), Failure>
where
    F: AsyncFnMut() -> bool,
{
    wait_for(what, limit, async || condition().await.then_some(())).await
}
