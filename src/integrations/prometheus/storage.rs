//! Sizes of volumes and memory, and how much of a volume samples may fill.

use std::fmt;

/// Binary units, as Kubernetes quantities and Prometheus sizes (with a `B`) both know them.
const UNITS: &[&str] = &["Ki", "Mi", "Gi", "Ti", "Pi"];

/// The share of a volume that samples may fill: compaction and the write-ahead log need the rest.
const RETENTION_PERCENT: u64 = 85;

/// Below this a volume does not hold a block and the write-ahead log.
const SMALLEST_VOLUME: Size = Size { number: 1, unit: 2 };
/// Below this an empty Prometheus is killed.
const SMALLEST_MEMORY: Size = Size { number: 128, unit: 1 };

/// A size in a binary unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    number: u64,
    unit: usize,
}

impl Size {
    /// Reads the size of a volume.
    pub(super) fn parse_volume(text: &str) -> Result<Self, String> {
        Self::parse(text)?.at_least(SMALLEST_VOLUME)
    }

    /// Reads an amount of memory.
    pub(super) fn parse_memory(text: &str) -> Result<Self, String> {
        Self::parse(text)?.at_least(SMALLEST_MEMORY)
    }

    fn at_least(self, least: Self) -> Result<Self, String> {
        if self.number << (10 * self.unit) >= least.number << (10 * least.unit) {
            Ok(self)
        } else {
            Err(format!("Prometheus does not work with less than {least}"))
        }
    }

    /// Reads `50Gi`.
    fn parse(text: &str) -> Result<Self, String> {
        let refused = || "a size is a whole number with a unit Ki, Mi, Gi, Ti or Pi, such as 50Gi".to_owned();
        let (unit, digits) = UNITS
            .iter()
            .enumerate()
            .find_map(|(unit, suffix)| Some((unit, text.strip_suffix(suffix)?)))
            .ok_or_else(refused)?;
        match digits.parse() {
            Ok(number) if number > 0 && number < 1 << 20 => Ok(Self { number, unit }),
            _ => Err(refused()),
        }
    }

    /// The size samples may take of a volume of this size, in Prometheus' spelling. One unit smaller where
    /// rounding down in the same one would waste a noticeable part.
    pub(super) fn retention(self) -> String {
        let (number, unit) = match self.unit {
            0 => (self.number, 0),
            unit => (self.number * 1024, unit - 1),
        };
        let share = number * RETENTION_PERCENT / 100;
        format!("{share}{}B", UNITS[unit])
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, UNITS[self.unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_the_share_for_samples() {
        let size = Size::parse("50Gi").expect("it is a size");
        assert_eq!(size.to_string(), "50Gi");
        assert_eq!(size.retention(), "43520MiB");
        assert!(Size::parse_volume("1023Mi").is_err() && Size::parse_volume("1Gi").is_ok());
        assert!(Size::parse_memory("127Mi").is_err() && Size::parse_memory("131072Ki").is_ok());
        for text in ["", "50", "50G", "0Gi", "-1Gi", "1.5Gi", "99999999999Gi"] {
            assert!(Size::parse(text).is_err(), "{text}");
        }
    }
}
