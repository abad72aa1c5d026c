//! Documents of the API, read so that one strange field costs that field and nothing else.
//!
//! To add a document: a struct in [`document!`], every field an `Option`.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A struct of which every field may be missing, null or of another kind than expected; it is none then.
macro_rules! document {
    (
        $(#[$about:meta])*
        $reach:vis struct $name:ident {
            $($(#[$field_about:meta])* $field_reach:vis $field:ident: Option<$kind:ty>,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(default)]
        $reach struct $name {
            $(
                $(#[$field_about])*
                #[serde(deserialize_with = "crate::circleci::document::field")]
                $field_reach $field: Option<$kind>,
            )*
        }
    };
}

pub(super) use document;

/// A field as far as it can be understood.
pub(super) fn field<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(understood(Value::deserialize(from)?))
}

/// A whole document; none where nothing in it is what it should be.
pub(super) fn whole<T: DeserializeOwned + Default + PartialEq>(document: Value) -> Option<T> {
    let is_object = document.is_object();
    understood(document).filter(|found| !is_object || *found != T::default())
}

/// A value: a number in quotation marks is that number, an item that is none of its list is left out.
fn understood<T: DeserializeOwned>(value: Value) -> Option<T> {
    // To serde a list may be a struct without the names of its fields.
    if value.is_array() && T::deserialize(Value::Object(Map::new())).is_ok() {
        return None;
    }
    let fits = |value: Value| T::deserialize(value).ok();
    match value {
        Value::Array(mut items) => {
            items.retain(|item| !item.is_array());
            T::deserialize(Value::from(items.as_slice())).ok().or_else(|| {
                items.retain(|item| fits(Value::from(std::slice::from_ref(item))).is_some());
                fits(items.into())
            })
        }
        Value::String(text) => {
            T::deserialize(Value::from(text.as_str())).ok().or_else(|| fits(serde_json::from_str(&text).ok()?))
        }
        Value::Number(number) => {
            T::deserialize(Value::from(number.clone())).ok().or_else(|| fits(number.to_string().into()))
        }
        other => fits(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    document! {
        struct Part {
            name: Option<String>,
        }
    }

    document! {
        struct Thing {
            number: Option<u64>,
            name: Option<String>,
            on: Option<bool>,
            parts: Option<Vec<Part>>,
            part: Option<Part>,
        }
    }

    fn thing(document: Value) -> Option<Thing> {
        whole(document)
    }

    #[test]
    fn a_strange_field_costs_itself_alone() {
        for strange in [json!("x"), json!(-1), json!(1.5), json!([7]), json!({"a": 1}), json!(true), json!(null)] {
            let found = thing(json!({"number": strange, "name": "n", "new": {"x": []}})).expect("a thing");
            assert_eq!((found.number, found.name.as_deref()), (None, Some("n")), "{strange}");
        }
        let found = thing(json!({"part": ["n"], "parts": {"name": "n"}, "on": 7, "name": "n"})).expect("a thing");
        assert_eq!(found, Thing { name: Some("n".into()), ..Thing::default() });
    }

    #[test]
    fn what_means_the_same_is_taken() {
        let found = thing(json!({"number": "345", "name": 12, "on": "true"})).expect("a thing");
        assert_eq!((found.number, found.name.as_deref(), found.on), (Some(345), Some("12"), Some(true)));
    }

    #[test]
    fn a_strange_item_costs_itself_alone() {
        let found = thing(json!({"parts": [7, {"name": "a"}, null, ["x"], {"name": []}]})).expect("a thing");
        let names: Vec<_> = found.parts.into_iter().flatten().map(|part| part.name).collect();
        assert_eq!(names, [Some("a".into()), None]);
    }

    #[test]
    fn another_document_is_none() {
        for other in [json!({}), json!({"message": "soon"}), json!([["n", 7]]), json!("n"), json!(7), json!(null)] {
            assert_eq!(thing(other.clone()), None, "{other}");
        }
        assert_eq!(whole::<Vec<Thing>>(json!([])), Some(Vec::new()));
        assert_eq!(whole::<Vec<Thing>>(json!({})), None);
    }
}
