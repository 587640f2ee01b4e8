//! HTTP: the URL table, the contract's shapes, the gate, the platform API, the OpenAPI document.
