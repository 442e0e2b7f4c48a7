//! Which lines are on one side only.

use std::fmt;

use tenantry_cluster::Failure;
use tenantry_cluster::harness::Suite;

/// A line that only one of the two clusters led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The command.
    pub command: String,
    /// Whether it was the demo, and not the real cluster.
    pub of_demo: bool,
    /// The line.
    pub line: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.of_demo { '+' } else { '-' }, self.line)
    }
}

/// The lines that stand in one of two texts only, in their order: what a longest common subsequence leaves.
pub fn lines(command: &str, real: &str, demo: &str) -> Vec<Difference> {
    let (real, demo): (Vec<&str>, Vec<&str>) = (real.lines().collect(), demo.lines().collect());
    // common[i][j]: how many lines real[i..] and demo[j..] have in common.
    let mut common = vec![vec![0_usize; demo.len() + 1]; real.len() + 1];
    for i in (0..real.len()).rev() {
        for j in (0..demo.len()).rev() {
            common[i][j] =
                if real[i] == demo[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let difference = |of_demo, line: &str| Difference { command: command.to_owned(), of_demo, line: line.to_owned() };
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < real.len() || j < demo.len() {
        if i < real.len() && j < demo.len() && real[i] == demo[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == demo.len() || (i < real.len() && common[i + 1][j] >= common[i][j + 1]) {
            found.push(difference(false, real[i]));
            i += 1;
        } else {
            found.push(difference(true, demo[j]));
            j += 1;
        }
    }
    found
}

/// Whether differences are found.
pub fn tests(suite: Suite) -> Suite {
    suite.free("planted", "lines_that_differ_are_found", || async {
        let found: Vec<String> = lines("", "a\nb\nc\n", "a\nx\nc\nd\n").iter().map(Difference::to_string).collect();
        if found != ["-b", "+x", "+d"] || !lines("", "a\nb", "a\nb").is_empty() {
            return Err(Failure::new(format!("{found:?}")).into());
        }
        Ok(())
    })
}
