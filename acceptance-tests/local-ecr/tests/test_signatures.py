"""Every way to spoil a signed request must be refused, with AWS's code, and be seen in the log."""

import datetime
import unittest
import urllib.error
import urllib.request

import support
from support import Case, send, signed

MISMATCH = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"


def shifted(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y%m%dT%H%M%SZ")


class SignatureTest(Case):
    def spoiled(self, code, body="{}", host=support.HOST, headers=None, drop=(), **signing):
        """Signs {} for DescribeRepositories, changes headers or body, expects the refusal."""
        changed = signed("DescribeRepositories", **signing)
        for name in drop:
            del changed[name]
        for name, value in (headers or {}).items():
            changed[name] = value(changed.get(name)) if callable(value) else value
        status, answer, answered = send(changed, body, host=host)
        self.assertEqual((status, answer.get("__type")), (400, code), answer)
        self.assertEqual(answered["x-amzn-ErrorType"], code)
        entry = support.log()[-1]
        self.assertEqual(
            (entry["refused"], entry["refusal"], entry["error"]), (True, "signature", code)
        )
        self.assertEqual(entry["request_id"], answered["x-amzn-RequestId"])

    def test_good_request_is_taken(self):
        status, answer, headers = send(signed("DescribeRepositories"))
        self.assertEqual((status, answer), (200, {"repositories": []}))
        self.assertEqual(support.log("refused=1"), [])
        self.assertEqual(support.log()[0]["request_id"], headers["x-amzn-RequestId"])

    def test_changed_body(self):
        self.spoiled(MISMATCH, body='{"maxResults":1}')

    def test_changed_headers(self):
        self.spoiled(MISMATCH, headers={"X-Amz-Target": support.TARGET + "DeleteRepository"})
        self.spoiled(MISMATCH, headers={"Content-Type": "application/json"})
        self.spoiled(MISMATCH, headers={"X-Amz-Date": shifted(5)})

    def test_header_that_must_be_signed(self):
        self.spoiled(MISMATCH, headers={"X-Amz-Extra": "1"})
        self.spoiled(
            MISMATCH,
            headers={
                "Authorization": lambda text: text.replace("content-type;host;", "content-type;")
            },
        )

    def test_signed_header_that_is_not_there(self):
        self.spoiled(MISMATCH, drop=["Content-Type"])

    def test_order_of_signed_headers(self):
        self.spoiled(
            INCOMPLETE,
            headers={
                "Authorization": lambda text: text.replace(
                    "content-type;host;", "host;content-type;"
                )
            },
        )

    def test_region_and_service_are_bound_to_the_host(self):
        self.spoiled(MISMATCH, region="eu-west-1")
        self.spoiled(MISMATCH, service="s3")
        other = "api.ecr.eu-west-1.amazonaws.com"
        self.spoiled(MISMATCH, host=other, headers={"Host": other})

    def test_service_is_bound_to_the_target_on_the_plain_endpoint(self):
        host = support.URL.partition("//")[2]
        headers = signed("DescribeRepositories", host=host, service="sts")
        request = urllib.request.Request(support.URL, b"{}", headers, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with self.assertRaises(urllib.error.HTTPError) as caught:
            opener.open(request, timeout=support.WAIT_SECONDS)
        self.assertIn(MISMATCH, caught.exception.read().decode())
        caught.exception.close()

    def test_keys(self):
        self.spoiled("UnrecognizedClientException", key="AKIANOBODYKNOWSTHIS0")
        self.spoiled(MISMATCH, secret="wrong")
        self.spoiled("UnrecognizedClientException", token="a-token-that-nobody-gave")

    def test_form_of_the_header(self):
        self.spoiled("MissingAuthenticationTokenException", drop=["Authorization"])
        self.spoiled(INCOMPLETE, headers={"Authorization": "AWS4-HMAC-SHA256 nonsense"})
        self.spoiled(
            INCOMPLETE, headers={"Authorization": lambda text: text[:-64] + text[-64:].upper()}
        )
        self.spoiled(
            INCOMPLETE,
            drop=["X-Amz-Date"],
            headers={"Authorization": lambda text: text.replace(";x-amz-date", "")},
        )
        self.spoiled(
            MISMATCH,
            headers={"Authorization": lambda text: text[:-1] + ("0" if text[-1] != "0" else "1")},
        )

    def test_payload_hash(self):
        self.spoiled(MISMATCH, headers={"X-Amz-Content-Sha256": "0" * 64})
        # A wrong hash that is signed well, and S3's markers, which ECR does not take.
        for claimed in ("0" * 64, "UNSIGNED-PAYLOAD"):
            wrong = signed("DescribeRepositories", headers={"X-Amz-Content-SHA256": claimed})
            status, answer, _ = send(wrong)
            self.assertEqual((status, answer["__type"]), (400, MISMATCH))

    def test_clock(self):
        support.setting(clock_offset=4000)
        self.spoiled(MISMATCH)
        support.setting(clock_offset=-4000)
        self.spoiled(MISMATCH)
        support.setting(clock_offset=200)
        self.assertEqual(send(signed("DescribeRepositories"))[0], 200)

    def test_session_credentials(self):
        support.admin(
            "credentials",
            {
                "access_key_id": "ASIATEMPORARY",
                "secret_access_key": "s",
                "token": "tok",
                "account": "222222222222",
            },
        )
        good = signed("DescribeRepositories", key="ASIATEMPORARY", secret="s", token="tok")
        self.assertEqual(send(good)[0], 200)
        self.spoiled("UnrecognizedClientException", key="ASIATEMPORARY", secret="s")
        support.admin(
            "credentials",
            {
                "access_key_id": "ASIAOLD",
                "secret_access_key": "s",
                "token": "tok",
                "expires_in": -1,
            },
        )
        self.spoiled("ExpiredTokenException", key="ASIAOLD", secret="s", token="tok")

    def test_verification_can_be_switched_off(self):
        support.setting(verify_signatures=False)
        self.assertEqual(send(signed("DescribeRepositories", secret="wrong"))[0], 200)

    def test_other_services_refuse_too(self):
        wrong = {"aws_access_key_id": support.KEY, "aws_secret_access_key": "wrong"}
        self.refused("SignatureDoesNotMatch", support.client("sts", **wrong).get_caller_identity)
        self.refused("SignatureDoesNotMatch", support.client("s3", **wrong).list_buckets)
        self.refused(MISMATCH, support.client("secretsmanager", **wrong).list_secrets)
        self.assertEqual(len(support.log("refused=1")), 3)

    def test_assumed_role_of_another_account(self):
        role = support.client("sts").assume_role(
            RoleArn="arn:aws:iam::222222222222:role/x", RoleSessionName="xy"
        )["Credentials"]
        ecr = support.client(
            "ecr",
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
        made = ecr.create_repository(repositoryName="theirs")["repository"]
        self.assertEqual(made["registryId"], "222222222222")
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [])


if __name__ == "__main__":
    unittest.main()
