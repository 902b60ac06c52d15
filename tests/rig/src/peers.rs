//! What `cargo xtask bench peers` needs: the program promwire is measured beside, and the schemas of the API server.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use promwire_rig::cluster::{Cluster, wait};
use promwire_rig::components::{KUBECONFORM, Selection, component};
use promwire_rig::programs::{self, Programs};
use promwire_rig::run_folder::RunFolder;
use promwire_rig::{launch, say};
use serde_json::json;

/// What is asked: with definitions of custom resources, too.
const DOCUMENT: &str = "/openapi/v2";

/// A definition that is there when the custom resources are.
const LAST: &str = "com.coreos.monitoring.v1.ServiceMonitor";

/// Where the document of these versions is kept.
fn document(selection: &Selection) -> PathBuf {
    let version = |name| component(name).map_or("", |component| selection.version(component).name);
    programs::cache().join(format!("openapi-{}-{}.json", version("kubernetes"), version("operator")))
}

/// The outer half: prints where everything is, as JSON.
pub(crate) fn outside(selection: &Selection) -> Result<ExitCode, String> {
    let kubeconform = programs::other(&KUBECONFORM, &mut |text| say(text))?;
    let document = document(selection);
    if !document.is_file() {
        let code = launch::launch()?.wait();
        if !document.is_file() {
            return Ok(code);
        }
    }
    #[expect(clippy::print_stdout, reason = "this is the command's result")]
    {
        println!("{}", json!({"kubeconform": kubeconform, "openapi": document}));
    }
    Ok(ExitCode::SUCCESS)
}

/// The inner half: starts a cluster, and keeps what its API server says.
pub(crate) fn inside(run: &RunFolder, selection: &Selection) -> Result<ExitCode, String> {
    let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| format!("the asynchronous runtime: {error}"))?;
    runtime.block_on(async {
        let cluster = Cluster::start(programs, run.clone()).await?;
        let ask = || async {
            let request = http::Request::get(DOCUMENT).body(Vec::new()).map_err(|error| error.to_string())?;
            cluster.client().request_text(request).await.map_err(|error| error.to_string())
        };
        let is_complete = async || ask().await.is_ok_and(|text| text.contains(LAST));
        wait(Duration::from_mins(1), "the definition of a ServiceMonitor", is_complete).await?;
        let path = document(selection);
        std::fs::write(&path, ask().await?).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(ExitCode::SUCCESS)
    })
}
