//! Text to documents: YAML as Kubernetes reads it, with places.
