"""STS as the provider's clients meet it: conditions of roles, chains, limits, web identities."""

import json
import unittest

import support
from support import Case, client

ROLE = "arn:aws:iam::222222222222:role/deploy/push"


def keys_of(answer):
    credentials = answer["Credentials"]
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


class RoleTest(Case):
    def setUp(self):
        super().setUp()
        self.sts = client("sts")

    def assume(self, sts=None, **arguments):
        arguments = {"RoleArn": ROLE, "RoleSessionName": "ci", **arguments}
        return (sts or self.sts).assume_role(**arguments)

    def refused_role(self, code, sts=None, **arguments):
        return self.refused(code, self.assume, sts=sts, **arguments)

    def test_session_belongs_to_the_roles_account(self):
        answer = self.assume(SourceIdentity="somebody", DurationSeconds=900)
        arn = "arn:aws:sts::222222222222:assumed-role/push/ci"
        self.assertEqual(answer["AssumedRoleUser"]["Arn"], arn)
        self.assertEqual(answer["SourceIdentity"], "somebody")
        keys = keys_of(answer)
        caller = client("sts", **keys).get_caller_identity()
        self.assertEqual((caller["Account"], caller["Arn"]), ("222222222222", arn))
        client("ecr", **keys).create_repository(repositoryName="theirs")
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [])
        entry = support.log("operation=CreateRepository")[0]
        self.assertEqual(entry["session"]["source_identity"], "somebody")
        body = support.log("operation=AssumeRole")[0]["body"]
        self.assertEqual((body["RoleSessionName"], body["DurationSeconds"]), ("ci", "900"))

    def test_a_session_ends(self):
        keys = keys_of(self.assume(DurationSeconds=900))
        client("sts", **keys).get_caller_identity()
        support.admin(
            "credentials",
            {
                "access_key_id": keys["aws_access_key_id"],
                "secret_access_key": keys["aws_secret_access_key"],
                "token": keys["aws_session_token"],
                "expires_in": -1,
            },
        )
        self.refused("ExpiredToken", client("sts", **keys).get_caller_identity)

    def test_conditions_of_a_registered_role(self):
        support.admin("roles", {"arn": ROLE, "external_id": "secret-word", "max_seconds": 7200})
        self.refused_role("AccessDenied")
        self.refused_role("AccessDenied", ExternalId="another")
        self.assume(ExternalId="secret-word", DurationSeconds=7200)
        self.refused_role("ValidationError", ExternalId="secret-word", DurationSeconds=7201)
        self.assertEqual(support.log("refused=1"), [])

    def test_trust(self):
        first = "arn:aws:iam::111111111111:role/first"
        support.admin("roles", {"arn": ROLE, "trusts": [first]})
        self.refused_role("AccessDenied")
        chained = client("sts", **keys_of(self.assume(RoleArn=first)))
        self.assume(chained)
        self.refused_role("ValidationError", chained, DurationSeconds=3601)

    def test_form(self):
        for wrong in (
            {"RoleSessionName": "a b"},
            {"RoleSessionName": "x"},
            {"DurationSeconds": 899},
            {"DurationSeconds": 43201},
            {"RoleArn": "arn:aws:iam::222222222222:user/nobody"},
            {"RoleArn": "arn:aws-cn:iam::222222222222:role/elsewhere"},
            {"ExternalId": "a b"},
            {"PolicyArns": [{"arn": "no-arn-at-all-but-long"}]},
        ):
            with self.subTest(wrong):
                self.refused_role("ValidationError", **wrong)
        self.refused_role("MalformedPolicyDocument", Policy="{")
        self.refused_role(
            "PackedPolicyTooLarge", Policy=json.dumps({"Statement": [{"Sid": "x" * 2048}]})
        )
        self.refused_role("AccessDenied", SerialNumber="arn:aws:iam::1:mfa/x", TokenCode="123456")

    def test_tags_are_handed_down(self):
        tags = [{"Key": "team", "Value": "web"}, {"Key": "run", "Value": "1"}]
        first = self.assume(Tags=tags, TransitiveTagKeys=["team"])
        self.assertIn("PackedPolicySize", first)
        chained = client("sts", **keys_of(first))
        second = keys_of(self.assume(chained, Tags=[{"Key": "run", "Value": "2"}]))
        client("ecr", **second).describe_repositories()
        self.assertEqual(support.log()[-1]["session"]["tags"], {"team": "web", "run": "2"})
        self.refused_role("InvalidParameterValue", chained, Tags=tags[:1])
        self.refused_role("InvalidParameterValue", TransitiveTagKeys=["none"])
        self.refused_role("InvalidParameterValue", Tags=[tags[0], tags[0]])

    def test_source_identity_stays(self):
        chained = client("sts", **keys_of(self.assume(SourceIdentity="somebody")))
        self.assertEqual(self.assume(chained)["SourceIdentity"], "somebody")
        self.refused_role("AccessDenied", chained, SourceIdentity="another")

    def test_identity_of_plain_keys(self):
        caller = self.sts.get_caller_identity()
        self.assertEqual(caller["Arn"], f"arn:aws:iam::{support.ACCOUNT}:user/local-ecr")


class WebIdentityTest(Case):
    def assume(self, token, **arguments):
        arguments = {"RoleArn": ROLE, "RoleSessionName": "ci", **arguments}
        return client("sts").assume_role_with_web_identity(WebIdentityToken=token, **arguments)

    def test_a_known_token(self):
        token = support.admin("web-identities", {"subject": "repo:a/b"}).strip()
        self.assertEqual(token.count("."), 2)
        answer = self.assume(token)
        self.assertEqual(answer["SubjectFromWebIdentityToken"], "repo:a/b")
        client("ecr", **keys_of(answer)).describe_repositories()
        entry = support.log("operation=AssumeRoleWithWebIdentity")[0]
        self.assertIsNone(entry["access_key_id"])
        self.assertIn(token, support.admin("secrets").splitlines())

    def test_refusals(self):
        self.refused("InvalidIdentityToken", self.assume, token="any-other")
        old = support.admin("web-identities", {"token": "an-old-one", "expires_in": -1}).strip()
        self.assertEqual(old, "an-old-one")
        self.refused("ExpiredTokenException", self.assume, token=old)
        support.admin("roles", {"arn": ROLE, "trusts": ["repo:a/b"]})
        token = support.admin("web-identities", {"subject": "repo:a/c"}).strip()
        self.refused("AccessDenied", self.assume, token=token)
        support.fault(
            kind="error", service="sts", code="IDPCommunicationError", message="try again"
        )
        self.refused("IDPCommunicationError", self.assume, token=token)


if __name__ == "__main__":
    unittest.main()
