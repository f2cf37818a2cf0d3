"""What the services of IAM Identity Center and of `aws login` have in common: JSON over plain paths,
unsigned, with errors that name themselves in a header."""

import json

from .errors import AwsError
from .http11 import Response


def json_body(request):
    """The members of a JSON request, or an AwsError that is a refusal: clients that send another
    form would fail at AWS."""
    kind = (request.header("content-type") or "").partition(";")[0].strip()
    if kind != "application/json":
        raise AwsError(
            "UnsupportedMediaTypeException", f"not application/json: '{kind}'", 415, "validation"
        )
    try:
        value = json.loads(request.body.decode())
    except ValueError as error:
        raise AwsError("SerializationException", f"not JSON: {error}", 400, "validation") from None
    if not isinstance(value, dict):
        raise AwsError("SerializationException", "not a JSON object", 400, "validation")
    return value


def members(value, required, optional=()):
    """Refuses a request that lacks a member, has one of another type, or one too many."""
    wrong = [
        name
        for name in {*required, *value}
        if name not in (*required, *optional) or not isinstance(value.get(name), str)
    ]
    if wrong:
        raise AwsError(
            "InvalidRequestException",
            f"missing, unknown or no text: {', '.join(sorted(wrong))}",
            400,
            "validation",
        )


def respond(value):
    return Response(200, [("Content-Type", "application/json")], json.dumps(value))


def error_response(error, more=None):
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)]
    text = json.dumps({"__type": error.code, "message": error.message, **(more or {})})
    return Response(error.status, headers, text)
