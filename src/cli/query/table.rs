//! Values as a table.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Sample, Series};
use crate::report::visible::visible;

/// Series with one value each: labels that all have alike are left out, unless there is only one.
pub(super) fn vector(samples: &[Sample]) -> String {
    let rows: Vec<(&BTreeMap<String, String>, String)> = samples
        .iter()
        .map(|sample| {
            let value =
                sample.value.as_ref().map_or_else(|| "a histogram".to_owned(), |(_, value)| value.clone());
            (&sample.metric, value)
        })
        .collect();
    table(&rows)
}

/// Series with several values, of a query such as `up[1m]`: the last, and how many there are.
pub(super) fn matrix(series: &[Series]) -> String {
    let rows: Vec<(&BTreeMap<String, String>, String)> = series
        .iter()
        .map(|series| {
            let last = series.values.last().map(|(_, value)| value.as_str()).unwrap_or_default();
            (&series.metric, format!("{last} (the last of {})", series.values.len()))
        })
        .collect();
    table(&rows)
}

fn table(rows: &[(&BTreeMap<String, String>, String)]) -> String {
    let names: BTreeSet<&str> =
        rows.iter().flat_map(|(labels, _)| labels.keys().map(String::as_str)).collect();
    let value = |labels: &BTreeMap<String, String>, name: &str| labels.get(name).cloned().unwrap_or_default();
    let differs = |name: &&str| {
        let mut values = rows.iter().map(|(labels, _)| value(labels, name));
        let first = values.next();
        rows.len() == 1 || values.any(|other| Some(other) != first)
    };
    let names: Vec<&str> = names.into_iter().filter(differs).collect();
    let head = names.iter().map(|name| (*name).to_owned()).chain(["VALUE".to_owned()]).collect();
    let mut lines: Vec<Vec<String>> = rows
        .iter()
        .map(|(labels, last)| {
            let labels = names.iter().map(|name| value(labels, name));
            labels.chain([last.clone()]).map(|cell| visible(&cell).into_owned()).collect()
        })
        .collect();
    lines.sort();
    if rows.is_empty() {
        return String::new();
    }
    lines.insert(0, head);
    let widths: Vec<usize> = (0..=names.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(labels: &[(&str, &str)], value: &str) -> Sample {
        let metric = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sample { metric, value: Some((0.0, value.to_owned())) }
    }

    #[test]
    fn labels_that_all_share_are_left_out() {
        let samples = [
            sample(&[("__name__", "up"), ("job", "web"), ("pod", "b")], "0"),
            sample(&[("__name__", "up"), ("job", "web"), ("pod", "a-1")], "1"),
        ];
        assert_eq!(vector(&samples), "pod  VALUE\na-1  1\nb    0\n");
        assert_eq!(vector(&samples[..1]), "__name__  job  pod  VALUE\nup        web  b    0\n");
        assert_eq!(vector(&[]), "");
    }
}
