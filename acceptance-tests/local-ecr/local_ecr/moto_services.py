"""The services that moto does well enough as it is: S3, STS, IAM, Secrets Manager, KMS. A request
is handed to moto's own URL handlers in process, under the real AWS address, so that moto sees what
it would see behind boto3; the signature has been verified before."""

import functools
import re
from urllib.parse import parse_qs

import moto.backends
from botocore.awsrequest import AWSRequest
from moto.core.botocore_stubber import BotocoreStubber

from .http11 import Response

# moto lists its own folder, a hundred and more stat calls, for each request.
moto.backends.list_of_moto_modules = functools.cache(
    lambda modules=moto.backends.list_of_moto_modules: list(modules())
)

_stubber = BotocoreStubber()

# What moto sets and our server sets itself.
_OWN_HEADERS = ("content-length", "connection", "date", "transfer-encoding", "server")


def answer(world, request, place, account, region):
    prepared = AWSRequest(
        request.method,
        _address(request, place, region),
        headers=dict(request.headers),
        data=request.body,
    ).prepare()
    prepared.headers["x-moto-account-id"] = account
    with world.lock:
        if place.service == "s3":
            ensure_bucket(world)
        status, headers, body = _stubber.process_request(prepared)
    body = body if isinstance(body, (bytes, str)) else b"".join(body)
    kept = [
        (name, str(value))
        for name, value in dict(headers).items()
        if name.lower() not in _OWN_HEADERS
    ]
    if request.method == "HEAD":
        kept += [
            (name, str(value))
            for name, value in dict(headers).items()
            if name.lower() == "content-length"
        ]
    return Response(status, kept, body)


def _address(request, place, region):
    """The request's URL as AWS's own hosts have it; also for what came to the plain endpoint, and
    for dual-stack and FIPS hosts, which moto does not know."""
    if place.service == "iam":
        host = "iam.amazonaws.com"
    elif place.service == "s3" and place.bucket:
        host = f"{place.bucket}.s3.{region}.amazonaws.com"
    else:
        host = f"{place.service}.{region}.amazonaws.com"
    return f"https://{host}{request.target}"


def ensure_bucket(world):
    """The bucket for Terraform's state, versioned. Made at the first S3 request, because moto's S3
    takes a while to load."""
    from moto.s3.models import s3_backends

    backend = s3_backends[world.account]["aws"]
    if world.bucket not in backend.buckets and not getattr(world, "bucket_made", False):
        backend.create_bucket(world.bucket, world.region)
        backend.put_bucket_versioning(world.bucket, "Enabled")
    world.bucket_made = True


def reset(world):
    """Empties all of moto, ECR included."""
    from moto.core.base_backend import BackendDict

    BackendDict.reset()
    world.bucket_made = False


def secret(account, region, arn):
    """The text of a secret, or None if there is none of that ARN."""
    from moto.secretsmanager.models import secretsmanager_backends

    try:
        found = secretsmanager_backends[account][region].get_secret_value(arn, None, None)
    except Exception:
        return None
    return found.get("SecretString") or ""


def kms_key_arn(account, region, wanted):
    """The ARN of the KMS key behind a key id, key ARN, alias or alias ARN, or None."""
    from moto.kms.models import kms_backends

    try:
        return kms_backends[account][region].describe_key(wanted).arn
    except Exception:
        return None


def error_code(response):
    """The error code in an answer of moto's, for the log."""
    found = re.search(rb'<Code>([^<]+)<|"__type": ?"([^"]+)"', response.body)
    return (found[1] or found[2]).decode() if found else None


def action_of(request):
    """The Action of a query-protocol request (STS, IAM)."""
    form = parse_qs(request.body.decode("utf-8", "replace")) or parse_qs(request.query)
    return form.get("Action", ["unknown"])[0]


def s3_operation(request, place):
    """A name for the log. The common calls have AWS's operation names; the others method and
    sub-resource."""
    parts = [part for part in request.path.split("/", 2) if part]
    depth = len(parts) + (1 if place.bucket else 0)
    # Sub-resources have no value: ?versioning; listing and conditional reads have parameters.
    sub = sorted(re.findall(r"(?:^|&)([a-z-]+)(?==?(?:&|$))", request.query))
    if sub:
        return f"{request.method}?{sub[0]}"
    names = {
        "GET": ("ListBuckets", "ListObjects", "GetObject"),
        "HEAD": ("HeadService", "HeadBucket", "HeadObject"),
        "PUT": ("PutService", "CreateBucket", "PutObject"),
        "DELETE": ("DeleteService", "DeleteBucket", "DeleteObject"),
    }.get(request.method)
    return names[min(depth, 2)] if names else request.method
