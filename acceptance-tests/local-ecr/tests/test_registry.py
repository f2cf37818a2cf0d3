"""The registry behind its gate: login, unknown repositories, immutable tags, pushes and pulls with
the real docker-registry, and what the ECR API knows of them."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import support
from support import REGISTRY, Case

OCI = "application/vnd.oci.image.manifest.v1+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    """A tiny image: one layer, one configuration."""

    def __init__(self, number):
        self.layer = f"layer {number}".encode() * 100
        self.config = json.dumps({"number": number}).encode()
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest_of(self.config),
                    "size": len(self.config),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.oci.image.layer.v1.tar",
                        "digest": digest_of(self.layer),
                        "size": len(self.layer),
                    }
                ],
            }
        ).encode()
        self.digest = digest_of(self.manifest)
        self.size = len(self.layer) + len(self.config)


class RegistryTest(Case):
    def setUp(self):
        super().setUp()
        self.connection = support.tunnel(REGISTRY)
        self.addCleanup(self.connection.close)
        self.login = (
            "Basic "
            + self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        )

    def ask(self, method, path, body=b"", login=None, chunked=False, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        login = self.login if login is None else login
        if login:
            headers["Authorization"] = login
        self.connection.request(
            method, path, iter([body]) if chunked else body, headers, encode_chunked=chunked
        )
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def put_blob(self, name, data):
        status, headers, _ = self.ask("POST", f"/v2/{name}/blobs/uploads/")
        self.assertEqual(status, 202)
        self.assertTrue(headers["Location"].startswith(f"/v2/{name}/blobs/uploads/"), headers)
        half = len(data) // 2
        status, headers, _ = self.ask(
            "PATCH", headers["Location"], data[:half], chunked=True, Transfer_Encoding="chunked"
        )
        self.assertEqual(status, 202)
        status, headers, _ = self.ask(
            "PUT", headers["Location"] + "&digest=" + digest_of(data), data[half:]
        )
        self.assertEqual(status, 201)

    def push(self, name, image, tag):
        self.put_blob(name, image.layer)
        self.put_blob(name, image.config)
        return self.put_manifest(name, image, tag)

    def put_manifest(self, name, image, tag):
        status, _, body = self.ask(
            "PUT", f"/v2/{name}/manifests/{tag}", image.manifest, Content_Type=OCI
        )
        return status, json.loads(body)["errors"][0] if body else None

    def images(self, name):
        details = self.ecr.describe_images(repositoryName=name)["imageDetails"]
        return {detail["imageDigest"]: detail for detail in details}

    def test_login(self):
        def status(login):
            return self.ask("GET", "/v2/", login=login)[0]

        self.assertEqual(status(self.login), 200)
        self.assertEqual(status(""), 401)
        self.assertEqual(status("Basic " + base64.b64encode(b"AWS:guess").decode()), 401)
        self.assertEqual(status("Basic !!!"), 401)
        self.assertEqual(status("Bearer x"), 401)
        password = base64.b64decode(self.login.split()[1]).decode().partition(":")[2]
        self.assertEqual(
            status("Basic " + base64.b64encode(f"root:{password}".encode()).decode()), 401
        )
        _, headers, _ = self.ask("GET", "/v2/", login="")
        self.assertTrue(headers["WWW-Authenticate"].startswith("Basic realm="))
        support.setting(token_seconds=60)
        support.setting(clock_offset=50_000)
        self.assertEqual(status(self.login), 403)

    def test_push_and_pull(self):
        self.create("team/app")
        image = Image(1)
        self.assertEqual(self.push("team/app", image, "v1"), (201, None))
        self.assertEqual(self.put_manifest("team/app", image, "latest"), (201, None))
        detail = self.images("team/app")[image.digest]
        self.assertEqual(detail["imageTags"], ["latest", "v1"])
        self.assertEqual(
            (detail["imageSizeInBytes"], detail["imageManifestMediaType"]), (image.size, OCI)
        )
        self.assertNotIn("lastRecordedPullTime", detail)
        for reference in ("v1", image.digest):
            status, headers, body = self.ask(
                "GET", f"/v2/team/app/manifests/{reference}", Accept=OCI
            )
            self.assertEqual((status, body), (200, image.manifest))
            self.assertEqual(headers["Docker-Content-Digest"], image.digest)
        status, headers, body = self.ask("HEAD", "/v2/team/app/manifests/v1")
        self.assertEqual(
            (status, headers["Content-Length"], body), (200, str(len(image.manifest)), b"")
        )
        blob = f"/v2/team/app/blobs/{digest_of(image.layer)}"
        self.assertEqual(self.ask("GET", blob)[2], image.layer)
        status, _, body = self.ask("GET", blob, Range="bytes=6-10")
        self.assertEqual((status, body), (206, image.layer[6:11]))
        status, headers, _ = self.ask("HEAD", blob)
        self.assertEqual((status, headers["Content-Length"]), (200, str(len(image.layer))))
        self.assertIn("lastRecordedPullTime", self.images("team/app")[image.digest])
        self.assertEqual(
            json.loads(self.ask("GET", "/v2/team/app/tags/list")[2])["tags"], ["latest", "v1"]
        )
        self.assertEqual(len({entry["connection"] for entry in support.log("service=registry")}), 1)

    def test_moved_tag_leaves_the_old_image_untagged(self):
        self.create("app")
        one, two = Image(1), Image(2)
        self.push("app", one, "staging")
        self.push("app", two, "staging")
        found = self.images("app")
        self.assertNotIn("imageTags", found[one.digest])
        self.assertEqual(found[two.digest]["imageTags"], ["staging"])

    def test_immutable_tags(self):
        self.create(
            "app",
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "staging*"}],
        )
        one, two = Image(1), Image(2)
        for tag in ("abc123", "staging"):
            self.assertEqual(self.push("app", one, tag), (201, None))
        status, error = self.push("app", two, "abc123")
        self.assertEqual((status, error["code"]), (400, "TAG_INVALID"))
        self.assertIn("immutable", error["message"])
        self.assertEqual(self.put_manifest("app", one, "abc123")[0], 400)
        self.assertEqual(self.push("app", two, "staging"), (201, None))
        self.assertEqual(self.images("app")[one.digest]["imageTags"], ["abc123"])

    def test_unknown_repository_manifest_and_layers(self):
        status, _, body = self.ask("POST", "/v2/none/blobs/uploads/")
        self.assertEqual((status, json.loads(body)["errors"][0]["code"]), (404, "NAME_UNKNOWN"))
        self.create("app")
        status, _, body = self.ask("GET", "/v2/app/manifests/none")
        self.assertEqual((status, json.loads(body)["errors"][0]["code"]), (404, "MANIFEST_UNKNOWN"))
        status, error = self.put_manifest("app", Image(3), "v1")
        self.assertEqual((status, self.images("app")), (400 if status == 400 else 404, {}), error)
        self.assertEqual(self.ask("PUT", "/v2/app/manifests/v1", b"{", Content_Type=OCI)[0], 400)

    def test_mount_from_another_repository(self):
        self.create("one")
        self.create("two")
        self.put_blob("one", b"shared layer")
        digest = digest_of(b"shared layer")
        status, headers, _ = self.ask("POST", f"/v2/two/blobs/uploads/?mount={digest}&from=one")
        self.assertEqual((status, headers["Location"]), (201, f"/v2/two/blobs/{digest}"))

    def test_image_tagged_with_the_api_can_be_pulled(self):
        self.create("app")
        image = Image(1)
        self.push("app", image, "v1")
        self.ecr.put_image(
            repositoryName="app", imageManifest=image.manifest.decode(), imageTag="prod"
        )
        self.assertEqual(self.ask("GET", "/v2/app/manifests/prod")[2], image.manifest)
        self.ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": image.digest}])
        self.assertEqual(self.ask("GET", "/v2/app/manifests/prod")[0], 404)

    def test_deleted_repository_is_empty_when_made_again(self):
        self.create("app")
        image = Image(1)
        self.push("app", image, "v1")
        self.ecr.delete_repository(repositoryName="app", force=True)
        self.create("app")
        self.assertEqual(self.ask("HEAD", f"/v2/app/blobs/{digest_of(image.layer)}")[0], 404)
        self.assertEqual(self.ask("GET", "/v2/app/manifests/v1")[0], 404)

    def test_faults(self):
        self.create("app")
        support.fault(
            kind="error",
            service="registry",
            operation="StartUpload",
            status=503,
            code="UNAVAILABLE",
            message="later",
        )
        status, _, body = self.ask("POST", "/v2/app/blobs/uploads/")
        self.assertEqual((status, json.loads(body)["errors"][0]["message"]), (503, "later"))

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo(self):
        self.create("app")
        image = Image(1)
        with tempfile.TemporaryDirectory() as directory:

            def skopeo(*arguments, **options):
                return subprocess.run(
                    ["skopeo", *arguments],
                    check=True,
                    capture_output=True,
                    text=True,
                    timeout=support.WAIT_SECONDS,
                    env={**os.environ, "REGISTRY_AUTH_FILE": f"{directory}/auth"},
                    **options,
                ).stdout

            password = subprocess.run(
                ["aws", "ecr", "get-login-password"],
                check=True,
                text=True,
                capture_output=True,
                timeout=support.WAIT_SECONDS,
            ).stdout
            skopeo("login", "-u", "AWS", "--password-stdin", REGISTRY, input=password)
            self.push("app", image, "v1")
            target = f"docker://{REGISTRY}/app"
            skopeo("copy", f"{target}:v1", f"dir:{directory}/image")
            skopeo("copy", f"dir:{directory}/image", f"{target}:v2")
            self.assertEqual(
                json.loads(skopeo("inspect", "--raw", f"{target}:v2")), json.loads(image.manifest)
            )
        self.assertEqual(self.images("app")[image.digest]["imageTags"], ["v1", "v2"])
        self.assertEqual(support.log("refused=1"), [])


if __name__ == "__main__":
    unittest.main()
