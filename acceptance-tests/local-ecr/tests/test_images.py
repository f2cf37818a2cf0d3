"""Images through the ECR API: digests, tags, immutability, layers, lists and deletion."""

import hashlib
import json
import unittest

import support
from support import Case


def digest_of(data):
    return (
        "sha256:" + hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()
    )


def manifest(number=0, **more):
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "layers": [],
            "annotations": {"number": str(number)},
            **more,
        }
    )


class ImageTest(Case):
    def setUp(self):
        super().setUp()
        self.create("app")
        support.setting(check_layers=False)

    def put(self, text, tag=None, **more):
        if tag:
            more["imageTag"] = tag
        return self.ecr.put_image(repositoryName="app", imageManifest=text, **more)["image"]

    def details(self, **arguments):
        return self.ecr.describe_images(repositoryName="app", **arguments)["imageDetails"]

    def tags(self):
        return {detail["imageDigest"]: detail.get("imageTags") for detail in self.details()}

    def test_digest_is_that_of_the_manifest(self):
        one, two = manifest(1), manifest(2)
        self.assertEqual(
            self.put(one, "v1")["imageId"], {"imageDigest": digest_of(one), "imageTag": "v1"}
        )
        self.put(two, "v2", imageDigest=digest_of(two))
        self.refused(
            "ImageDigestDoesNotMatchException",
            self.put,
            text=manifest(3),
            imageDigest=digest_of("x"),
        )
        self.assertEqual(self.tags(), {digest_of(one): ["v1"], digest_of(two): ["v2"]})

    def test_tags_merge_and_move(self):
        one, two = manifest(1), manifest(2)
        self.put(one, "v1")
        self.put(one, "latest")
        self.assertEqual(self.tags(), {digest_of(one): ["latest", "v1"]})
        self.refused("ImageAlreadyExistsException", self.put, text=one, tag="latest")
        self.refused("ImageAlreadyExistsException", self.put, text=one)
        self.put(two, "latest")
        self.put(two, "v1")
        self.assertEqual(self.tags(), {digest_of(one): None, digest_of(two): ["latest", "v1"]})
        self.assertEqual(len(self.details(filter={"tagStatus": "UNTAGGED"})), 1)
        listed = self.ecr.list_images(repositoryName="app", filter={"tagStatus": "TAGGED"})
        self.assertEqual([image["imageTag"] for image in listed["imageIds"]], ["latest", "v1"])

    def test_immutable_tags(self):
        self.ecr.put_image_tag_mutability(
            repositoryName="app",
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=[
                {"filterType": "WILDCARD", "filter": "*-dev"},
                {"filterType": "WILDCARD", "filter": "staging"},
            ],
        )
        for tag in ("v1", "v1-dev", "staging", "staging-2"):
            self.put(manifest(1), tag)
        self.put(manifest(2), "v1-dev")
        self.put(manifest(2), "staging")
        fixed = "ImageTagAlreadyExistsException"
        self.assertIn(
            "because the tag is immutable",
            self.refused(fixed, self.put, text=manifest(2), tag="v1"),
        )
        self.refused(fixed, self.put, text=manifest(2), tag="staging-2")
        self.ecr.put_image_tag_mutability(
            repositoryName="app",
            imageTagMutability="MUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "v*"}],
        )
        self.refused(fixed, self.put, text=manifest(2), tag="v1")
        self.put(manifest(2), "staging-2")

    def test_limit_of_tags(self):
        for number in range(1000):
            self.put(manifest(1), f"v{number}")
        message = self.refused("LimitExceededException", self.put, text=manifest(1), tag="one-more")
        self.assertIn("exceeds the maximum allowed number of tags per image", message)

    def test_manifests_that_are_none(self):
        for text, media_type in (
            ("{", None),
            ("[]", None),
            (manifest(), "text/plain"),
            (manifest(), "application/vnd.oci.image.index.v1+json"),
        ):
            more = {"imageManifestMediaType": media_type} if media_type else {}
            self.refused("InvalidParameterException", self.put, text=text, tag="v1", **more)
        self.refused("InvalidParameterException", self.put, text=manifest(), tag="no/tag")

    def test_not_found(self):
        message = self.refused(
            "ImageNotFoundException", self.details, imageIds=[{"imageTag": "none"}]
        )
        self.assertIn("{imageDigest:'null', imageTag:'none'}", message)
        self.put(manifest(1), "v1")
        self.refused(
            "ImageNotFoundException",
            self.details,
            imageIds=[{"imageTag": "v1", "imageDigest": digest_of("x")}],
        )

    def test_pages(self):
        for number in range(7):
            self.put(manifest(number), f"v{number}")
        for name, key in (("describe_images", "imageDetails"), ("list_images", "imageIds")):
            pages = list(
                self.ecr.get_paginator(name).paginate(
                    repositoryName="app", PaginationConfig={"PageSize": 3}
                )
            )
            self.assertEqual([len(page[key]) for page in pages], [3, 3, 1])
            digests = {item["imageDigest"] for page in pages for item in page[key]}
            self.assertEqual(len(digests), 7)

    def test_batches(self):
        one = manifest(1)
        self.put(one, "v1")
        self.put(one, "v2")
        got = self.ecr.batch_get_image(
            repositoryName="app",
            imageIds=[{"imageTag": "v1"}, {"imageTag": "none"}, {}, {"imageDigest": "nonsense"}],
        )
        self.assertEqual([image["imageManifest"] for image in got["images"]], [one])
        self.assertEqual(
            [failure["failureCode"] for failure in got["failures"]],
            ["ImageNotFound", "MissingDigestAndTag", "InvalidImageDigest"],
        )
        self.assertIn("lastRecordedPullTime", self.details()[0])
        delete = self.ecr.batch_delete_image
        deleted = delete(repositoryName="app", imageIds=[{"imageTag": "v1"}])
        self.assertEqual(deleted["imageIds"], [{"imageDigest": digest_of(one), "imageTag": "v1"}])
        self.assertEqual(self.tags(), {digest_of(one): ["v2"]})
        delete(repositoryName="app", imageIds=[{"imageDigest": digest_of(one)}])
        self.assertEqual(self.details(), [])

    def test_lists_of_images(self):
        child = manifest(
            1,
            config={
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "size": 70,
                "digest": digest_of("c"),
            },
        )
        index = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [{"digest": digest_of(child), "size": len(child)}],
            }
        )
        self.refused("ReferencedImagesNotFoundException", self.put, text=index, tag="all")
        self.put(child)
        self.put(index, "all")
        self.assertEqual(self.details(imageIds=[{"imageTag": "all"}])[0]["imageSizeInBytes"], 70)
        held = self.ecr.batch_delete_image(
            repositoryName="app", imageIds=[{"imageDigest": digest_of(child)}]
        )
        self.assertEqual(held["failures"][0]["failureCode"], "ImageReferencedByManifestList")

    def test_pushed_with_the_api_alone(self):
        support.setting(check_layers=True)
        layer = b"layer" * 1000
        part = {
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "size": len(layer),
            "digest": digest_of(layer),
        }
        text = manifest(1, layers=[part])
        self.refused("LayersNotFoundException", self.put, text=text, tag="v1")
        upload = self.ecr.initiate_layer_upload(repositoryName="app")["uploadId"]
        names = {"repositoryName": "app", "uploadId": upload}
        self.refused(
            "EmptyUploadException",
            self.ecr.complete_layer_upload,
            layerDigests=[part["digest"]],
            **names,
        )
        self.refused(
            "InvalidLayerPartException",
            self.ecr.upload_layer_part,
            partFirstByte=1,
            partLastByte=len(layer),
            layerPartBlob=layer,
            **names,
        )
        self.ecr.upload_layer_part(
            partFirstByte=0, partLastByte=len(layer) - 1, layerPartBlob=layer, **names
        )
        self.refused(
            "InvalidLayerException",
            self.ecr.complete_layer_upload,
            layerDigests=[digest_of("other")],
            **names,
        )
        self.ecr.complete_layer_upload(layerDigests=[part["digest"]], **names)
        self.refused(
            "UploadNotFoundException",
            self.ecr.complete_layer_upload,
            layerDigests=[part["digest"]],
            **names,
        )
        found = self.ecr.batch_check_layer_availability(
            repositoryName="app", layerDigests=[part["digest"], digest_of("other"), "x"]
        )
        self.assertEqual(
            [layer["layerAvailability"] for layer in found["layers"]], ["AVAILABLE", "UNAVAILABLE"]
        )
        self.assertEqual(found["failures"][0]["failureCode"], "InvalidLayerDigest")
        self.put(text, "v1")
        self.assertEqual(self.details()[0]["imageSizeInBytes"], len(layer))

    def test_layers_of_a_deleted_repository_are_gone(self):
        support.setting(check_layers=True)
        upload = self.ecr.initiate_layer_upload(repositoryName="app")["uploadId"]
        self.ecr.upload_layer_part(
            repositoryName="app",
            uploadId=upload,
            partFirstByte=0,
            partLastByte=2,
            layerPartBlob=b"abc",
        )
        self.ecr.complete_layer_upload(
            repositoryName="app", uploadId=upload, layerDigests=[digest_of(b"abc")]
        )
        self.ecr.delete_repository(repositoryName="app")
        self.create("app")
        found = self.ecr.batch_check_layer_availability(
            repositoryName="app", layerDigests=[digest_of(b"abc")]
        )
        self.assertEqual(found["layers"][0]["layerAvailability"], "UNAVAILABLE")


if __name__ == "__main__":
    unittest.main()
