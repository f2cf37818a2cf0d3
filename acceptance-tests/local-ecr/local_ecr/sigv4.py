"""Strict verification of AWS Signature Version 4. The signature is recomputed by botocore's own
signer over exactly the headers that the client says it signed; the checks around it (date, scope,
payload hash, which headers must be signed, session token) are AWS's rules. Each refusal has the
code that the kind of service uses for it."""

import calendar
import hashlib
import hmac
import re
import time

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials

from .errors import AwsError

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request,"
    r" ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)

# Payload markers that stand for "not hashed": only S3 takes them, and only over TLS.
UNSIGNED_PAYLOADS = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")

# The same refusal has another name in each protocol: JSON services, S3, query services (STS, IAM).
CODES = {
    "missing": (
        "MissingAuthenticationTokenException",
        "AccessDenied",
        "MissingAuthenticationToken",
    ),
    "incomplete": (
        "IncompleteSignatureException",
        "AuthorizationHeaderMalformed",
        "IncompleteSignature",
    ),
    "unknown": ("UnrecognizedClientException", "InvalidAccessKeyId", "InvalidClientTokenId"),
    "mismatch": ("InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
    "skew": ("InvalidSignatureException", "RequestTimeTooSkewed", "SignatureDoesNotMatch"),
    "payload": ("InvalidSignatureException", "XAmzContentSHA256Mismatch", "SignatureDoesNotMatch"),
    "expired": ("ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
}


class _Signer:
    """Mixed into botocore's signers: sign what the client signed, not what botocore would."""

    def headers_to_sign(self, request):
        chosen = HTTPHeaders()
        for name in request.context["signed_headers"]:
            for value in request.headers.get_all(name, []):
                chosen[name] = value
        return chosen


class _PlainSigner(_Signer, SigV4Auth):
    pass


class _S3Signer(_Signer, S3SigV4Auth):
    pass


def protocol_of(service):
    if service == "s3":
        return "s3"
    return "query" if service in ("sts", "iam") else "json"


class Refusal(AwsError):
    def __init__(self, service, reason, message):
        protocol = protocol_of(service)
        code = CODES[reason][("json", "s3", "query").index(protocol)]
        super().__init__(code, message, 400 if protocol == "json" else 403, "signature")


def scope_of(request):
    """(region, service) that a request claims to be signed for, or None: needed for routing when
    the host does not tell. Nothing is verified here."""
    found = AUTHORIZATION.fullmatch(request.header("authorization") or "")
    return (found[3], found[4]) if found else None


def verify(world, request, service, region):
    """Checks the request's signature for that service and, if the host fixes one, region.
    Returns (access key id, account, region); raises Refusal."""

    def refuse(reason, message):
        return Refusal(service, reason, message)

    header = request.header("authorization")
    if not header:
        raise refuse("missing", "Missing Authentication Token")
    found = AUTHORIZATION.fullmatch(header)
    if not found:
        raise refuse("incomplete", f"The Authorization header is malformed: {header}")
    key_id, scope_date, scope_region, scope_service, signed, signature = found.groups()
    signed = signed.split(";")
    if scope_service != service:
        raise refuse("mismatch", f"Credential should be scoped to correct service: '{service}'.")
    if region and scope_region != region:
        raise refuse(
            "mismatch",
            f"Credential should be scoped to a valid region, not"
            f" '{scope_region}'. Expected '{region}'.",
        )
    check_signed_headers(request, signed, refuse)
    check_date(world, request, scope_date, service, refuse)
    credential = find_credential(world, key_id)
    if credential is None:
        raise refuse("unknown", "The security token included in the request is invalid.")
    if (request.header("x-amz-security-token") or None) != credential["token"]:
        raise refuse("unknown", "The security token included in the request is invalid.")
    if credential["expires"] is not None and world.now() >= credential["expires"]:
        raise refuse("expired", "The security token included in the request is expired")
    check_payload(request, service, refuse)

    expected = sign(request, service, scope_region, key_id, credential["secret"], signed)
    if not hmac.compare_digest(expected, signature):
        raise refuse(
            "mismatch",
            "The request signature we calculated does not match the signature"
            " you provided. Check your AWS Secret Access Key and signing"
            " method.",
        )
    return key_id, credential["account"], scope_region


def check_signed_headers(request, signed, refuse):
    if signed != sorted(set(signed)):
        raise refuse("incomplete", "SignedHeaders must be sorted and hold no name twice")
    present = {name.lower() for name, _ in request.headers}
    for name in signed:
        if name not in present:
            raise refuse("mismatch", f"The signed header '{name}' is not part of the request")
    for name in present:
        if (name == "host" or name.startswith("x-amz-")) and name not in signed:
            raise refuse("mismatch", f"The header '{name}' must be signed")


def check_date(world, request, scope_date, service, refuse):
    text = request.header("x-amz-date") or ""
    if not re.fullmatch(r"\d{8}T\d{6}Z", text):
        raise refuse(
            "incomplete", f"Date must be in ISO-8601 'basic format' in X-Amz-Date. Got '{text}'."
        )
    if text[:8] != scope_date:
        raise refuse(
            "mismatch",
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601"
            f" version of date from HTTP: '{scope_date}' != '{text[:8]}'.",
        )
    try:
        sent = calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise refuse("incomplete", f"X-Amz-Date is no date: '{text}'") from None
    limit = 900 if service == "s3" else 300
    now = world.now()
    shown = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    if sent < now - limit:
        raise refuse(
            "skew",
            f"Signature expired: {text} is now earlier than {shown} minus {limit // 60} min.",
        )
    if sent > now + limit:
        raise refuse(
            "skew",
            f"Signature not yet current: {text} is still later than {shown} plus"
            f" {limit // 60} min.",
        )


def check_payload(request, service, refuse):
    claimed = request.header("x-amz-content-sha256")
    if claimed is None:
        if service == "s3":
            raise refuse("incomplete", "S3 needs the header x-amz-content-sha256")
        return
    if service == "s3" and claimed in UNSIGNED_PAYLOADS:
        if not request.tls:
            raise refuse("payload", f"{claimed} is only allowed over TLS")
        return
    if claimed != hashlib.sha256(request.body).hexdigest():
        raise refuse(
            "payload",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )


def find_credential(world, key_id):
    known = world.credentials.get(key_id)
    if known:
        return known
    return _assumed_role(key_id) or _iam_user_key(key_id)


def _assumed_role(key_id):
    from moto.sts.models import sts_backends

    for account in list(sts_backends):
        for backend in list(sts_backends[account].values()):
            role = backend.get_assumed_role_from_access_key(key_id)
            if role:
                return {
                    "secret": role.secret_access_key,
                    "account": role.account_id,
                    "token": role.session_token,
                    "expires": calendar.timegm(role.expiration.timetuple()),
                    "arn": role.arn,
                    "user_id": role.user_id,
                    "session": {"tags": {}},
                }
    return None


def _iam_user_key(key_id):
    from moto.iam.models import iam_backends

    for account in list(iam_backends):
        for backend in list(iam_backends[account].values()):
            key = backend.access_keys.get(key_id)
            if key:
                return {
                    "secret": key.secret_access_key,
                    "account": account,
                    "token": None,
                    "expires": None,
                    "arn": f"arn:aws:iam::{account}:user/{key.user_name}",
                    "user_id": "AIDALOCALECRTESTONLY",
                    "session": None,
                }
    return None


def sign(request, service, region, key_id, secret, signed):
    signer = (_S3Signer if service == "s3" else _PlainSigner)(
        Credentials(key_id, secret), service, region
    )
    headers = HTTPHeaders()
    for name, value in request.headers:
        headers[name] = value
    scheme = "https" if request.tls else "http"
    again = AWSRequest(
        request.method,
        f"{scheme}://{request.host}{request.target}",
        headers=headers,
        data=request.body,
    )
    again.context["signed_headers"] = signed
    again.context["timestamp"] = request.header("x-amz-date")
    return signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
