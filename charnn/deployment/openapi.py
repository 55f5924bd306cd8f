"""What a server can be asked, as an OpenAPI 3.1 description and as a page for people.

Both are made from the questions themselves. Knows no server.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from charnn.deployment.api import Question
from charnn.deployment.asked import REQUIRED, Field
from charnn.version import __version__

ABOUT = (
    "Recurrent networks that read text letter by letter. A label of a name is a naming tradition, "
    "not an ethnicity, a nationality or a mother tongue; it must not be used for decisions about "
    "people."
)
ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
REFUSALS = {  # each status beside 200, and when it is given
    "400": "Something that is asked for is wrong; the error says what and how to mend it",
    "401": "The bearer token is missing or wrong",
    "408": "The body did not come within the deadline",
    "413": "More than the server's limits allow: a body, names at once, letters of a name",
    "503": "Too many requests are being answered, or this one took too long; ask again later",
}
RELOADED = {
    "type": "object",
    "properties": {"models": {"type": "array", "items": {"type": "string"}}},
}
OTHERS: dict[
    str, tuple[str, str, str, dict[str, Any]]
] = {  # what is no question to a model: path, method, what it does, media type, schema
    "/metrics": ("get", "Figures in Prometheus' text format", "text/plain", {"type": "string"}),
    "/reload": (
        "post",
        "Reads all model files again and exchanges the models together, or none of them",
        "application/json",
        RELOADED,
    ),
}


OF_RELOAD = {  # statuses of this path alone
    "403": "The server was started without a token",
    "409": "A model file cannot be read; the models stay as they were",
}


def description(questions: Iterable[Question], token: bool) -> dict[str, Any]:
    """The OpenAPI document; with `token`, requests need one."""
    paths: dict[str, Any] = {}
    for question in questions:
        operation: dict[str, Any] = {
            "summary": question.about,
            "operationId": f"{question.method.lower()}_{question.path.strip('/')}",
            "responses": _responses("application/json", dict(question.returns)),
        }
        if question.method == "GET" and question.fields:
            operation["parameters"] = [_parameter(field) for field in question.fields]
        elif question.method == "POST":
            schema = _body(question.fields)
            operation["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": schema}},
            }
        if token and question.path != "/health":
            operation["security"] = [{"token": []}]
        paths.setdefault(question.path, {})[question.method.lower()] = operation
    for path, (method, about, media, schema) in OTHERS.items():
        operation = {
            "summary": about,
            "operationId": path.strip("/"),
            "responses": _responses(media, schema, OF_RELOAD if path == "/reload" else {}),
        }
        if token:
            operation["security"] = [{"token": []}]
        paths[path] = {method: operation}
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if token else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "charnn", "version": __version__, "description": ABOUT},
        "paths": paths,
        "components": {"schemas": {"Error": ERROR}, **schemes},
    }


def _responses(
    media: str, schema: dict[str, Any], others: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    answer = {"description": "The answer", "content": {media: {"schema": schema}}}
    refusals = {**REFUSALS, **others}
    return {"200": answer, **{status: _error(about) for status, about in refusals.items()}}


def _error(about: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _parameter(field: Field) -> dict[str, Any]:
    schema = field.schema()
    about = schema.pop("description")
    required = field.default is REQUIRED
    return {
        "name": field.name,
        "in": "query",
        "required": required,
        "description": about,
        "schema": schema,
    }


def _body(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: field.schema() for field in fields},
        "required": [field.name for field in fields if field.default is REQUIRED],
        "additionalProperties": False,
    }


# ---------------------------------------------------------------- for people


def page(document: dict[str, Any]) -> str:
    """The description as an HTML page that needs nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("docs.html").render(document=document, shown=_shown)


def _shown(schema: dict[str, Any]) -> str:
    """What a value may be; what it is stands beside it."""
    return json.dumps({key: value for key, value in schema.items() if key != "description"})
