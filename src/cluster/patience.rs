//! Asking again where that may help.

use std::future::Future;
use std::time::Duration;

/// Pauses between the tries of one request, in milliseconds: an API server that starts again is back within them. The client
/// itself waits when it is told to (429, 503 and 504, with `Retry-After`).
const PAUSES: [u64; 9] = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000];

/// Tries after an answer that says the server failed. It may be a webhook that is broken for good.
const AFTER_FAILURES: usize = 4;

/// Asks until there is an answer that another try would not change. Everything asked here may be asked twice: an apply or a
/// delete that went through does nothing the second time.
pub(super) async fn patiently<T, F: Future<Output = Result<T, kube::Error>>>(
    ask: impl Fn() -> F,
) -> Result<T, kube::Error> {
    for (tried, pause) in PAUSES.into_iter().enumerate() {
        match ask().await {
            Err(error) if is_transport(&error) || (is_failure(&error) && tried < AFTER_FAILURES) => {
                // Those that failed together do not come back together.
                let jitter =
                    u64::from(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos()) % 50;
                tokio::time::sleep(Duration::from_millis(pause + jitter)).await;
            }
            answer => return answer,
        }
    }
    ask().await
}

/// Whether there was no answer at all, or half of one.
pub(super) fn is_transport(error: &kube::Error) -> bool {
    matches!(error, kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_))
        && !is_about_trust(error)
}

/// Certificates do not get better by asking again.
fn is_about_trust(error: &kube::Error) -> bool {
    let text = error.to_string();
    text.contains("certificate") || text.contains("InvalidMessage")
}

/// Whether the server says that it failed, or that what was asked for is too old by now.
fn is_failure(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 408 | 410 | 500 | 502))
}
