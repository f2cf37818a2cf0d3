"""The form of requests (types, lengths, patterns, enums, unknown members) and of answers."""

import json
import unittest

import support
from support import Case, send, signed

INVALID = "InvalidParameterException"
FORM = "SerializationException"

BAD = [
    # operation, body, code, what the message names
    ("CreateRepository", {}, INVALID, "repositoryName"),
    ("CreateRepository", {"repositoryName": None}, INVALID, "repositoryName"),
    ("CreateRepository", {"repositoryName": "a"}, INVALID, "length greater than or equal to 2"),
    (
        "CreateRepository",
        {"repositoryName": "a" * 257},
        INVALID,
        "length less than or equal to 256",
    ),
    ("CreateRepository", {"repositoryName": "BAD"}, INVALID, "regular expression"),
    ("CreateRepository", {"repositoryName": "a/"}, INVALID, "regular expression"),
    ("CreateRepository", {"repositoryName": "a\n"}, INVALID, "regular expression"),
    ("CreateRepository", {"repositoryName": 12}, FORM, "repositoryName"),
    ("CreateRepository", {"repositoryName": "ok", "colour": 1}, FORM, "colour"),
    (
        "CreateRepository",
        {"repositoryName": "ok", "imageTagMutability": "SOMETIMES"},
        INVALID,
        "enum",
    ),
    (
        "CreateRepository",
        {"repositoryName": "ok", "encryptionConfiguration": {}},
        INVALID,
        "encryptionConfiguration.encryptionType",
    ),
    (
        "CreateRepository",
        {"repositoryName": "ok", "encryptionConfiguration": {"encryptionType": "ROT13"}},
        INVALID,
        "enum",
    ),
    ("CreateRepository", {"repositoryName": "ok", "tags": [{"Key": "k"}]}, INVALID, "Value"),
    ("CreateRepository", {"repositoryName": "ok", "tags": {"k": "v"}}, FORM, "tags"),
    (
        "CreateRepository",
        {"repositoryName": "ok", "imageScanningConfiguration": {"scanOnPush": "true"}},
        FORM,
        "scanOnPush",
    ),
    ("CreateRepository", {"repositoryName": "ok", "registryId": "12"}, INVALID, "registryId"),
    ("DeleteRepository", {"repositoryName": "ok", "force": 1}, FORM, "force"),
    ("DescribeRepositories", {"repositoryNames": []}, INVALID, "size greater than or equal to 1"),
    (
        "DescribeRepositories",
        {"repositoryNames": ["ok"] * 101},
        INVALID,
        "less than or equal to 100",
    ),
    ("DescribeRepositories", {"maxResults": 0}, INVALID, "maxResults"),
    ("DescribeRepositories", {"maxResults": 1001}, INVALID, "maxResults"),
    ("DescribeRepositories", {"maxResults": True}, FORM, "maxResults"),
    ("PutLifecyclePolicy", {"repositoryName": "ok", "lifecyclePolicyText": "{}"}, INVALID, "100"),
    (
        "PutLifecyclePolicy",
        {"repositoryName": "ok", "lifecyclePolicyText": {"rules": []}},
        FORM,
        "lifecyclePolicyText",
    ),
    (
        "CreatePullThroughCacheRule",
        {"ecrRepositoryPrefix": "a" * 31, "upstreamRegistryUrl": "quay.io"},
        INVALID,
        "30",
    ),
    (
        "CreatePullThroughCacheRule",
        {
            "ecrRepositoryPrefix": "ok",
            "upstreamRegistryUrl": "quay.io",
            "credentialArn": "arn:aws:s3:::x",
        },
        INVALID,
        "credentialArn",
    ),
    (
        "UploadLayerPart",
        {
            "repositoryName": "ok",
            "uploadId": "x",
            "partFirstByte": 0,
            "partLastByte": 1,
            "layerPartBlob": "AAE=",
        },
        INVALID,
        "uploadId",
    ),
]


class RequestTest(Case):
    def ask(self, operation, body, headers=None):
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return send(signed(operation, text, headers), text)

    def test_bad_members(self):
        for operation, body, code, named in BAD:
            with self.subTest(operation=operation, body=body):
                status, answer, _ = self.ask(operation, body)
                self.assertEqual((status, answer["__type"]), (400, code), answer)
                self.assertIn(named, answer["message"])
                entry = support.log()[-1]
                self.assertEqual((entry["refused"], entry["refusal"]), (True, "validation"))

    def test_bodies_that_are_no_json_object(self):
        for body in (
            "",
            "[]",
            "null",
            "{",
            '{"a":NaN}',
            '{"maxResults":1,"maxResults":2}',
            b"\xff{}",
        ):
            with self.subTest(body=body):
                status, answer, _ = self.ask("DescribeRepositories", body)
                self.assertEqual((status, answer["__type"]), (400, FORM), answer)

    def test_content_type_target_and_path(self):
        status, answer, _ = self.ask(
            "DescribeRepositories", {}, {"Content-Type": "application/json"}
        )
        self.assertEqual((status, answer["__type"]), (400, FORM))
        status, answer, _ = self.ask("NoSuchOperation", {})
        self.assertEqual((status, answer["__type"]), (400, "UnknownOperationException"))
        self.assertEqual(len(support.log("refused=1")), 2)

    def test_service_errors_are_not_refusals(self):
        self.refused(
            "RepositoryNotFoundException", self.ecr.describe_repositories, repositoryNames=["none"]
        )
        self.assertEqual(support.log("refused=1"), [])
        self.assertEqual(support.log()[-1]["error"], "RepositoryNotFoundException")

    def test_names_that_the_model_allows(self):
        for name in ("a__b", "a--b", "a.b/c-d_e", "ab", "a" * 256):
            self.assertEqual(self.create(name)["repositoryName"], name)

    def test_times_are_written_as_aws_writes_them(self):
        body = json.dumps({"repositoryName": "app"})
        connection = support.tunnel(support.HOST)
        connection.request("POST", "/", body, signed("CreateRepository", body))
        text = connection.getresponse().read().decode()
        connection.close()
        self.assertRegex(text, r'"createdAt":1\.\d{1,12}E9[,}]')
        self.assertNotIn(": ", text)

    def test_validation_can_be_switched_off(self):
        support.setting(validate_requests=False)
        self.assertEqual(self.ask("CreateRepository", {"repositoryName": "BAD"})[0], 500)
        support.setting(check_answers=False)
        self.assertEqual(self.ask("CreateRepository", {"repositoryName": "BAD2"})[0], 200)

    def test_operation_that_is_not_there(self):
        status, answer, _ = self.ask("GetAccountSetting", {"name": "BLOB_MOUNTING"})
        self.assertEqual(status, 501)
        self.assertIn("not implemented", answer["message"])

    def test_another_accounts_registry(self):
        status, answer, _ = self.ask("DescribeRepositories", {"registryId": "999999999999"})
        self.assertEqual((status, answer["__type"]), (400, "AccessDeniedException"))


if __name__ == "__main__":
    unittest.main()
