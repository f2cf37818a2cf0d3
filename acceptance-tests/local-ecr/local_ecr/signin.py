"""The sign-in service behind `aws login`: sessions as that command leaves them behind, and the call
that renews their keys, which proves with a DPoP header that it holds the session's private key."""

import base64
import json
import re
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from . import rest_json
from .errors import AwsError
from .world import iso_time

ROLE = "Developer"
# How far the time in a proof may be off.
PROOF_SECONDS = 300

DEFAULTS = {
    "login_session": None,  # default: an ARN of the account
    "account": None,  # the instance's account
    "expires_in": 900,  # of the keys in the file; may be negative
    "seconds": 900,  # how long renewed keys are good for
    "key_format": "sec1",  # of the private key in the file: sec1 or pkcs8
    "refuses": None,  # why a renewal is refused: TOKEN_EXPIRED, USER_CREDENTIALS_CHANGED …
}
_STATUS = {
    "TOKEN_EXPIRED": 401,
    "AUTHCODE_EXPIRED": 401,
    "USER_CREDENTIALS_CHANGED": 403,
    "INSUFFICIENT_PERMISSIONS": 403,
}
_FORMATS = {
    "sec1": serialization.PrivateFormat.TraditionalOpenSSL,
    "pkcs8": serialization.PrivateFormat.PKCS8,
}


class Denied(AwsError):
    """AccessDeniedException, whose body has a reason besides the message."""

    def __init__(self, reason):
        super().__init__("AccessDeniedException", f"Access denied: {reason}", _STATUS[reason])
        self.reason = reason


def error_response(error):
    more = {"error": error.reason} if isinstance(error, Denied) else None
    return rest_json.error_response(error, more)


def log_in(world, wanted):
    """Makes a session; returns its ARN and the cache file that `aws login` would write."""
    unknown = set(wanted) - set(DEFAULTS)
    if unknown:
        raise ValueError(f"a login has no {', '.join(sorted(unknown))}")
    login = {**DEFAULTS, **wanted}
    if login["refuses"] not in (None, *_STATUS) or login["key_format"] not in _FORMATS:
        raise ValueError(f"refuses: {', '.join(_STATUS)}; key_format: {', '.join(_FORMATS)}")
    login["account"] = login["account"] or world.account
    arn = f"arn:aws:sts::{login['account']}:assumed-role/{ROLE}/somebody"
    login["login_session"] = login["login_session"] or arn
    login["client_id"] = "arn:aws:signin:::devtools/same-device"
    login["proofs"] = set()
    key = ec.generate_private_key(ec.SECP256R1())
    login["key"] = key.public_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        _FORMATS[login["key_format"]],
        serialization.NoEncryption(),
    ).decode()
    keys = _new_keys(world, login, login["expires_in"])
    world.logins.append(login)
    world.keep_secret(*(line for line in pem.splitlines() if "-----" not in line))
    keys["accessToken"]["accountId"] = login["account"]
    keys["accessToken"]["expiresAt"] = iso_time(world.now() + login["expires_in"])
    cache = {
        "accessToken": keys["accessToken"],
        "tokenType": "aws_sigv4",
        "clientId": login["client_id"],
        "refreshToken": keys["refreshToken"],
        "idToken": secrets.token_urlsafe(60),
        "dpopKey": pem,
    }
    world.keep_secret(cache["idToken"])
    return {"login_session": login["login_session"], "cache": cache}


def _new_keys(world, login, seconds):
    issued = world.issue(login["account"], ROLE, "somebody", seconds)
    login["refresh_token"] = secrets.token_urlsafe(150)
    world.keep_secret(login["refresh_token"])
    return {
        "accessToken": {
            "accessKeyId": issued["access_key_id"],
            "secretAccessKey": issued["secret_access_key"],
            "sessionToken": issued["token"],
        },
        "tokenType": "aws_sigv4",
        "expiresIn": seconds,
        "refreshToken": login["refresh_token"],
    }


def operation_of(request):
    return "CreateOAuth2Token" if request.path == "/v1/token" else "unknown"


def answer(world, request, *_):
    if (request.method, request.path) != ("POST", "/v1/token"):
        raise AwsError("ResourceNotFoundException", f"no {request.path}", 404, "validation")
    asked = rest_json.json_body(request)
    rest_json.members(asked, ("clientId", "grantType", "refreshToken"))
    if asked["grantType"] != "refresh_token":
        raise AwsError("ValidationException", "only refresh_token is known here")
    login = next(
        (
            each
            for each in world.logins
            if (each["refresh_token"], each["client_id"])
            == (asked["refreshToken"], asked["clientId"])
        ),
        None,
    )
    if login is None:
        raise Denied("TOKEN_EXPIRED")
    _check_proof(world, request, login)
    if login["refuses"]:
        raise Denied(login["refuses"])
    return rest_json.respond(_new_keys(world, login, login["seconds"]))


# DPoP, RFC 9449


def _check_proof(world, request, login):
    """Refuses a request whose proof does not hold; the log says why."""
    wrong = _what_is_wrong(world, request, login)
    if wrong:
        raise AwsError("ValidationException", f"DPoP: {wrong}", 400, "signature")


def _what_is_wrong(world, request, login):
    parts = (request.header("dpop") or "").split(".")
    try:
        head, claims = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
        x, y = (_decode(head["jwk"][name]) for name in ("x", "y"))
    except (ValueError, TypeError, KeyError, IndexError):
        return "the header is missing or no JWT"
    if len(parts) != 3 or (head.get("typ"), head.get("alg")) != ("dpop+jwt", "ES256"):
        return "not three parts, or not typ dpop+jwt and alg ES256"
    if set(head) != {"typ", "alg", "jwk"} or set(head["jwk"]) != {"kty", "crv", "x", "y"}:
        return "other members than typ, alg, jwk {kty, crv, x, y}"
    if (head["jwk"]["kty"], head["jwk"]["crv"], len(x), len(y)) != ("EC", "P-256", 32, 32):
        return "not a P-256 key of two times 32 bytes"
    numbers = login["key"].public_numbers()
    if (int.from_bytes(x, "big"), int.from_bytes(y, "big")) != (numbers.x, numbers.y):
        return "another key than the session's"
    return _claims_wrong(world, request, login, claims) or _signature_wrong(
        login["key"], signature, ".".join(parts[:2])
    )


def _claims_wrong(world, request, login, claims):
    if set(claims) != {"jti", "htm", "htu", "iat"}:
        return "other claims than jti, htm, htu, iat"
    url = f"https://{request.host}{request.target}"
    if (claims["htm"], claims["htu"]) != (request.method, url):
        return f"for {claims['htm']} {claims['htu']}, not for {request.method} {url}"
    if type(claims["iat"]) is not int or abs(claims["iat"] - world.now()) > PROOF_SECONDS:
        return f"iat is not the time: {claims['iat']}"
    if not isinstance(claims["jti"], str) or not claims["jti"] or claims["jti"] in login["proofs"]:
        return "jti is missing or used before"
    login["proofs"].add(claims["jti"])
    return None


def _signature_wrong(key, signature, text):
    if len(signature) != 64:
        return f"a signature of {len(signature)} bytes, not 64"
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        key.verify(encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "the signature does not fit"
    return None


def _decode(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
