//! Moments: when a certificate begins and ends, and what time it is.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use time::{Date, Month, OffsetDateTime};

/// A moment, in whole seconds: seconds since the beginning of 1970, UTC. Written and read as `2026-11-21T09:30:00Z`.
///
/// Nothing in this room asks what time it is; who calls it says so, which is [`Moment::now`] outside of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// What the clock of this machine says.
    pub fn now() -> Self {
        // Clocks before 1970 and after the end of the solar system are wrong clocks.
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
    }

    /// The moment so many seconds after the beginning of 1970.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the beginning of 1970.
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Whole days until another moment; negative when it has passed.
    pub const fn days_until(self, other: Self) -> i64 {
        other.0.saturating_sub(self.0).div_euclid(86_400)
    }

    /// The day, `2026-11-21`.
    pub fn day(self) -> String {
        self.to_string().split('T').next().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = OffsetDateTime::from_unix_timestamp(self.0) else {
            return write!(f, "{} s after 1970", self.0);
        };
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || format!("`{text}` is no moment such as 2026-11-21T09:30:00Z");
        let (date, clock) = text.strip_suffix('Z').and_then(|text| text.split_once('T')).ok_or_else(form)?;
        let numbers = |text: &str, separator: char, lengths: [usize; 3]| -> Option<[u16; 3]> {
            let parts: Vec<&str> = text.split(separator).collect();
            let right = |(part, length): (&&str, usize)| {
                part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            if parts.len() != 3 || !parts.iter().zip(lengths).all(right) {
                return None;
            }
            let mut read = parts.iter().map_while(|part| part.parse().ok());
            Some([read.next()?, read.next()?, read.next()?])
        };
        let [year, month, day] = numbers(date, '-', [4, 2, 2]).ok_or_else(form)?;
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2]).ok_or_else(form)?;
        let small = |number: u16| u8::try_from(number).map_err(|_| form());
        let month = Month::try_from(small(month)?).map_err(|_| form())?;
        let date = Date::from_calendar_date(i32::from(year), month, small(day)?).map_err(|_| form())?;
        let moment = date.with_hms(small(hour)?, small(minute)?, small(second)?).map_err(|_| form())?;
        Ok(Self(moment.assume_utc().unix_timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        let moment: Moment = "2026-11-21T09:30:05Z".parse().unwrap();
        assert_eq!(moment.as_unix(), 1_795_253_405);
        assert_eq!(moment.to_string(), "2026-11-21T09:30:05Z");
        assert_eq!(moment.day(), "2026-11-21");
        assert_eq!(Moment::from_unix(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Moment::from_unix(i64::MAX).to_string(), format!("{} s after 1970", i64::MAX));
        for wrong in ["", "2026-11-21", "2026-11-21T09:30Z", "2026-02-30T00:00:00Z", "2026-1-01T00:00:00Z"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_are_counted_down() {
        let day = 86_400;
        let now = Moment::from_unix(10 * day);
        assert_eq!(now.days_until(Moment::from_unix(12 * day - 1)), 1);
        assert_eq!(now.days_until(Moment::from_unix(10 * day - 1)), -1);
    }
}
