"""The credentials endpoint of a container: ECS's under any path of 169.254.170.2, EKS Pod Identity's
at /v1/credentials of 169.254.170.23, and the latter on the plain endpoint too. With the setting
container_token it wants that text as the Authorization header. The keys are fresh at each read."""

import json

from .errors import AwsError
from .http11 import Response
from .world import iso_time

ROLE = "local-ecr-container"
PATH = "/v1/credentials"


def operation_of(_):
    return "GetCredentials"


def answer(world, request, account, _):
    if request.method != "GET":
        raise AwsError("MethodNotAllowed", f"{request.method} is not allowed", 405)
    wanted = world.settings["container_token"]
    if wanted and request.header("authorization") != wanted:
        raise AwsError("AccessDenied", "the Authorization header is missing or wrong", 401)
    issued = world.issue(account, ROLE, "container", world.settings["container_seconds"])
    found = {
        "RoleArn": f"arn:aws:iam::{account}:role/{ROLE}",
        "AccessKeyId": issued["access_key_id"],
        "SecretAccessKey": issued["secret_access_key"],
        "Token": issued["token"],
        "Expiration": iso_time(issued["expires"]),
    }
    return Response(200, [("Content-Type", "application/json")], json.dumps(found))


def error_response(error):
    text = json.dumps({"code": error.code, "message": error.message})
    return Response(error.status, [("Content-Type", "application/json")], text)
