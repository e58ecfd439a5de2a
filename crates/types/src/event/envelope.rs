//! The envelope as it stands on the wire: reading it, and its JSON Schema.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Data, Event, EventKind, MAX_NAME_BYTES};
use crate::{Moment, Str};

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Id,
    Source,
    Type,
    Time,
    Data,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Event<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Envelope)
    }
}

struct Envelope;

impl<'de> Visitor<'de> for Envelope {
    type Value = Event<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event: {id, source, type, time, data}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event<'de>, A::Error> {
        let (mut id, mut source, mut kind, mut time) = (None, None, None, None);
        // `data` is read at once when `type` came before it, as it mostly does, else it waits.
        let mut data: Option<Data<'de>> = None;
        let mut waiting: Option<&'de RawValue> = None;
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Id => put(&mut id, name(map.next_value()?, "id")?, "id")?,
                Field::Source => put(&mut source, name(map.next_value()?, "source")?, "source")?,
                Field::Type => put(&mut kind, name(map.next_value()?, "type")?, "type")?,
                Field::Time => put(&mut time, map.next_value::<Moment>()?, "time")?,
                Field::Data if data.is_some() || waiting.is_some() => {
                    return Err(A::Error::duplicate_field("data"));
                }
                Field::Data => match &kind {
                    Some(kind) => data = Some(map.next_value_seed(DataOf(kind))?),
                    None => waiting = Some(map.next_value()?),
                },
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let kind: Str<'de> = kind.ok_or_else(|| A::Error::missing_field("type"))?;
        let data = match (data, waiting) {
            (Some(data), _) => data,
            (None, Some(raw)) => {
                let mut inner = serde_json::Deserializer::from_str(raw.get());
                Data::parse(&kind, &mut inner).map_err(A::Error::custom)?
            }
            (None, None) if EventKind::from_name(&kind).is_some() => {
                return Err(A::Error::missing_field("data"));
            }
            (None, None) => Data::Unknown,
        };
        Ok(Event {
            source: source.ok_or_else(|| A::Error::missing_field("source"))?,
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            kind,
            time: time.ok_or_else(|| A::Error::missing_field("time"))?,
            data,
        })
    }
}

struct DataOf<'k>(&'k str);

impl<'de> serde::de::DeserializeSeed<'de> for DataOf<'_> {
    type Value = Data<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data<'de>, D::Error> {
        Data::parse(self.0, deserializer)
    }
}

fn put<T, E: serde::de::Error>(slot: &mut Option<T>, value: T, field: &'static str) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(field)),
    }
}

fn name<'a, E: serde::de::Error>(text: Str<'a>, field: &str) -> Result<Str<'a>, E> {
    if (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(E::custom(format!("`{field}` must have 1 to {MAX_NAME_BYTES} bytes and no control characters")))
    }
}

pub(super) fn schema(
    kinds: Vec<serde_json::Value>,
    definitions: serde_json::Map<String, serde_json::Value>,
) -> schemars::Schema {
    let name = serde_json::json!({ "type": "string", "minLength": 1, "maxLength": MAX_NAME_BYTES });
    schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Touchstone event, version 1",
        "description": "A CloudEvents 1.0 envelope; (source, id) is the idempotency key. Unknown fields are kept. An event of an unknown type is stored and answered with \"not screened\".",
        "type": "object",
        "required": ["id", "source", "type", "time"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": name,
            "source": name,
            "type": name,
            "time": { "type": "string", "format": "date-time" },
        },
        "anyOf": kinds.into_iter().chain([serde_json::json!({
            "title": "unknown type",
            "properties": { "type": { "not": { "enum": EventKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>() } } },
        })]).collect::<Vec<_>>(),
        "$defs": definitions,
    })
}
