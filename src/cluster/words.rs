//! What the operator says of a monitor, in the cluster: Events, and the status where its gate is on.

use http::Request;
use serde_json::Value;

use super::client::Connection;
use super::kinds::LISTED;

impl Connection {
    /// What the operator (0.93) says of a monitor: the messages of its warnings, and why a Prometheus does not accept it
    /// (`status.bindings`, behind the gate `StatusForConfigurationResources`). Nothing where it says nothing, or may not be asked.
    pub fn words_of_operator(&self, kind: &str, namespace: &str, name: &str) -> Vec<String> {
        let Some(listed) = LISTED.iter().find(|listed| listed.kind == kind) else { return Vec::new() };
        let events = format!(
            "/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.kind%3D{kind},involvedObject.name%3D{name},type%3DWarning&limit=20"
        );
        let versions = ["v1", "v1alpha1"];
        let objects = versions.map(|version| {
            format!("/apis/{}/{version}/namespaces/{namespace}/{}/{name}", listed.group, listed.resource)
        });
        self.wait(async {
            let mut words = Vec::new();
            if let Some(events) = self.get_json(&events).await {
                let items = events["items"].as_array().into_iter().flatten();
                words.extend(items.filter_map(|event| event["message"].as_str()).map(str::to_owned));
            }
            for object in objects {
                let Some(object) = self.get_json(&object).await else { continue };
                let bindings = object["status"]["bindings"].as_array().into_iter().flatten();
                let conditions =
                    bindings.flat_map(|binding| binding["conditions"].as_array().into_iter().flatten());
                let refused = conditions.filter(|condition| condition["status"] == "False");
                words.extend(refused.filter_map(|one| one["message"].as_str()).map(str::to_owned));
                break;
            }
            words.dedup();
            words
        })
    }

    /// An object of the API server, if it gives it.
    async fn get_json(&self, path: &str) -> Option<Value> {
        self.client().request(Request::get(path).body(Vec::new()).ok()?).await.ok()
    }
}
