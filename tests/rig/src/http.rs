//! Plain HTTP questions to the components.

use std::time::Duration;

/// The body that a GET answers with.
///
/// # Errors
///
/// No answer within five seconds, or one that is not a success.
pub async fn get(url: String) -> Result<String, String> {
    tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
        let mut answer = agent.get(&url).call().map_err(|error| format!("{url}: {error}"))?;
        answer
            .body_mut()
            .with_config()
            .limit(256 << 20)
            .read_to_string()
            .map_err(|error| format!("{url}: {error}"))
    })
    .await
    .map_err(|error| error.to_string())?
}

/// Whether a GET succeeds.
pub async fn answers(url: String) -> bool {
    get(url).await.is_ok()
}

/// A POST without a body.
///
/// # Errors
///
/// No answer within a minute, or the body of one that is not a success.
pub async fn post(url: String) -> Result<(), String> {
    tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_mins(1)))
            .http_status_as_error(false)
            .build()
            .into();
        let mut answer = agent.post(&url).send_empty().map_err(|error| format!("{url}: {error}"))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let body = answer.body_mut().read_to_string().map_err(|error| format!("{url}: {error}"))?;
        Err(body.trim().to_owned())
    })
    .await
    .map_err(|error| error.to_string())?
}
