//! Faults on demand: what a test wants to go wrong.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::sync::watch;

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is answered so much later.
    Late(Duration),
    /// It is answered with this code and a Status of that reason and sentence.
    Refused(u16, &'static str, String),
    /// It is answered with bytes that are no Kubernetes answer, such as a proxy's page.
    Garbage(u16, &'static str, String),
    /// Its body comes in pieces of so many bytes, with so much time between them.
    Slow(usize, Duration),
    /// The body ends after so many bytes, in the middle of whatever it is.
    Torn(usize),
    /// The connection is closed without an answer.
    Closed,
    /// It is never answered.
    Silent,
}

/// Which requests a fault strikes, and how often.
#[derive(Debug, Clone)]
struct Rule {
    method: Option<Method>,
    prefix: String,
    fault: Fault,
    /// How many more times; `None` for ever.
    times: Option<u32>,
}

/// All that is to go wrong.
#[derive(Debug)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
    cuts: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { rules: Mutex::default(), cuts: watch::Sender::new(0) }
    }
}

impl Faults {
    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets requests of a method (or of any), whose path and query begin with `prefix`, go wrong: so many times, or for ever.
    pub fn add(&self, method: Option<Method>, prefix: &str, fault: Fault, times: Option<u32>) {
        self.rules().push(Rule { method, prefix: prefix.to_owned(), fault, times });
    }

    /// A server that answers nothing any more.
    pub fn die(&self) {
        self.add(None, "/", Fault::Closed, None);
        self.cut();
    }

    /// Everything is well again.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// Ends all watches that are open, as a restarting server does.
    pub fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }

    /// Changes when watches are cut.
    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }

    /// What goes wrong with a request; counts it.
    pub(super) fn strike(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut rules = self.rules();
        let at = rules.iter().position(|rule| {
            rule.method.as_ref().is_none_or(|wanted| wanted == method) && path.starts_with(&rule.prefix)
        })?;
        let rule = rules.get_mut(at)?;
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times -= 1;
            if *times == 0 {
                rules.remove(at);
            }
        }
        Some(fault)
    }
}
