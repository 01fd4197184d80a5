"""What Schemathesis does not know by itself: newline-delimited JSON, which the batch route takes and gives."""

import json

import jsonschema_rs
import schemathesis

NDJSON = "application/x-ndjson"
# What the document says of one line.
LINE = "#/paths/~1predict~1patients/post/responses/200/content/application~1x-ndjson/schema"


@schemathesis.serializer(NDJSON)
def two_lines(_, value):
    """The patient that was made up, twice."""
    if isinstance(value, bytes):
        return value
    return (json.dumps(value) + "\n").encode() * 2


@schemathesis.deserializer(NDJSON)
def last_line(_, response):
    """The last answer, for Schemathesis' own check; every_line_is_described looks at all of them."""
    return json.loads(response.content.splitlines()[-1])


@schemathesis.check
def every_line_is_described(_, response, case):
    """Each line of an answer is as the document says; a blank answer has no patient."""
    if not response.headers.get("content-type", [""])[0].startswith(NDJSON):
        return
    document = case.operation.schema.raw_schema
    line_schema = jsonschema_rs.Draft202012Validator({"$ref": LINE, "components": document["components"], "paths": document["paths"]})
    for number, line in enumerate(response.content.splitlines(), 1):
        for error in line_schema.iter_errors(json.loads(line)):
            raise AssertionError(f"line {number}: {error.message}")
