"""A value for a JSON schema: what the simulation gives as structured answer and as input of a tool."""

from typing import Any

DEEPEST = 12
DATES = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z"}


def value_for(schema: dict[str, Any], text: str, root: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """The plainest value the schema accepts; strings are `text`. Raises ValueError for endless recursion."""
    root = schema if root is None else root
    if depth > DEEPEST:
        raise ValueError("the schema is nested too deeply")
    if "$ref" in schema:
        return value_for(_referred(schema["$ref"], root), text, root, depth + 1)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return value_for(schema[name][0], text, root, depth + 1)
    return _by_type(schema, text, root, depth)


def _by_type(schema: dict[str, Any], text: str, root: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            properties = schema.get("properties") or {}
            return {name: value_for(inner, text, root, depth + 1) for name, inner in properties.items()}
        case "array":
            count = max(int(schema.get("minItems", 1)), 0)
            item = value_for(schema.get("items") or {}, text, root, depth + 1)
            return [item] * min(count, 20)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
        case _:
            return DATES.get(schema.get("format", ""), text)


def _referred(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    found: Any = root
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise ValueError(f"the schema refers to {reference}, which it does not hold")
    return found
