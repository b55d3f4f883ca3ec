"""Google's machine-readable description of Calendar v3, and a validator that reads it.

The description is the one that google-api-python-client carries; it says types, formats and which
fields there are, so a field the real API does not have is an error, too. Formats: RFC 3339, dates.
"""

import json
import re
from pathlib import Path
from typing import Any

import googleapiclient

DOCUMENT: dict[str, Any] = json.loads(
    Path(googleapiclient.__path__[0], "discovery_cache/documents/calendar.v3.json").read_text()
)
SCHEMAS: dict[str, Any] = DOCUMENT["schemas"]
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}
_FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)"),
}
_VALUE = re.compile(r'^- "([^"]+)" - ', re.MULTILINE)


def problems(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Everything about `value` that is not as the schema says, each with its place."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return []
    fits = isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not fits:
        return [f"{at}: {kind} is expected"]
    if kind == "object":
        return _of_object(value, schema, at)
    if kind == "array":
        inner = schema["items"]
        return [p for n, one in enumerate(value) for p in problems(one, inner, f"{at}[{n}]")]
    return _of_text(value, schema, at) if kind == "string" else []


def _of_object(value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    found: list[str] = []
    for key, inner in value.items():
        below, place = known.get(key, others), f"{at}.{key}"
        found += [f"{place}: unknown"] if below is None else problems(inner, below, place)
    return found


def _of_text(value: str, schema: dict[str, Any], at: str) -> list[str]:
    pattern = _FORMATS.get(schema.get("format", ""))
    if pattern is not None and not pattern.fullmatch(value):
        return [f"{at}: {schema['format']} is expected"]
    # The values of an enumeration stand in its description only.
    values = _VALUE.findall(schema.get("description", ""))
    if values and value not in values:
        return [f"{at}: {value!r} is none of {values}"]
    return []


def names(schema: dict[str, Any]) -> set[str]:
    """Every field name below a schema, itself included, without following references."""
    found: set[str] = set()
    for key, inner in schema.get("properties", {}).items():
        found |= {key} | names(inner)
    return found | (names(schema["items"]) if "items" in schema else set())
