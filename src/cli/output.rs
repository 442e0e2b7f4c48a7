//! The form of an answer: for people, for programs, for tables.

use clap::ValueEnum;

use crate::text::clean::clean;
use crate::text::width::width;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Text,
    /// JSON
    Json,
}

/// The form of an answer that is a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// For people
    Text,
    /// A list of objects
    Json,
    /// Comma-separated values, with a line of names above
    Csv,
}

/// Columns under their titles, as wide as they must be.
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell).into_owned()).collect()).collect();
    let all = || std::iter::once(&titles).chain(&rows);
    let widths: Vec<usize> = (0..titles.len())
        .map(|at| all().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in all() {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(cell)) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Lines of comma-separated values (RFC 4180), with the names of the columns first.
pub fn csv(titles: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = titles.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// Quoted where it must be. What a spreadsheet would take for a formula is not one.
fn quoted(cell: &str) -> String {
    let cell = clean(cell);
    let harmless = if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.into_owned() };
    if harmless.contains([',', '"', '\n', '\r']) { format!("\"{}\"", harmless.replace('"', "\"\"")) } else { harmless }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let text = table(&["WHO", "WHERE"], &[row(&["alice", "oil"]), row(&["\u{1b}[31mbob", ""])]);
        assert_eq!(text, "WHO       WHERE\nalice     oil\n\u{fffd}[31mbob\n");
    }

    #[test]
    fn values_are_quoted_and_never_formulas() {
        let text = csv(&["a", "b"], &[row(&["x,y", "say \"hi\""]), row(&["=1+1", "plain"])]);
        assert_eq!(text, "a,b\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n'=1+1,plain\r\n");
    }
}
