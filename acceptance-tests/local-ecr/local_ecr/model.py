"""ECR's API model, as botocore carries it, put to work: check() refuses a request whose members,
types, lengths, patterns or enums do not fit the model; render() writes an answer from the model the
way AWS writes it (known members only, times as 1.705071987E9) and complains when an answer of ours
does not fit. Shapes does the checking for STS as well."""

import base64
import binascii
import json
import re

from botocore.loaders import Loader

from .errors import AwsError

_API = Loader().load_service_model("ecr", "service-2")
OPERATIONS = _API["operations"]
SHAPES = _API["shapes"]
TARGET_PREFIX = _API["metadata"]["targetPrefix"]
CONTENT_TYPE = "application/x-amz-json-1.1"

_JSON_TYPES = {
    "structure": dict,
    "list": list,
    "map": dict,
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def parse(operation, body):
    """The request body as a dict, or an AwsError for anything that is not one JSON object."""

    def no_twins(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member occurs twice")
        return members

    def no_constant(text):
        raise ValueError(f"{text} is no JSON")

    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=no_twins, parse_constant=no_constant
        )
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"{operation}: {error}") from None
    if not isinstance(value, dict):
        raise _unreadable(f"{operation}: the body must be a JSON object")
    return value


def _compile(pattern):
    """A model's pattern; Python has no letters, spaces and numbers of Unicode by class."""
    flags = 0 if "\\p{" in pattern else re.ASCII
    for name, same in (("L", r"\w"), ("Z", r"\s"), ("N", r"\d")):
        pattern = pattern.replace(f"\\p{{{name}}}", same)
    return re.compile(pattern, flags)


class Shapes:
    """The shapes of one service's model. sentence is how the service says what is wrong."""

    def __init__(self, shapes, sentence):
        self.shapes = shapes
        self._patterns = {}
        self._sentence = sentence

    def check(self, shape_name, value, place, code):
        """Refuses a value that the shape does not allow; code is the error's."""
        shape = self.shapes[shape_name]
        kind = shape["type"]
        wanted = _JSON_TYPES[kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
            raise _unreadable(f"'{place}' must be of type {kind}")
        if kind == "structure":
            for name in shape.get("required", ()):
                if value.get(name) is None:
                    raise self.wrong(code, _join(place, name), "must not be null")
            for name, member in value.items():
                if name not in shape["members"]:
                    raise _unreadable(f"there is no member '{_join(place, name)}'")
                if member is not None:
                    self.check(shape["members"][name]["shape"], member, _join(place, name), code)
        elif kind == "list":
            self._check_range(shape, len(value), "have size", place, code)
            for index, member in enumerate(value):
                self.check(shape["member"]["shape"], member, f"{place}.{index + 1}.member", code)
        elif kind == "map":
            for key, member in value.items():
                self.check(shape["value"]["shape"], member, f"{place}.{key}", code)
        elif kind == "string":
            self._check_string(shape_name, shape, value, place, code)
        elif kind == "blob":
            try:
                size = len(base64.b64decode(value, validate=True))
            except binascii.Error:
                raise _unreadable(f"'{place}' is not base64") from None
            self._check_range(shape, size, "have length", place, code)
        else:
            self._check_range(shape, value, "have value", place, code)

    def matches(self, shape_name, text):
        """Whether the text fits the shape's pattern, if it has one."""
        pattern = self.shapes[shape_name].get("pattern")
        if pattern is None:
            return True
        if shape_name not in self._patterns:
            self._patterns[shape_name] = _compile(pattern)
        return self._patterns[shape_name].fullmatch(text) is not None

    def wrong(self, code, place, why):
        return AwsError(code, self._sentence.format(place=place, why=why), 400, "validation")

    def _check_range(self, shape, size, verb, place, code):
        if "min" in shape and size < shape["min"]:
            raise self.wrong(code, place, f"must {verb} greater than or equal to {shape['min']}")
        if "max" in shape and size > shape["max"]:
            raise self.wrong(code, place, f"must {verb} less than or equal to {shape['max']}")

    def _check_string(self, shape_name, shape, value, place, code):
        self._check_range(shape, len(value), "have length", place, code)
        if "enum" in shape and value not in shape["enum"]:
            raise self.wrong(
                code, place, f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
            )
        if not self.matches(shape_name, value):
            raise self.wrong(code, place, f"must satisfy regular expression '{shape['pattern']}'")


_ECR = Shapes(SHAPES, "Invalid parameter at '{place}' failed to satisfy constraint: '{why}'")


def check(operation, params):
    """Refuses params that the model's input shape does not allow."""
    errors = {error["shape"] for error in OPERATIONS[operation].get("errors", [])}
    code = "InvalidParameterException"
    if code not in errors and "ValidationException" in errors:
        code = "ValidationException"
    _ECR.check(OPERATIONS[operation]["input"]["shape"], params, "", code)


def _unreadable(why):
    return AwsError("SerializationException", why, 400, "validation")


def _join(place, name):
    return f"{place}.{name}" if place else name


def render(operation, answer, strict=True):
    """The JSON text of an answer. With strict, a member that the model does not know or that has
    the wrong type is a ValueError: a bug of ours must not pass as AWS's behaviour."""
    output = OPERATIONS[operation].get("output")
    return _render(output["shape"], answer, operation, strict) if output else "{}"


def _render(shape_name, value, place, strict):
    shape = SHAPES[shape_name]
    kind = shape["type"]
    if kind == "timestamp":
        return aws_time(value)
    if strict and (
        not isinstance(value, _JSON_TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        raise ValueError(f"{place} is {value!r}, not of type {kind}")
    if kind == "structure":
        if strict and not set(value) <= set(shape["members"]):
            raise ValueError(
                f"{place} has members that the model does not know: "
                f"{sorted(set(value) - set(shape['members']))}"
            )
        parts = [
            f"{json.dumps(name)}:{_render(member['shape'], value[name], f'{place}.{name}', strict)}"
            for name, member in shape["members"].items()
            if value.get(name) is not None
        ]
        return "{" + ",".join(parts) + "}"
    if kind == "list":
        return (
            "["
            + ",".join(_render(shape["member"]["shape"], member, place, strict) for member in value)
            + "]"
        )
    if kind == "map":
        return (
            "{"
            + ",".join(
                f"{json.dumps(key)}:{_render(shape['value']['shape'], member, place, strict)}"
                for key, member in value.items()
            )
            + "}"
        )
    if kind == "string" and strict:
        if "enum" in shape and value not in shape["enum"]:
            raise ValueError(f"{place} is {value!r}, not one of {shape['enum']}")
        if not _ECR.matches(shape_name, value):
            raise ValueError(f"{place} is {value!r}, which does not match {shape['pattern']}")
    return json.dumps(value, ensure_ascii=False)


def aws_time(seconds):
    """AWS writes times as a Java double: 1.705071987E9, with milliseconds if there are any."""
    mantissa, exponent = f"{round(seconds, 3):.12E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"
