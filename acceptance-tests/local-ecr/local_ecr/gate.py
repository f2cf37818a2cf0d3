"""The registry of an account, as docker and friends see it: a gate before docker-registry that adds
what makes it ECR. The login must come from GetAuthorizationToken, the repository must exist,
immutable tags do not move, and a pushed manifest is registered with the ECR API before the push is
answered."""

import json
import re
from urllib.parse import parse_qsl, quote, urlencode

from moto.ecr.models import ecr_backends

from . import authorization, blobs, images, repositories
from .errors import AwsError, ecr_error
from .http11 import Response

_PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs|tags|referrers)/(?P<rest>.*)")

# Headers that belong to one connection and must not be passed on.
_HOP = (
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
    "authorization",
    "keep-alive",
    "accept-encoding",
    "date",
)


def operation_of(request):
    """A name for the log and for faults."""
    found = _PATH.fullmatch(request.path)
    if not found:
        return "Ping" if request.path in ("/v2", "/v2/") else f"{request.method} {request.path}"
    method, kind, rest = request.method, found["kind"], found["rest"]
    if kind == "manifests":
        return f"{method.capitalize()}Manifest"
    if kind == "blobs" and rest.startswith("uploads/"):
        return {"POST": "StartUpload", "PATCH": "UploadChunk", "PUT": "FinishUpload"}.get(
            method, f"{method.capitalize()}Upload"
        )
    return f"{method.capitalize()}{kind.capitalize().rstrip('s')}"


def answer(world, request, account, region):
    if world.blobs.forward("GET", "/v2/", [], b"") is None:
        raise AwsError("UNAVAILABLE", "local ECR was started with --no-registry", 503)
    _check_login(world, request, account)
    if request.path in ("/v2", "/v2/"):
        return Response(200, _headers("application/json"), "{}")
    found = _PATH.fullmatch(request.path)
    if not found:
        raise AwsError("UNSUPPORTED", f"no such address: {request.path}", 404)
    backend = ecr_backends[account][region]
    with world.lock:
        repository = backend.repositories.get(found["name"])
        if repository is None or world.hidden((account, region, "repository", found["name"]))[0]:
            raise AwsError(
                "NAME_UNKNOWN",
                ecr_error("RepositoryNotFound", account=account, repository=found["name"]).message,
                404,
            )
    if found["kind"] == "manifests":
        return _manifest(world, request, repository, found["rest"])
    if found["kind"] == "tags":
        return _tags(request, repository)
    if found["kind"] == "referrers":
        raise AwsError("UNSUPPORTED", "local ECR has no referrers API", 404)
    return _forward(world, request, backend, repository, found["rest"])


def _headers(content_type, *more):
    return [
        ("Content-Type", content_type),
        ("Docker-Distribution-Api-Version", "registry/2.0"),
        *more,
    ]


def _check_login(world, request, account):
    state, issued_to = authorization.check(world, request.header("authorization"))
    if state == "expired":
        raise AwsError(
            "DENIED", "Your authorization token has expired. Reauthenticate and try again.", 403
        )
    if state == "ok" and issued_to != account:
        raise AwsError(
            "DENIED",
            f"The token was issued to account {issued_to}, which has no access"
            f" to the registry {account}",
            403,
        )
    if state == "wrong":
        given = request.header("authorization") is not None
        raise AwsError(
            "UNAUTHORIZED",
            "Your Authorization Token is invalid." if given else "Not Authorized",
            401,
        )


def error_response(error):
    body = json.dumps({"errors": [{"code": error.code, "message": error.message}]})
    headers = _headers("application/json; charset=utf-8")
    if error.status == 401:
        headers.append(
            ("WWW-Authenticate", 'Basic realm="https://local-ecr/",' 'service="ecr.amazonaws.com"')
        )
    return Response(error.status, headers, body)


# Manifests are answered from the ECR API's state, so that what PutImage tagged can be pulled.


def _manifest(world, request, repository, reference):
    if request.method in ("GET", "HEAD"):
        return _get_manifest(world, request, repository, reference)
    if request.method == "PUT":
        with world.lock:
            return _put_manifest(world, request, repository, reference)
    raise AwsError("UNSUPPORTED", "images are deleted with BatchDeleteImage", 405)


def _get_manifest(world, request, repository, reference):
    with world.lock:
        by_digest = images.DIGEST.fullmatch(reference)
        image = (images.with_digest if by_digest else images.with_tag)(repository, reference)
        if image is None:
            raise AwsError("MANIFEST_UNKNOWN", "Requested image not found", 404)
        if request.method == "GET":
            image.pulled_seconds = round(world.now(), 3)
    body = image.image_manifest.encode()
    return Response(
        200,
        _headers(
            image.image_manifest_media_type,
            ("Docker-Content-Digest", image.image_digest),
            ("Content-Length", str(len(body))),
        ),
        body,
    )


def _put_manifest(world, request, repository, reference):
    tag = None if images.DIGEST.fullmatch(reference) else reference
    if tag and not images.TAG.fullmatch(tag):
        raise AwsError("TAG_INVALID", f"not a tag: {tag}", 400)
    if tag and images.with_tag(repository, tag) and repositories.tag_is_immutable(repository, tag):
        raise AwsError(
            "TAG_INVALID",
            ecr_error("ImageTagAlreadyExists", tag=tag, repository=repository.name).message,
            400,
        )
    media_type = (request.header("content-type") or "").partition(";")[0] or None
    try:
        text = request.body.decode("utf-8")
        images.parse_manifest(text, media_type)
    except UnicodeDecodeError:
        raise AwsError("MANIFEST_INVALID", "the manifest is not UTF-8", 400) from None
    except AwsError as error:
        raise AwsError("MANIFEST_INVALID", error.message, 400) from None
    if tag:
        try:
            images.check_tag_limit(repository, tag, images.digest_of(text))
        except AwsError as error:
            raise AwsError("DENIED", error.message, 403) from None
    # docker-registry checks that the layers and the images of a list are there.
    response = _pass_on(
        world, request, repository, f"/v2/{blobs.path_of(repository)}/manifests/{quote(reference)}"
    )
    if response.status == 201:
        image = images.put(world, repository, text, media_type, tag)
        response.headers = _headers(
            "text/plain",
            ("Docker-Content-Digest", image.image_digest),
            ("Location", f"/v2/{repository.name}/manifests/{image.image_digest}"),
        )
    return response


def _tags(request, repository):
    if request.method != "GET":
        raise AwsError("UNSUPPORTED", "tags are listed with GET", 405)
    tags = sorted(tag for image in repository.images for tag in image.image_tags)
    return Response(
        200, _headers("application/json"), json.dumps({"name": repository.name, "tags": tags})
    )


# Layers go to docker-registry as they are; only names differ inside.


def _forward(world, request, backend, repository, rest):
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if "from" in query:
        other = backend.repositories.get(query["from"])
        if other:
            query["from"] = blobs.path_of(other)
        else:
            query = {}
    target = f"/v2/{blobs.path_of(repository)}/blobs/{quote(rest)}"
    if query:
        target += "?" + urlencode(query)
    return _pass_on(world, request, repository, target)


def _pass_on(world, request, repository, target):
    # One by one: a client sends several Accept headers, and all of them count.
    headers = [(name, value) for name, value in request.headers if name.lower() not in _HOP]
    status, answered, body = world.blobs.forward(request.method, target, headers, request.body)
    own = f"/v2/{repository.storage_name}/"
    kept = [
        (name, value.replace(own, "/v2/")) for name, value in answered if name.lower() not in _HOP
    ]
    if request.method == "HEAD":
        kept += [(name, value) for name, value in answered if name.lower() == "content-length"]
    return Response(status, kept, body.replace(own.encode(), b"/v2/") if status >= 400 else body)
