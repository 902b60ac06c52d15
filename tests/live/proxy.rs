//! A server between promwire and the API server: it counts what is asked, and can answer in its place.

use std::sync::{Arc, Mutex};

use kube::Client;
use kube::client::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Decides about a request, given its path and how many there were before: the code to answer with instead.
type Instead = Arc<dyn Fn(&str, usize) -> Option<u16> + Send + Sync>;

/// A running proxy; it ends with the runtime.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts one that asks as this client.
    pub(crate) async fn start(
        client: Client,
        instead: impl Fn(&str, usize) -> Option<u16> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, instead): (_, Instead) = (Arc::clone(&asked), Arc::new(instead));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, client.clone(), Arc::clone(&log), Arc::clone(&instead)));
            }
        });
        Ok(Self { address, asked })
    }

    /// Method and path of every request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

async fn serve(mut stream: TcpStream, client: Client, log: Arc<Mutex<Vec<String>>>, instead: Instead) {
    let mut buffer = Vec::new();
    while let Some(request) = head(&mut stream, &mut buffer).await {
        let (path, before) = {
            let Ok(mut log) = log.lock() else { return };
            let path = request.uri().to_string();
            log.push(format!("{} {path}", request.method()));
            (path, log.len() - 1)
        };
        let (code, kind, body) = match instead(&path, before) {
            Some(code) => {
                let status = format!(
                    r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"injected","reason":"Injected","code":{code}}}"#
                );
                (code, "application/json".to_owned(), status.into_bytes())
            }
            None => match client.send(request).await {
                Ok(answer) => {
                    let code = answer.status().as_u16();
                    let kind = answer.headers().get(http::header::CONTENT_TYPE);
                    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
                    let Ok(body) = answer.into_body().collect_bytes().await else { return };
                    (code, kind, body.to_vec())
                }
                Err(_) => return,
            },
        };
        let head =
            format!("HTTP/1.1 {code} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
            return;
        }
    }
}

/// The next request, which has no body: promwire only reads.
async fn head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<http::Request<Body>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end + 4);
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let mut request = http::Request::builder().method(first.next()?).uri(first.next()?);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        if name.eq_ignore_ascii_case("accept") {
            request = request.header(name, value);
        }
    }
    request.body(Body::empty()).ok()
}
