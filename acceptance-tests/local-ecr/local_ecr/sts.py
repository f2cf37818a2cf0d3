"""STS: AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity, with AWS's limits and its rules of
role chaining. A role that was never registered exists, trusts everybody and takes sessions of one
hour; a registered one has the conditions that the test gave it. The other operations are moto's."""

import base64
import json
import re
import secrets
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.loaders import Loader

from . import regions, sigv4
from .errors import AwsError
from .http11 import Response
from .model import Shapes
from .world import iso_time

_API = Loader().load_service_model("sts", "service-2")
_SHAPES = Shapes(
    _API["shapes"],
    "1 validation error detected: Value at '{place}' failed to satisfy constraint: Member {why}",
)
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_VERSION = "2011-06-15"
_ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(?:[!-~]+/)?([\w+=,.@-]{1,64})")
_CHAINED_SECONDS = 3600
_MAX_PACKED = 2048

ROLE_DEFAULTS = {
    "arn": None,
    "trusts": None,  # ARNs of users and roles, account ids, subjects of web identities; all if None
    "external_id": None,  # what a caller must give
    "max_seconds": 3600,  # MaxSessionDuration
}
TOKEN_DEFAULTS = {
    "token": None,  # the text; made up if None
    "subject": "repo:local/ecr:ref:refs/heads/main",
    "audience": "sts.amazonaws.com",
    "issuer": "https://token.actions.githubusercontent.com",
    "expires_in": 3600,  # may be negative
}


def register_role(world, wanted):
    unknown = set(wanted) - set(ROLE_DEFAULTS)
    if unknown or not _ROLE_ARN.fullmatch(wanted.get("arn", "")):
        raise ValueError(f"a role has {', '.join(ROLE_DEFAULTS)}; arn is a role's ARN")
    world.roles[wanted["arn"]] = {**ROLE_DEFAULTS, **wanted}


def register_token(world, wanted):
    """Makes a web identity token known, and returns it."""
    unknown = set(wanted) - set(TOKEN_DEFAULTS)
    if unknown:
        raise ValueError(f"a web identity has no {', '.join(sorted(unknown))}")
    known = {**TOKEN_DEFAULTS, **wanted}
    known["expires"] = world.now() + known["expires_in"]
    token = known["token"] or _jwt(known)
    world.web_tokens[token] = known
    world.keep_secret(token)
    return token


def _jwt(known):
    """A token that looks like one; the signature is noise, since nobody here verifies it."""
    claims = {
        "iss": known["issuer"],
        "sub": known["subject"],
        "aud": known["audience"],
        "exp": int(known["expires"]),
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    encoded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(256)])


class _Call:
    def __init__(self, world, request, key_id, region):
        self.world = world
        self.region = region
        self.caller = sigv4.find_credential(world, key_id) if key_id else None
        self.params = {}
        self._request = request

    def read(self, operation):
        """The parameters, out of the form, as the model has them."""
        kind = (self._request.header("content-type") or "").partition(";")[0]
        pairs = parse_qsl(self._request.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if (
            self._request.method != "POST"
            or kind != "application/x-www-form-urlencoded"
            or len(form) != len(pairs)
        ):
            raise _invalid("not a POST of a form, or a name occurs twice")
        form.pop("Action")
        if form.pop("Version", None) != _VERSION:
            raise _invalid(f"Version is not {_VERSION}")
        shape = _API["operations"][operation]["input"]["shape"]
        self.params = _take(form, shape, "") or {}
        if form:
            raise _invalid(f"unknown parameters: {', '.join(sorted(form))}")
        _SHAPES.check(shape, self.params, "", "ValidationError")


def _invalid(why):
    return AwsError("ValidationError", why, 400, "validation")


def _take(form, shape_name, place):
    """Takes the value at that place out of the form; None if there is none."""
    shape = _API["shapes"][shape_name]
    if shape["type"] == "structure":
        dot = place and place + "."
        found = {
            name: _take(form, member["shape"], f"{dot}{name}")
            for name, member in shape["members"].items()
        }
        return {name: value for name, value in found.items() if value is not None} or None
    if shape["type"] == "list":
        values = [] if form.get(place) == "" and form.pop(place) == "" else None
        while (value := _take(form, shape["member"]["shape"], _item(place, values))) is not None:
            values = [*(values or []), value]
        return values
    text = form.pop(place, None)
    if shape["type"] == "integer" and text is not None:
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise _invalid(f"{place} is no number: {text}")
        return int(text)
    return text


def _item(place, values):
    return f"{place}.member.{len(values or []) + 1}"


def answer(world, request, operation, key_id, region):
    """An Action of OPERATIONS, as an XML answer."""
    call = _Call(world, request, key_id, region)
    call.read(operation)
    result = OPERATIONS[operation](call)
    body = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{_xml(result)}'
        f"</{operation}Result><ResponseMetadata><RequestId>{secrets.token_hex(16)}</RequestId>"
        f"</ResponseMetadata></{operation}Response>"
    )
    return Response(200, [("Content-Type", "text/xml")], body)


def _xml(value):
    if not isinstance(value, dict):
        return escape(str(value))
    return "".join(f"<{name}>{_xml(member)}</{name}>" for name, member in value.items())


def _get_caller_identity(call):
    caller = call.caller
    return {"Arn": caller["arn"], "UserId": caller["user_id"], "Account": caller["account"]}


def _assume_role(call):
    params, caller = call.params, call.caller
    denied = AwsError(
        "AccessDenied",
        f"User: {caller['arn']} is not authorized to perform: sts:AssumeRole on resource:"
        f" {params['RoleArn']}",
        403,
    )
    role = _role(call)
    if role["trusts"] is not None and not _principals(caller) & set(role["trusts"]):
        raise denied
    if role["external_id"] not in (None, params.get("ExternalId")):
        raise denied
    if "SerialNumber" in params or "TokenCode" in params:
        raise AwsError("AccessDenied", "MultiFactorAuthentication failed", 403)
    chained = caller["session"] is not None
    if chained and params.get("DurationSeconds", 0) > _CHAINED_SECONDS:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by"
            " role chaining",
        )
    before = caller["session"] or {}
    identity = before.get("source_identity")
    if identity and params.get("SourceIdentity", identity) != identity:
        raise denied
    session = _session(params, before)
    session["source_identity"] = identity or params.get("SourceIdentity")
    return _issued(call, role, session)


def _assume_role_with_web_identity(call):
    params = call.params
    known = call.world.web_tokens.get(params["WebIdentityToken"])
    if known is None:
        raise AwsError(
            "InvalidIdentityToken",
            "The web identity token that was passed could not be validated",
        )
    if call.world.now() >= known["expires"]:
        raise AwsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(call.world.now())} must be before the"
            f" expiration date/time {int(known['expires'])}",
        )
    role = _role(call)
    if role["trusts"] is not None and known["subject"] not in role["trusts"]:
        raise AwsError(
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            403,
        )
    return {
        **_issued(call, role, _session(params, {})),
        "SubjectFromWebIdentityToken": known["subject"],
        "Provider": known["issuer"],
        "Audience": known["audience"],
    }


def _principals(caller):
    """What a role's trust may name so as to mean this caller."""
    names = {caller["arn"], caller["account"]}
    found = re.fullmatch(r"arn:([a-z-]+):sts::(\d+):assumed-role/([^/]+)/.*", caller["arn"])
    if found:
        names.add(f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}")
    return names


def _role(call):
    """The role asked for, whose time limit and policies the request must respect."""
    params = call.params
    arn = params["RoleArn"]
    found = _ROLE_ARN.fullmatch(arn)
    if not found or found[1] != regions.partition(call.region).id:
        raise AwsError("ValidationError", f"{arn} is invalid")
    role = call.world.roles.get(arn, {**ROLE_DEFAULTS, "arn": arn})
    if params.get("DurationSeconds", 0) > role["max_seconds"]:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    _check_policies(params, found[1])
    return role


def _check_policies(params, partition):
    if "Policy" in params:
        try:
            policy = json.loads(params["Policy"])
        except ValueError:
            policy = None
        if not isinstance(policy, dict) or "Statement" not in policy:
            raise AwsError("MalformedPolicyDocument", "The policy is not valid JSON, or no policy")
    arns = [policy.get("arn", "") for policy in params.get("PolicyArns", ())]
    if len(arns) > 10 or not all(arn.startswith(f"arn:{partition}:iam::") for arn in arns):
        raise AwsError("ValidationError", "PolicyArns: at most ten ARNs of managed policies")
    if len(params.get("Policy", "")) + sum(map(len, arns)) > _MAX_PACKED:
        raise AwsError("PackedPolicyTooLarge", "Packed policy consumes more than 100% of the space")


def _session(params, before):
    """What the new session carries: its tags, and those that the caller's session hands down."""
    tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}
    if len(tags) != len(params.get("Tags", ())):
        raise AwsError("InvalidParameterValue", "Duplicate tag keys")
    handed_down = {key: before["tags"][key] for key in before.get("transitive", ())}
    if set(tags) & set(handed_down):
        raise AwsError(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a"
            " transitive tag key from the calling session",
        )
    transitive = params.get("TransitiveTagKeys", [])
    if not set(transitive) <= set(tags) | set(handed_down):
        raise AwsError("InvalidParameterValue", "The specified transitive tag key is no tag")
    return {
        "tags": {**handed_down, **tags},
        "transitive": sorted({*handed_down, *transitive}),
        "source_identity": None,
    }


def _issued(call, role, session):
    params = call.params
    partition, account, name = _ROLE_ARN.fullmatch(role["arn"]).groups()
    seconds = params.get("DurationSeconds", 3600)
    issued = call.world.issue(account, name, params["RoleSessionName"], seconds, session, partition)
    result = {
        "Credentials": {
            "AccessKeyId": issued["access_key_id"],
            "SecretAccessKey": issued["secret_access_key"],
            "SessionToken": issued["token"],
            "Expiration": iso_time(issued["expires"]),
        },
        "AssumedRoleUser": {"AssumedRoleId": issued["user_id"], "Arn": issued["arn"]},
    }
    if "Policy" in params or "PolicyArns" in params or session["tags"]:
        result["PackedPolicySize"] = 6
    if session["source_identity"]:
        result["SourceIdentity"] = session["source_identity"]
    return result


OPERATIONS = {
    "AssumeRole": _assume_role,
    "AssumeRoleWithWebIdentity": _assume_role_with_web_identity,
    "GetCallerIdentity": _get_caller_identity,
}
