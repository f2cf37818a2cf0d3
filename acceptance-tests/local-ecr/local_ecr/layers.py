"""Layers through the ECR API: an image can be pushed with AWS's CLI alone. Finished layers go to
the same store that docker push uses."""

import base64
import hashlib
import uuid

from .errors import ecr_error
from .images import DIGEST
from .repositories import find

PART_SIZE = 10_485_760
MIN_PART_SIZE = 5_242_880


def _uploads(repository):
    return vars(repository).setdefault("local_ecr_uploads", {})


def _upload(call, repository):
    upload = _uploads(repository).get(call.params["uploadId"])
    if upload is None:
        raise ecr_error(
            "UploadNotFound", upload=call.params["uploadId"], repository=repository.name
        )
    return upload


def _names(call):
    return {"registryId": call.account, "repositoryName": call.params["repositoryName"]}


def initiate_layer_upload(call):
    upload_id = str(uuid.uuid4())
    _uploads(find(call))[upload_id] = []
    return {"uploadId": upload_id, "partSize": PART_SIZE}


def upload_layer_part(call):
    parts = _upload(call, find(call))
    part = base64.b64decode(call.params["layerPartBlob"])
    first, last = call.params["partFirstByte"], call.params["partLastByte"]
    received = sum(map(len, parts))
    if first != received or last - first + 1 != len(part):
        raise ecr_error(
            "InvalidLayerPart", size=len(part), first=first, last=last, received=received
        )
    parts.append(part)
    return {**_names(call), "uploadId": call.params["uploadId"], "lastByteReceived": last}


def complete_layer_upload(call):
    repository = find(call)
    parts = _upload(call, repository)
    layer = b"".join(parts)
    digest = "sha256:" + hashlib.sha256(layer).hexdigest()
    if not layer:
        raise ecr_error("EmptyUpload")
    if any(len(part) < MIN_PART_SIZE for part in parts[:-1]):
        raise ecr_error("LayerPartTooSmall", size=MIN_PART_SIZE)
    if digest not in call.params["layerDigests"]:
        raise ecr_error("InvalidLayer", digest=digest, given=", ".join(call.params["layerDigests"]))
    if call.world.blobs.size(repository, digest) is not None:
        raise ecr_error("LayerAlreadyExists", digest=digest, repository=repository.name)
    call.world.blobs.put(repository, digest, layer)
    del _uploads(repository)[call.params["uploadId"]]
    return {**_names(call), "uploadId": call.params["uploadId"], "layerDigest": digest}


def batch_check_layer_availability(call):
    repository = find(call)
    layers, failures = [], []
    for digest in call.params["layerDigests"]:
        if not DIGEST.fullmatch(digest):
            failures.append(
                {
                    "layerDigest": digest,
                    "failureCode": "InvalidLayerDigest",
                    "failureReason": "the digest is malformed",
                }
            )
            continue
        size = call.world.blobs.size(repository, digest)
        if size is None:
            layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"})
        else:
            layers.append(
                {"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size}
            )
    return {"layers": layers, "failures": failures}


OPERATIONS = {
    "InitiateLayerUpload": initiate_layer_upload,
    "UploadLayerPart": upload_layer_part,
    "CompleteLayerUpload": complete_layer_upload,
    "BatchCheckLayerAvailability": batch_check_layer_availability,
}
