"""The ECR API: from an HTTP request to the operation that answers it. The form of the request is
checked against the model here; what each operation does is in repositories.py, images.py,
layers.py, lifecycle.py, cache_rules.py and authorization.py. State lives in moto's ECR backend, one
for each account and region; operations where moto is right are taken from moto."""

import calendar
import datetime
import inspect
import json
import re

from moto.core.exceptions import ServiceException
from moto.ecr.models import ecr_backends

from . import authorization, cache_rules, images, layers, lifecycle, model, repositories
from .errors import AwsError

OPERATIONS = {
    **repositories.OPERATIONS,
    **images.OPERATIONS,
    **layers.OPERATIONS,
    **lifecycle.OPERATIONS,
    **cache_rules.OPERATIONS,
    **authorization.OPERATIONS,
}

# Operations that moto answers as they are: the method of its backend has the operation's name.
MOTO_OPERATIONS = (
    "DeleteRegistryPolicy",
    "DeleteRepositoryPolicy",
    "DescribeImageScanFindings",
    "DescribeRegistry",
    "GetRegistryPolicy",
    "GetRepositoryPolicy",
    "PutRegistryPolicy",
    "PutReplicationConfiguration",
    "SetRepositoryPolicy",
    "StartImageScan",
)

# moto shortens two argument names.
_MOTO_NAMES = {"replication_configuration": "replication_config"}


class Call:
    """What an operation gets: the parameters, and where it happens."""

    def __init__(self, world, operation, params, account, region):
        self.world = world
        self.operation = operation
        self.params = params
        self.account = account
        self.region = region
        self.backend = ecr_backends[account][region]

    def get(self, name, default=None):
        value = self.params.get(name)
        return default if value is None else value


def answer(world, request, operation, account, region):
    """The JSON text of a 200 answer, or an AwsError."""
    target = request.header("x-amz-target") or ""
    if target != f"{model.TARGET_PREFIX}.{operation}" or operation not in model.OPERATIONS:
        raise AwsError(
            "UnknownOperationException", f"no such operation: {target}", 400, "validation"
        )
    params = {}
    if world.settings["validate_requests"]:
        if request.method != "POST" or request.target != "/":
            raise AwsError("UnknownOperationException", "ECR takes POST / only", 404, "validation")
        if request.header("content-type") != model.CONTENT_TYPE:
            raise AwsError(
                "SerializationException",
                f"Content-Type must be {model.CONTENT_TYPE}",
                400,
                "validation",
            )
        params = model.parse(operation, request.body)
        model.check(operation, params)
    elif request.body:
        params = json.loads(request.body)
    with world.lock:
        call = Call(world, operation, params, account, region)
        _check_registry(call)
        result = _run(call)
    try:
        return model.render(operation, result, world.settings["check_answers"])
    except ValueError as error:
        raise AwsError("ServerException", f"local ECR: a bad answer: {error}", 500) from None


def _check_registry(call):
    """Another account's registry: nobody has given us access to it."""
    wanted = call.get("registryId")
    if wanted and wanted != call.account:
        raise AwsError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{call.account}:root is not"
            f" authorized to perform: ecr:{call.operation} on the registry {wanted}",
        )


def _run(call):
    if call.operation in OPERATIONS:
        return OPERATIONS[call.operation](call) or {}
    if call.operation in MOTO_OPERATIONS:
        if call.get("repositoryName"):
            repositories.find(call)
        try:
            return _plain(_run_moto(call), _output_names(call.operation))
        except ServiceException as error:
            raise AwsError(error.code, error.message) from None
    raise AwsError(
        "UnknownOperationException", f"local ECR: {call.operation} is not implemented here", 501
    )


def _run_moto(call):
    method = getattr(call.backend, _snake(call.operation))
    wanted = inspect.signature(method).parameters
    arguments = {
        _MOTO_NAMES.get(_snake(name), _snake(name)): value for name, value in call.params.items()
    }
    for name in wanted:
        arguments.setdefault(name, None)
    return method(**{name: value for name, value in arguments.items() if name in wanted})


def _snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _output_names(operation):
    shape = model.OPERATIONS[operation].get("output")
    return model.SHAPES[shape["shape"]]["members"] if shape else {}


def _plain(result, names):
    """moto's answer with only the members that the model has, and its ISO times as seconds."""

    def walk(value):
        if isinstance(value, dict):
            return {key: walk(member) for key, member in value.items()}
        if isinstance(value, list):
            return [walk(member) for member in value]
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
            moment = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
            return calendar.timegm(moment.timetuple())
        return value

    return {key: walk(value) for key, value in (result or {}).items() if key in names}


def error_body(error):
    return json.dumps({"__type": error.code, "message": error.message})
