"""The form of JSON values: the published JSON Schema of records as a check, without a library that users would need for it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

Check = Callable[[Any], None]

_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "null",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


class FormError(ValueError):
    """A value has another form than its schema asks for; the message begins with the place in it."""


@cache
def record_form() -> Check:
    """The check of records, which raises `FormError` for what the published schema does not allow."""
    schema = json.loads(resources.files("cleaner").joinpath("data/record.schema.json").read_text("utf-8"))
    return _check(schema, schema["$defs"])


def _check(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    """The check that a schema describes; it knows as much of JSON Schema as the schema of records uses."""
    if "$ref" in schema:
        return _check(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    checks: list[Check] = []
    if "type" in schema:
        checks.append(_of_type(schema["type"]))
    if "const" in schema or "enum" in schema:
        checks.append(_one_of(schema.get("enum", [schema.get("const")])))
    if "pattern" in schema:
        checks.append(_fitting(re.compile(schema["pattern"])))
    if schema.keys() & {"minimum", "exclusiveMinimum", "maximum"}:
        checks.append(_between(schema))
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        checks.append(_object(schema, definitions))
    if "items" in schema:
        checks.append(_list([], _check(schema["items"], definitions)))
    if "prefixItems" in schema:
        checks.append(_list([_check(one, definitions) for one in schema["prefixItems"]], None))

    def check(value: Any) -> None:
        for one in checks:
            one(value)

    return checks[0] if len(checks) == 1 else check


def _of_type(names: str | list[str]) -> Check:
    types = tuple(kind for name in ([names] if isinstance(names, str) else names) for kind in _TYPES[name])
    wanted = " or ".join(_NAMES[kind] for kind in types)

    def check(value: Any) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise FormError(f" has the wrong type: {_NAMES.get(type(value), type(value).__name__)}, not {wanted}")

    return check


def _one_of(values: list[Any]) -> Check:
    def check(value: Any) -> None:
        if value not in values:
            raise FormError(f" is not {' or '.join(map(repr, values))}")

    return check


def _fitting(pattern: re.Pattern[str]) -> Check:
    def check(value: Any) -> None:
        if not pattern.fullmatch(value):
            raise FormError(f" does not fit {pattern.pattern}")

    return check


def _between(schema: Mapping[str, Any]) -> Check:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above = schema.get("exclusiveMinimum", -math.inf)

    def check(value: Any) -> None:
        if isinstance(value, int | float) and not (value >= least and value <= most and value > above):  # not a number is none
            raise FormError(" is out of range")

    return check


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    known = {key: _check(one, definitions) for key, one in schema.get("properties", {}).items() if one.keys() - {"description"}}
    more = schema.get("additionalProperties", True)
    others = _check(more, definitions) if isinstance(more, dict) else None
    needed = schema.get("required", ())

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            return  # the schema allows for something else there
        for key in needed:
            if key not in value:
                raise FormError(f": no {key} entry")
        for key, entry in value.items():
            inner = known.get(key, others)
            if inner is None and more is False:
                raise FormError(f": an entry {key!r:.60} that nobody knows")
            if inner is not None:
                try:
                    inner(entry)
                except FormError as error:
                    raise FormError(f".{key}{error}") from None

    return check


def _list(first: list[Check], other: Check | None) -> Check:
    """The check of a list: of its first entries, which are all if nothing is said of others."""

    def check(value: Any) -> None:
        if other is None and len(value) != len(first):
            raise FormError(f" has {len(value)} entries, not {len(first)}")
        for number, entry in enumerate(value):
            inner = first[number] if other is None else other
            try:
                inner(entry)
            except FormError as error:
                raise FormError(f"[{number}]{error}") from None

    return check
