//! Ranges as a chart: a line of blocks for each series, over one scale.

use std::fmt::Write as _;
use std::time::Duration;

use crate::cluster::Series;
use crate::prom::duration;
use crate::report::visible::visible;

/// From low to high.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Series that are drawn; more would not be read.
const MOST: usize = 40;

/// The series over the time that was asked for, in a terminal of this many columns.
pub(super) fn draw(series: &[Series], columns: usize, range: Duration) -> String {
    let all: Vec<Vec<(f64, f64)>> = series.iter().map(points).collect();
    let values = all.iter().flatten().map(|(_, value)| *value);
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if !low.is_finite() {
        return String::new();
    }
    let times = all.iter().flatten().map(|(time, _)| *time);
    let end = times.fold(f64::NEG_INFINITY, f64::max);
    let start = end - range.as_secs_f64();
    let width = columns.clamp(20, 120) - 2;
    let mut text = String::new();
    let order = {
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by_key(|at| title(&series[*at]));
        order
    };
    for at in order.iter().take(MOST) {
        let last = all[*at].last().map_or_else(|| "no values".to_owned(), |(_, value)| number(*value));
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}  {last}", visible(&title(&series[*at])));
        let _ = writeln!(text, "  {}", line(&all[*at], (start, end), (low, high), width));
    }
    if series.len() > MOST {
        let _ = writeln!(text, "… and {} more series", series.len() - MOST);
    }
    let past = duration::canonical(range);
    let scale = format!("{} … {}", number(low), number(high));
    let _ = writeln!(
        text,
        "  -{past}{:>width$}",
        format!("now, {scale}"),
        width = width.saturating_sub(past.len() + 1)
    );
    text
}

/// Times and values that are numbers.
fn points(series: &Series) -> Vec<(f64, f64)> {
    let parsed = series.values.iter().filter_map(|(time, value)| Some((*time, value.parse::<f64>().ok()?)));
    parsed.filter(|(_, value)| value.is_finite()).collect()
}

/// One line: the mean of what falls into a column, and a blank where nothing does.
fn line(points: &[(f64, f64)], (start, end): (f64, f64), (low, high): (f64, f64), width: usize) -> String {
    let mut sums = vec![(0.0, 0_u32); width];
    for (time, value) in points {
        let at = (time - start) / (end - start).max(f64::MIN_POSITIVE) * to_f64(width);
        let column = to_index(at).min(width - 1);
        sums[column].0 += value;
        sums[column].1 += 1;
    }
    // A sample lasts until the next: columns between two are those of the first.
    let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
    let mut previous = None;
    let last = sums.iter().rposition(|(_, count)| *count > 0).unwrap_or(0);
    let blocks = sums.iter().enumerate().map(|(column, sum)| {
        previous = mean(*sum).or(previous.filter(|_| column <= last && is_sparse(points, width)));
        match previous {
            None => ' ',
            Some(value) if high > low => {
                BLOCKS[to_index((value - low) / (high - low) * 8.0).min(BLOCKS.len() - 1)]
            }
            Some(_) => BLOCKS[3],
        }
    });
    blocks.collect::<String>().trim_end().to_owned()
}

/// Whether there are fewer points than columns because of the step, and not because some are missing.
fn is_sparse(points: &[(f64, f64)], width: usize) -> bool {
    points.len() < width
}

fn title(series: &Series) -> String {
    let name = series.metric.get("__name__").map(String::as_str).unwrap_or_default();
    let labels: Vec<String> = series
        .metric
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    if labels.is_empty() && !name.is_empty() {
        name.to_owned()
    } else {
        format!("{name}{{{}}}", labels.join(", "))
    }
}

/// A value with four digits that matter.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e6).contains(&size) {
        format!("{value:.3e}")
    } else if value.fract() == 0.0 {
        format!("{value}")
    } else {
        format!("{value:.3}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "columns of a terminal are few")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and some columns"
)]
fn to_index(value: f64) -> usize {
    value.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, values: &[(f64, &str)]) -> Series {
        let metric = [("__name__".to_owned(), name.to_owned()), ("job".to_owned(), "a".to_owned())].into();
        Series { metric, values: values.iter().map(|(time, value)| (*time, (*value).to_owned())).collect() }
    }

    #[test]
    fn a_slope_rises() {
        let values: Vec<(f64, String)> = (0..=36).map(|at| (f64::from(at) * 10.0, at.to_string())).collect();
        let values: Vec<(f64, &str)> = values.iter().map(|(time, value)| (*time, value.as_str())).collect();
        let text = draw(&[series("up", &values)], 40, Duration::from_mins(6));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(draw(&[series("a", &[(0.0, "NaN")])], 40, Duration::from_mins(1)), "");
        assert_eq!(draw(&[], 40, Duration::from_mins(1)), "");
        let text = draw(&[series("a", &[(0.0, "NaN"), (60.0, "5")])], 40, Duration::from_mins(1));
        assert!(text.contains('▄'), "one value has no scale: {text}");
    }
}
