//! What a process uses, as the kernel counts it.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Between two ticks of the kernel's clock for users: 100 a second on every platform that Linux runs on.
const TICK: Duration = Duration::from_millis(10);

/// Bytes of memory and time of the processor.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// In memory now.
    pub resident: u64,
    /// Of that, what is the process's own: not pages of the files that it was made from, which the kernel can drop.
    pub own: u64,
    /// The most that was in memory.
    pub peak: u64,
    /// Of the processor, all threads together, also those that have ended.
    pub cpu: Duration,
}

impl Usage {
    pub fn of(process: u32) -> Outcome<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let memory = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            number.map(|number| number << 10).ok_or_else(|| format!("/proc/{process}/status has no {name}"))
        };
        // The name in brackets may hold anything; user and system time are the 12th and 13th field after it.
        let (_, after) = stat.rsplit_once(')').ok_or("/proc/PID/stat is not understood")?;
        let ticks: Vec<u32> = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
        Ok(Self {
            resident: memory("VmRSS")?,
            own: memory("RssAnon")?,
            peak: memory("VmHWM")?,
            cpu: TICK * ticks.iter().sum(),
        })
    }
}

pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
