//! The OpenAPI 3.1 document, assembled from the table of endpoints and the types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use schemars::transform::Transform;
use serde_json::{Map, Value, json};
use touchstone_types::Event;

use super::endpoint::{Content, Endpoint};
use super::endpoints;
use super::error::{self, ApiError, Problem};

/// Problems that any endpoint may answer with.
const ALWAYS: [&str; 2] = ["internal", "unavailable"];
/// Problems of every endpoint that needs a key.
const WITH_KEY: [&str; 3] = ["no_key", "missing_scope", "too_many"];

/// The OpenAPI 3.1 document of this server.
#[must_use]
pub fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|it| it.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints() {
        let operation = operation(&endpoint, &mut generator);
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method] = operation;
    }
    generator.subschema_for::<Problem>();
    let mut schemas = generator.take_definitions(true);
    add_event(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Touchstone 试金石",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Tells real support from fake.",
            "description": "Post what happens on your platform; get a verdict with its reasons, at once and as a stream.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "x-problems": problems(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, made with `touchstone key create`.",
                },
            },
        },
    })
}

/// Every kind of problem with what a person reads.
fn problems() -> Vec<Value> {
    ApiError::KINDS
        .iter()
        .map(|it| json!({ "kind": it.name, "status": it.status, "title": it.title, "message": it.message() }))
        .collect()
}

fn operation(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let content: Map<String, Value> =
        endpoint.answers.iter().map(|it| (it.media_type.to_owned(), media(it, generator))).collect();
    responses.insert("200".to_owned(), json!({ "description": endpoint.summary.1, "content": content }));
    let with_key: &[&str] = if endpoint.scope.is_some() { &WITH_KEY } else { &[] };
    for kind in ALWAYS.iter().chain(with_key).chain(endpoint.problems) {
        let kind = error::kind(kind);
        responses.insert(
            kind.status.to_string(),
            json!({
                "description": kind.title,
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            }),
        );
    }
    let mut operation = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary.1,
        "x-summary-zh": endpoint.summary.0,
        "description": endpoint.description,
        "responses": responses,
    });
    if !endpoint.parameters.is_empty() {
        operation["parameters"] = endpoint
            .parameters
            .iter()
            .map(|it| {
                json!({
                    "name": it.name,
                    "in": it.place,
                    "required": it.place == "path",
                    "description": it.about,
                    "schema": it.schema,
                })
            })
            .collect();
    }
    if !endpoint.bodies.is_empty() {
        let content: Map<String, Value> =
            endpoint.bodies.iter().map(|it| (it.media_type.to_owned(), media(it, generator))).collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if let Some(scope) = endpoint.scope {
        operation["security"] = json!([{ "key": [scope.name()] }]);
    }
    operation
}

fn media(content: &Content, generator: &mut SchemaGenerator) -> Value {
    let mut media = json!({ "schema": (content.schema)(generator) });
    if let Some(example) = &content.example {
        media["example"] = example.clone();
    }
    media
}

/// The event's schema comes with definitions of its own: they move beside the others.
fn add_event(schemas: &mut Map<String, Value>) {
    let mut event = Event::json_schema();
    MoveDefinitions.transform(&mut event);
    let mut event: Value = event.into();
    if let Some(object) = event.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(definitions)) = object.remove("$defs") {
            for (name, definition) in definitions {
                schemas.entry(name).or_insert(definition);
            }
        }
    }
    schemas.insert("Event".to_owned(), event);
}

struct MoveDefinitions;

impl Transform for MoveDefinitions {
    fn transform(&mut self, schema: &mut schemars::Schema) {
        if let Some(Value::String(reference)) = schema.get_mut("$ref")
            && let Some(name) = reference.strip_prefix("#/$defs/")
        {
            *reference = format!("#/components/schemas/{name}");
        }
        schemars::transform::transform_subschemas(self, schema);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, inner)| match inner {
                Value::String(text) if key == "$ref" => found.push(text.clone()),
                _ => references(inner, found),
            }),
            Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn names_of_operations_are_not_used_twice() {
        let mut ids: Vec<_> = endpoints().iter().map(|it| it.id).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn every_path_parameter_is_described() {
        for endpoint in endpoints() {
            for name in endpoint.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(
                    endpoint.parameters.iter().any(|it| it.place == "path" && it.name == name),
                    "{} of {}",
                    name,
                    endpoint.path
                );
            }
        }
    }

    /// Run with `UPDATE=1` after a change to the API.
    #[test]
    fn the_committed_document_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let now = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == now, "docs/openapi.json is old: run this test with UPDATE=1 and commit it");
    }
}
