use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use touchstone_accounts::Scope;

use crate::ctx::Ctx;

/// One method on one path: what it does, for people and programs, and the handler.
pub(crate) struct Endpoint {
    /// `get` or `post`.
    pub(crate) method: &'static str,
    /// The path with `{parameters}`.
    pub(crate) path: &'static str,
    /// A name for generated clients.
    pub(crate) id: &'static str,
    /// What it does, in Chinese and English.
    pub(crate) summary: (&'static str, &'static str),
    /// What more there is to know.
    pub(crate) description: &'static str,
    /// The scope that the key needs; none if no key is needed.
    pub(crate) scope: Option<Scope>,
    /// Parameters in the path, the query and the headers.
    pub(crate) parameters: Vec<Parameter>,
    /// Kinds of body that are read.
    pub(crate) bodies: Vec<Content>,
    /// What is answered when all went well.
    pub(crate) answers: Vec<Content>,
    /// The kinds of problem that are possible, besides those that always are.
    pub(crate) problems: &'static [&'static str],
    /// Does it.
    pub(crate) handler: MethodRouter<Ctx>,
}

/// A parameter.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// `path`, `query` or `header`.
    pub(crate) place: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: serde_json::Value,
}

/// A kind of body with its schema.
pub(crate) struct Content {
    pub(crate) media_type: &'static str,
    pub(crate) schema: Box<dyn Fn(&mut SchemaGenerator) -> Schema>,
    pub(crate) example: Option<serde_json::Value>,
}

impl Content {
    /// A body of the type `T`.
    pub(crate) fn of<T: JsonSchema>(media_type: &'static str) -> Self {
        Self { media_type, schema: Box::new(|generator| generator.subschema_for::<T>()), example: None }
    }

    /// A text.
    pub(crate) fn text(media_type: &'static str) -> Self {
        Self::of::<String>(media_type)
    }

    /// A body of a schema that is written out.
    pub(crate) fn schema(media_type: &'static str, schema: serde_json::Value) -> Self {
        Self {
            media_type,
            schema: Box::new(move |_| Schema::try_from(schema.clone()).unwrap_or_default()),
            example: None,
        }
    }
}

/// A parameter in the query.
pub(crate) fn query(name: &'static str, about: &'static str, schema: serde_json::Value) -> Parameter {
    Parameter { name, place: "query", about, schema }
}
