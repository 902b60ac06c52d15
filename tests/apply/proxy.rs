//! A proxy before the API server, which counts what is asked and answers badly when told to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use kube::Client;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::scene::Scene;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It reaches the API server, and the answer comes back.
    Passes,
    /// It is answered with this code, and reaches nobody.
    Refused(u16),
    /// The connection is cut, and it reaches nobody.
    CutBefore,
    /// The connection is cut after the API server has done it.
    CutAfter,
}

/// What decides about requests: by their number, from 1 on, and their method.
type Decide = dyn Fn(usize, &str) -> Fate + Send + Sync;

#[derive(Default)]
struct Seen {
    count: usize,
    writes: usize,
    /// By method and what is asked for, names left out.
    requests: BTreeMap<String, usize>,
}

pub(crate) struct Proxy {
    pub(crate) server: String,
    seen: Arc<Mutex<Seen>>,
    told: tokio::sync::watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub(crate) async fn start(
        scene: &Scene,
        decide: impl Fn(usize, &str) -> Fate + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let server = format!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (tell, told) = tokio::sync::watch::channel(0);
        let (client, decide) = (scene.cluster.client(), Arc::new(decide) as Arc<Decide>);
        let (tell, noted) = (Arc::new(tell), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let answered =
                    serve(socket, client.clone(), Arc::clone(&decide), Arc::clone(&noted), Arc::clone(&tell));
                tokio::spawn(async { answered.await.unwrap_or_default() });
            }
        });
        Ok(Self { server, seen, told, task })
    }

    /// A kubeconfig that leads through it.
    pub(crate) fn kubeconfig(&self, scene: &Scene, folder: &Path) -> Result<std::path::PathBuf, String> {
        let path = folder.join("proxy.kubeconfig");
        scene.write_kubeconfig(&path, &self.server)?;
        Ok(path)
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> BTreeMap<String, usize> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Waits until so many requests came that write.
    pub(crate) async fn reached(&self, count: usize) {
        let mut told = self.told.clone();
        let _ = told.wait_for(|writes| *writes >= count).await;
    }
}

async fn serve(
    socket: TcpStream,
    client: Client,
    decide: Arc<Decide>,
    seen: Arc<Mutex<Seen>>,
    tell: Arc<tokio::sync::watch::Sender<usize>>,
) -> Option<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let (request, method, path) = read(&mut socket).await?;
        let (number, writes) = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.count += 1;
            seen.writes += usize::from(method != "GET");
            *seen.requests.entry(format!("{method} {}", plain(&path))).or_default() += 1;
            (seen.count, seen.writes)
        };
        let fate = decide(number, &method);
        tell.send_replace(writes);
        let answer = match fate {
            Fate::CutBefore => return None,
            Fate::Refused(code) => refusal(code),
            Fate::Passes | Fate::CutAfter => {
                let answer = client.send(request).await.ok()?;
                let code = answer.status();
                let kind = answer.headers().get("content-type").cloned();
                let body = answer.into_body().collect_bytes().await.ok()?;
                if fate == Fate::CutAfter {
                    return None;
                }
                let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or("application/json");
                let head = format!(
                    "HTTP/1.1 {} OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                    code.as_u16(),
                    body.len()
                );
                [head.as_bytes(), &body].concat()
            }
        };
        socket.write_all(&answer).await.ok()?;
    }
}

/// A path without names and parameters: `/api/v1/namespaces/*/services/*?dryRun`.
fn plain(path: &str) -> String {
    let (path, parameters) = path.split_once('?').unwrap_or((path, ""));
    let dry = if parameters.contains("dryRun=All") { "?dryRun" } else { "" };
    format!("{path}{dry}")
}

fn refusal(code: u16) -> Vec<u8> {
    let reason = match code {
        401 => "Unauthorized",
        410 => "Expired",
        429 => "TooManyRequests",
        _ => "InternalError",
    };
    let body = format!(
        "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"injected\",\"reason\":\"{reason}\",\"code\":{code}}}"
    );
    let again = if code == 429 { "retry-after: 1\r\n" } else { "" };
    format!(
        "HTTP/1.1 {code} X\r\ncontent-type: application/json\r\n{again}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One request of a connection that stays open.
async fn read(
    socket: &mut BufReader<TcpStream>,
) -> Option<(http::Request<kube::client::Body>, String, String)> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut request = http::Request::builder().method(method.as_str()).uri(&path);
    let mut length = 0;
    loop {
        let mut header = String::new();
        socket.read_line(&mut header).await.ok().filter(|read| *read > 0)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            // The client of the proxy has its own.
            "host" | "authorization" | "accept-encoding" | "connection" => {}
            _ => request = request.header(name, value),
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some((request.body(body.into()).ok()?, method, path))
}
