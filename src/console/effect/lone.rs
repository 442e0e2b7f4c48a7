//! Work of which there is at most one at a time.

use tokio::task::AbortHandle;

/// What is being done, until something else is to be done in its place, or nobody wants it any more.
#[derive(Debug, Default)]
pub struct Lone(Vec<AbortHandle>);

impl Lone {
    /// Does this in place of what was done before.
    pub fn start(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.put(vec![tokio::spawn(work).abort_handle()]);
    }

    /// These tasks take the place of what was done before.
    pub fn put(&mut self, tasks: Vec<AbortHandle>) {
        self.end();
        self.0 = tasks;
    }

    /// Does it no longer.
    pub fn end(&mut self) {
        self.0.drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Lone {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_later_ends_what_went_before_and_so_does_the_end() {
        let (held, mut let_go) = tokio::sync::mpsc::unbounded_channel::<()>();
        let mut lone = Lone::default();
        let work = |held: tokio::sync::mpsc::UnboundedSender<()>| async move {
            held.closed().await;
        };
        lone.start(work(held.clone()));
        lone.start(work(held.clone()));
        assert_eq!(lone.0.len(), 1);
        drop((lone, held));
        // The channel ends only when no task holds the other end.
        assert_eq!(let_go.recv().await, None);
    }
}
