"""IAM Identity Center: sign-ins as `aws sso login` leaves them behind, the portal that turns their
access tokens into a role's keys, and the OIDC service that renews the access tokens."""

import secrets
from urllib.parse import parse_qs

from . import rest_json
from .errors import AwsError
from .world import iso_time

error_response = rest_json.error_response

DEFAULTS = {
    "start_url": "https://local-ecr.awsapps.com/start",
    "region": None,  # the instance's region
    "expires_in": 3600,  # of the access token; may be negative
    "seconds": 3600,  # how long a renewed access token is good for
    "role_seconds": 3600,  # how long a role's keys are good for
    "registration_expires_in": 90 * 86400,
    "accounts": {},  # account -> names of the roles in it
    "refuse_refresh": False,
}


def sign_in(world, wanted):
    """Makes a sign-in, and returns the cache file that `aws sso login` would write."""
    unknown = set(wanted) - set(DEFAULTS)
    if unknown:
        raise ValueError(f"a sign-in has no {', '.join(sorted(unknown))}")
    session = {**DEFAULTS, **wanted}
    session["region"] = session["region"] or world.region
    session["client_id"] = secrets.token_urlsafe(16)
    session["client_secret"] = "eyJraWQi" + secrets.token_urlsafe(120)
    session["registration_expires"] = world.now() + session["registration_expires_in"]
    session["tokens"] = {}
    access_token = _new_tokens(world, session, session["expires_in"])
    world.sso_sessions.append(session)
    world.keep_secret(session["client_secret"])
    return {
        "startUrl": session["start_url"],
        "region": session["region"],
        "accessToken": access_token,
        "expiresAt": iso_time(session["tokens"][access_token]),
        "clientId": session["client_id"],
        "clientSecret": session["client_secret"],
        "registrationExpiresAt": iso_time(session["registration_expires"]),
        "refreshToken": session["refresh_token"],
    }


def _new_tokens(world, session, seconds):
    """Another access token, and another refresh token in place of the old one."""
    access_token = "aoaAAAAAG" + secrets.token_urlsafe(120)
    session["tokens"][access_token] = world.now() + seconds
    session["refresh_token"] = "aorAAAAAG" + secrets.token_urlsafe(120)
    world.keep_secret(access_token, session["refresh_token"])
    return access_token


# The portal


def operation_of_portal(request):
    return "GetRoleCredentials" if request.path == "/federation/credentials" else "unknown"


def answer_portal(world, request, _, region):
    if (request.method, request.path) != ("GET", "/federation/credentials"):
        raise AwsError("ResourceNotFoundException", f"no {request.path}", 404, "validation")
    query = {key: values[0] for key, values in parse_qs(request.query).items()}
    rest_json.members(query, ("role_name", "account_id"))
    token = request.header("x-amz-sso_bearer_token")
    session = next(
        (
            each
            for each in world.sso_sessions
            if token in each["tokens"] and each["region"] == region
        ),
        None,
    )
    if session is None or world.now() >= session["tokens"][token]:
        raise AwsError("UnauthorizedException", "Session token not found or invalid", 401)
    if query["role_name"] not in session["accounts"].get(query["account_id"], ()):
        raise AwsError("ForbiddenException", "No access", 403)
    issued = world.issue(
        query["account_id"],
        f"AWSReservedSSO_{query['role_name']}_0123456789abcdef",
        "somebody",
        session["role_seconds"],
    )
    keys = {
        "accessKeyId": issued["access_key_id"],
        "secretAccessKey": issued["secret_access_key"],
        "sessionToken": issued["token"],
        "expiration": issued["expires"] * 1000,
    }
    return rest_json.respond({"roleCredentials": keys})


# OIDC


def operation_of_oidc(request):
    return "CreateToken" if request.path == "/token" else "unknown"


def answer_oidc(world, request, _, region):
    if (request.method, request.path) != ("POST", "/token"):
        raise AwsError("ResourceNotFoundException", f"no {request.path}", 404, "validation")
    asked = rest_json.json_body(request)
    rest_json.members(asked, ("grantType", "clientId", "clientSecret", "refreshToken"))
    if asked["grantType"] != "refresh_token":
        raise AwsError("UnsupportedGrantTypeException", "only refresh_token is known here")
    session = _client(world, asked, region)
    if session["refuse_refresh"] or asked["refreshToken"] != session["refresh_token"]:
        raise AwsError("InvalidGrantException", "Invalid refresh token provided")
    access_token = _new_tokens(world, session, session["seconds"])
    return rest_json.respond(
        {
            "accessToken": access_token,
            "expiresIn": session["seconds"],
            "refreshToken": session["refresh_token"],
            "tokenType": "Bearer",
        }
    )


def _client(world, asked, region):
    for session in world.sso_sessions:
        if (asked["clientId"], region) == (session["client_id"], session["region"]):
            if asked["clientSecret"] != session["client_secret"]:
                break
            if world.now() >= session["registration_expires"]:
                raise AwsError("InvalidClientException", "The client's registration expired", 401)
            return session
    raise AwsError("InvalidClientException", "Invalid client provided", 401)
