"""Images: PutImage, describe, list, get and delete, with the digests, tags and immutability rules
that moto gets wrong. The gate registers pushed images through put() as well."""

import hashlib
import json
import re

from moto.ecr.models import Image

from .errors import AwsError, ecr_error, invalid_parameter
from .paging import only_alone, page
from .repositories import find, tag_is_immutable

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MAX_TAGS = 1000

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
MEDIA_TYPES = (OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST)


def with_tag(repository, tag):
    return next((image for image in repository.images if tag in image.image_tags), None)


def with_digest(repository, digest):
    return next((image for image in repository.images if image.image_digest == digest), None)


def lookup(repository, image_id):
    """The image of an ImageIdentifier: by digest, by tag, or by both that must agree."""
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    image = with_digest(repository, digest) if digest else with_tag(repository, tag)
    return None if image and digest and tag and tag not in image.image_tags else image


# Putting


def check_tag_may_move(repository, tag, digest):
    """Refuses to overwrite an immutable tag."""
    old = with_tag(repository, tag)
    if old and old.image_digest != digest and tag_is_immutable(repository, tag):
        raise ecr_error("ImageTagAlreadyExists", tag=tag, repository=repository.name)


def check_tag_limit(repository, tag, digest):
    image = with_digest(repository, digest)
    if image and tag not in image.image_tags and len(image.image_tags) >= MAX_TAGS:
        raise AwsError(
            "LimitExceededException",
            f"Adding tag '{tag}' to an image in the repository with name '{repository.name}' in"
            f" registry with id '{repository.registry_id}' exceeds the maximum allowed number of"
            f" tags per image which is '{MAX_TAGS}'",
        )


def digest_of(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def parse_manifest(text, media_type):
    """(manifest as a dict, its media type)"""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        raise invalid_parameter("ImageManifest", "Invalid JSON syntax")
    media_type = media_type or manifest.get("mediaType")
    if media_type is None:
        media_type = OCI_INDEX if "manifests" in manifest else OCI_MANIFEST
    if media_type not in MEDIA_TYPES:
        raise invalid_parameter("imageManifestMediaType", f"unknown media type: {media_type}")
    if manifest.get("mediaType", media_type) != media_type:
        raise invalid_parameter(
            "imageManifestMediaType",
            f"the manifest says another media type: {manifest['mediaType']}",
        )
    return manifest, media_type


def put(world, repository, text, media_type, tag):
    """Adds an image, or a tag to one that is there. Returns the image."""
    manifest, media_type = parse_manifest(text, media_type)
    digest = digest_of(text)
    children = _children(manifest)
    image = with_digest(repository, digest)
    if image is None:
        image = Image(repository.account_id, None, text, repository.name, media_type, digest)
        image.pushed_seconds = round(world.now(), 3)
        image.pulled_seconds = None
        image.storage_class = "standard"
        image.child_digests = children
        image.subject_digest = (manifest.get("subject") or {}).get("digest")
        image.artifact_media_type = manifest.get("artifactType") or (
            manifest.get("config") or {}
        ).get("mediaType")
        image.size = _size(repository, manifest, children)
        repository.images.append(image)
    if tag and tag not in image.image_tags:
        old = with_tag(repository, tag)
        if old:
            old.image_tags.remove(tag)
        image.image_tags.append(tag)
        image.image_tag = tag
    return image


def _children(manifest):
    return [child.get("digest") for child in manifest.get("manifests") or []]


def _size(repository, manifest, children):
    """Layers and configuration; of a list of images, the largest one."""
    if children:
        found = [with_digest(repository, digest) for digest in children]
        return max((image.size for image in found if image), default=0)
    parts = (manifest.get("layers") or []) + [manifest.get("config") or {}]
    return sum(part.get("size", 0) for part in parts)


def put_image(call):
    repository = find(call)
    text, tag = call.params["imageManifest"], call.get("imageTag")
    manifest, _ = parse_manifest(text, call.get("imageManifestMediaType"))
    if tag and not TAG.fullmatch(tag):
        raise invalid_parameter("imageTag", f"must satisfy regular expression '{TAG.pattern}'")
    digest = digest_of(text)
    if call.get("imageDigest", digest) != digest:
        raise ecr_error("ImageDigestDoesNotMatch", given=call.get("imageDigest"), digest=digest)
    _check_parts(call, repository, manifest)
    image = with_digest(repository, digest)
    if image and (tag is None or tag in image.image_tags):
        raise ecr_error(
            "ImageAlreadyExists",
            digest=digest,
            tag=tag or "null",
            repository=repository.name,
            account=call.account,
        )
    if tag:
        check_tag_may_move(repository, tag, digest)
        check_tag_limit(repository, tag, digest)
    image = put(call.world, repository, text, call.get("imageManifestMediaType"), tag)
    return {"image": _image(call, image, tag)}


def _check_parts(call, repository, manifest):
    missing = [digest for digest in _children(manifest) if not with_digest(repository, digest)]
    if missing:
        raise ecr_error(
            "ReferencedImagesNotFound",
            repository=repository.name,
            missing=", ".join(map(str, missing)),
        )
    if not call.world.settings["check_layers"]:
        return
    parts = list(manifest.get("layers") or [])
    if manifest.get("config"):
        parts.append(manifest["config"])
    missing = [
        part.get("digest")
        for part in parts
        if call.world.blobs.size(repository, part.get("digest") or "") is None
    ]
    if missing:
        raise ecr_error(
            "LayersNotFound", repository=repository.name, missing=", ".join(map(str, missing))
        )


# Reading


def _image_id(image, tag):
    return {"imageDigest": image.image_digest, "imageTag": tag}


def _image(call, image, tag):
    return {
        "registryId": call.account,
        "repositoryName": call.params["repositoryName"],
        "imageId": _image_id(image, tag),
        "imageManifest": image.image_manifest,
        "imageManifestMediaType": image.image_manifest_media_type,
    }


def _detail(call, image):
    return {
        "registryId": call.account,
        "repositoryName": call.params["repositoryName"],
        "imageDigest": image.image_digest,
        "imageTags": sorted(image.image_tags) or None,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed_seconds,
        "imageManifestMediaType": image.image_manifest_media_type,
        "artifactMediaType": image.artifact_media_type,
        "subjectManifestDigest": image.subject_digest,
        "lastRecordedPullTime": image.pulled_seconds,
        "imageStatus": "ACTIVE",
    }


def not_found(call, repository, image_id):
    return ecr_error(
        "ImageNotFound",
        digest=image_id.get("imageDigest") or "null",
        tag=image_id.get("imageTag") or "null",
        repository=repository.name,
        account=call.account,
    )


def _wanted(call, image):
    status = call.get("filter", {}).get("tagStatus", "ANY")
    archived = call.get("filter", {}).get("imageStatus", "ACTIVE") == "ARCHIVED"
    return not archived and (status == "ANY" or (status == "TAGGED") == bool(image.image_tags))


def describe_images(call):
    repository = find(call)
    wanted = call.get("imageIds")
    only_alone(call, "imageIds", wanted)
    if not wanted:
        found = [image for image in repository.images if _wanted(call, image)]
        found.sort(key=_order)
        chosen, token = page(call, found, _order)
        return {"imageDetails": [_detail(call, image) for image in chosen], "nextToken": token}
    chosen = {}
    for image_id in wanted:
        image = lookup(repository, image_id)
        if image is None:
            raise not_found(call, repository, image_id)
        chosen[image.image_digest] = image
    return {"imageDetails": [_detail(call, image) for image in chosen.values()]}


def _order(image):
    return f"{image.pushed_seconds:020.3f} {image.image_digest}"


def list_images(call):
    repository = find(call)
    ids = [
        _image_id(image, tag)
        for image in repository.images
        if _wanted(call, image)
        for tag in sorted(image.image_tags) or [None]
    ]

    def order(image_id):
        return f"{image_id['imageDigest']} {image_id['imageTag'] or ''}"

    ids.sort(key=order)
    chosen, token = page(call, ids, order)
    return {"imageIds": chosen, "nextToken": token}


def _failure(image_id):
    """(code, reason) of an identifier that cannot name an image, or None."""
    if not image_id.get("imageDigest") and not image_id.get("imageTag"):
        return "MissingDigestAndTag", "Invalid request parameters: tag and digest cannot be null"
    if image_id.get("imageDigest") and not DIGEST.fullmatch(image_id["imageDigest"]):
        return "InvalidImageDigest", "Invalid request parameters: the image digest is malformed"
    return None


def _each(call, repository, work):
    """Runs work(image, image_id) for each identifier of a batch call and collects the failures.
    work returns a failure of its own, or None."""
    failures = []
    for image_id in call.params["imageIds"]:
        image = lookup(repository, image_id)
        failure = _failure(image_id)
        if not failure and image is None:
            failure = "ImageNotFound", "Requested image not found"
        failure = failure or work(image, image_id)
        if failure:
            failures.append(
                {"imageId": image_id, "failureCode": failure[0], "failureReason": failure[1]}
            )
    return failures


def batch_get_image(call):
    repository = find(call)
    found = []

    def get(image, image_id):
        found.append(_image(call, image, image_id.get("imageTag")))
        image.pulled_seconds = round(call.world.now(), 3)

    failures = _each(call, repository, get)
    return {"images": found, "failures": failures}


def batch_delete_image(call):
    repository = find(call)
    deleted = []

    def delete(image, image_id):
        tag = image_id.get("imageTag")
        by_tag = tag and not image_id.get("imageDigest")
        if by_tag and len(image.image_tags) > 1:
            image.image_tags.remove(tag)
            deleted.append(_image_id(image, tag))
            return None
        if any(image.image_digest in other.child_digests for other in repository.images):
            return "ImageReferencedByManifestList", "The image is part of a manifest list"
        deleted.extend(_image_id(image, tag) for tag in sorted(image.image_tags) or [None])
        repository.images.remove(image)
        return None

    failures = _each(call, repository, delete)
    return {"imageIds": deleted, "failures": failures}


OPERATIONS = {
    "PutImage": put_image,
    "DescribeImages": describe_images,
    "ListImages": list_images,
    "BatchGetImage": batch_get_image,
    "BatchDeleteImage": batch_delete_image,
}
