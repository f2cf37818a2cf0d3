"""The instance metadata service, version 2: a PUT for a session token, then reads with it. Version 1,
reads without a token, is a setting. The instance lives in the first availability zone of the
instance's region and has a role, whose keys are fresh at each read."""

import json
import secrets

from .errors import AwsError
from .http11 import Response
from .world import iso_time

MAX_TOKEN_SECONDS = 21600
INSTANCE = "i-0a1b2c3d4e5f67890"
_ROLES = "/latest/meta-data/iam/security-credentials"


def operation_of(request):
    if request.path == "/latest/api/token":
        return "PutToken"
    if request.path.startswith(_ROLES + "/") and request.path != _ROLES + "/":
        return "GetRoleCredentials"
    return _READS.get(request.path.rstrip("/"), ("GetOther", None))[0]


def answer(world, request, account, region):
    # A hop that forwards is no instance: the service refuses to talk to it.
    if not world.settings["imds"] or request.header("x-forwarded-for"):
        raise AwsError("Forbidden", "The instance metadata service does not answer this", 403)
    if request.path == "/latest/api/token":
        return _put_token(world, request)
    if request.method != "GET":
        raise AwsError("MethodNotAllowed", f"{request.method} is not allowed", 405)
    _check_token(world, request.header("x-aws-ec2-metadata-token"))
    if operation_of(request) == "GetRoleCredentials":
        return _text(_credentials(world, account, request.path[len(_ROLES) + 1 :]))
    read = _READS.get(request.path.rstrip("/"))
    if read is None:
        raise _not_found()
    return _text(read[1](world, account, region))


def error_response(error):
    title = f"{error.status} - {error.code}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Response(error.status, [("Content-Type", "text/html")], page)


def _text(value):
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    return Response(200, [("Content-Type", "text/plain")], text)


def _put_token(world, request):
    if request.method != "PUT":
        raise AwsError("MethodNotAllowed", f"{request.method} is not allowed", 405)
    seconds = request.header("x-aws-ec2-metadata-token-ttl-seconds") or ""
    if not seconds.isdigit() or not 1 <= int(seconds) <= MAX_TOKEN_SECONDS:
        raise AwsError("BadRequest", "the token's time to live is missing or out of range", 400)
    token = secrets.token_urlsafe(42)
    world.imds_tokens[token] = world.now() + int(seconds)
    world.keep_secret(token)
    headers = [
        ("Content-Type", "text/plain"),
        ("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", seconds),
    ]
    return Response(200, headers, token)


def _check_token(world, token):
    if token is None and world.settings["imds_v1"]:
        return
    if world.now() >= world.imds_tokens.get(token, 0):
        raise AwsError("Unauthorized", "the session token is missing, unknown or expired", 401)


def _not_found():
    return AwsError("NotFound", "there is nothing of that name", 404)


def _role(world, *_):
    if not world.settings["imds_role"]:
        raise _not_found()
    return world.settings["imds_role"]


def _credentials(world, account, role):
    if role != _role(world):
        raise _not_found()
    issued = world.issue(account, role, INSTANCE, world.settings["imds_seconds"])
    return {
        "Code": "Success",
        "LastUpdated": iso_time(world.now()),
        "Type": "AWS-HMAC",
        "AccessKeyId": issued["access_key_id"],
        "SecretAccessKey": issued["secret_access_key"],
        "Token": issued["token"],
        "Expiration": iso_time(issued["expires"]),
    }


def _profile(world, account, _):
    return {
        "Code": "Success",
        "LastUpdated": iso_time(world.now()),
        "InstanceProfileArn": f"arn:aws:iam::{account}:instance-profile/{_role(world)}",
        "InstanceProfileId": "AIPALOCALECRTESTONLY",
    }


def _identity(_, account, region):
    return {
        "accountId": account,
        "region": region,
        "availabilityZone": region + "a",
        "instanceId": INSTANCE,
    }


_READS = {
    _ROLES: ("ListRoles", _role),
    "/latest/meta-data/iam/info": ("GetProfile", _profile),
    "/latest/meta-data/placement/region": ("GetRegion", lambda _, __, region: region),
    "/latest/meta-data/placement/availability-zone": (
        "GetAvailabilityZone",
        lambda _, __, region: region + "a",
    ),
    "/latest/dynamic/instance-identity/document": ("GetIdentity", _identity),
}
