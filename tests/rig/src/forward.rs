//! From a port of the machine into the network of a run.
//!
//! A socket file crosses network namespaces: the outer half takes connections on 127.0.0.1, the inner half makes them
//! again inside.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

fn socket(run: &Path) -> PathBuf {
    run.join("forward.sock")
}

/// The inner half: answers until the task is dropped.
pub(crate) fn inside(run: &Path) -> Result<(), String> {
    let path = socket(run);
    let listener = UnixListener::bind(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // A connection that breaks is the caller's to notice, as on any network.
                let _ = connect(stream).await;
            });
        }
    });
    Ok(())
}

/// The first line names the address.
async fn connect(stream: UnixStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut target = String::new();
    stream.read_line(&mut target).await?;
    let target: SocketAddr = target.trim().parse().map_err(std::io::Error::other)?;
    let mut inner = TcpStream::connect(target).await?;
    copy_bidirectional(&mut stream, &mut inner).await?;
    Ok(())
}

/// The outer half: a port of this machine that leads to an address inside. It answers until the task is dropped.
pub(crate) async fn outside(run: &Path, target: SocketAddr) -> Result<u16, String> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| format!("127.0.0.1: {error}"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let path = socket(run);
    tokio::spawn(async move {
        while let Ok((mut outer, _)) = listener.accept().await {
            let path = path.clone();
            tokio::spawn(async move {
                let Ok(mut inner) = UnixStream::connect(&path).await else { return };
                if inner.write_all(format!("{target}\n").as_bytes()).await.is_ok() {
                    let _ = copy_bidirectional(&mut outer, &mut inner).await;
                }
            });
        }
    });
    Ok(port)
}
