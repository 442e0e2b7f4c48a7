//! `tenantry --demo` from nothing: the cluster in the program is furnished while the terminal is being set up.

use std::time::Duration;

use tenantry::demo::clock::Clock;
use tenantry::demo::platform;

use crate::Outcome;
use crate::console::{Console, Milestones, Platform};
use crate::figures::{Series, Verdict, millis};
use crate::ground::Counts;
use crate::usage::mib;

/// What must hold.
mod bound {
    use std::time::Duration;

    pub(super) const FIRST_SCREEN: Duration = Duration::from_millis(100);
    pub(super) const ALL_ROWS: Duration = Duration::from_millis(300);
    /// Bytes in memory at rest.
    pub(super) const RESIDENT: u64 = 40 << 20;
}

pub fn measure() -> Outcome<Vec<Verdict>> {
    let rounds = crate::rounds()?;
    let counts = counts();
    println!("on the demo: {counts}");
    let mut seen = Vec::new();
    let mut at_rest = Vec::new();
    for round in 1..=rounds {
        crate::progress(&format!("demo, round {round} of {rounds}"));
        let console = Console::start(Platform::Demo, counts)?;
        seen.push(console.milestones()?);
        at_rest.push(console.memory_at_rest()?);
        console.quit()?;
    }
    crate::progress("");

    println!("\n{:<52} {:>9} {:>21}", format!("{rounds} rounds"), "median", "from - to");
    let series = |of: fn(&Milestones) -> Duration| Series::of(seen.iter().map(|seen| millis(of(seen))));
    let (screen, all) = (series(|seen| seen.screen), series(|seen| seen.all));
    println!("{}", series(|seen| seen.byte).line("demo: first byte", "ms"));
    println!("{}", screen.line("demo: first screen", "ms"));
    println!("{}", all.line("demo: all rows of all panes", "ms"));
    println!("{}", series(|seen| seen.cpu).line("demo: processor time until then", "ms"));
    let resident = Series::of(at_rest.iter().map(|usage| mib(usage.resident)));
    println!("{}", resident.line("demo: resident at rest", "MiB"));
    println!("{}", Series::of(at_rest.iter().map(|usage| mib(usage.peak))).line("demo: peak until rest", "MiB"));
    println!();
    let verdicts = vec![
        Verdict::time("demo: first screen", screen.median, bound::FIRST_SCREEN),
        Verdict::time("demo: all rows", all.median, bound::ALL_ROWS),
        Verdict::new(
            "demo: resident",
            format!("{:.1} MiB", resident.median),
            format!("{:.0} MiB", mib(bound::RESIDENT)),
            resident.median < mib(bound::RESIDENT),
        ),
    ];
    for verdict in &verdicts {
        println!("{verdict}");
    }
    println!();
    Ok(verdicts)
}

/// What there is to be shown.
fn counts() -> Counts {
    let demo = platform::lke_demo(Clock::Hand(Clock::Wall.now()), 1);
    let registry = demo.cluster().lock();
    let count = |resource: &str| registry.views(resource, None).count();
    Counts {
        tenants: count("tenants.capsule.clastix.io"),
        namespaces: count("namespaces"),
        role_bindings: count("rolebindings.rbac.authorization.k8s.io"),
        cluster_role_bindings: count("clusterrolebindings.rbac.authorization.k8s.io"),
    }
}
