"""Where credentials come from besides STS: instance, container, IAM Identity Center, `aws login`.
botocore itself is the client wherever it knows the source."""

import base64
import hashlib
import json
import os
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from unittest import mock

import boto3
import botocore.credentials
import botocore.tokens
import support
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from support import Case, admin, client, fault, send, setting

OTHER = "222222222222"
ARN = "arn:aws:sts::123456789012:assumed-role/Developer/somebody"


def ask(path, method="GET", **headers):
    """(status, text) from the plain endpoint."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(support.URL + path, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=support.WAIT_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class SourceCase(Case):
    def setUp(self):
        super().setUp()
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        changed = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "HOME": self.home,
            "AWS_REGION": support.REGION,
            "AWS_DEFAULT_REGION": support.REGION,
            "AWS_CA_BUNDLE": os.environ["AWS_CA_BUNDLE"],
        }
        self.enterContext(mock.patch.dict(os.environ, changed, clear=True))

    def write(self, path, text):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def identity(self):
        """Whom a new session of boto3's acts as."""
        return boto3.Session().client("sts").get_caller_identity()["Arn"]


class InstanceTest(SourceCase):
    ROLES = "/latest/meta-data/iam/security-credentials/"

    def token(self, seconds="60"):
        headers = {"X_aws_ec2_metadata_token_ttl_seconds": seconds}
        return ask("/latest/api/token", "PUT", **headers)[1]

    def test_botocore(self):
        os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = support.URL
        self.assertIn(":assumed-role/local-ecr-instance/i-", self.identity())
        operations = [entry["operation"] for entry in support.log("service=imds")]
        self.assertEqual(operations, ["PutToken", "ListRoles", "GetRoleCredentials"])

    def test_token(self):
        self.assertEqual(ask(self.ROLES)[0], 401)
        self.assertEqual(ask(self.ROLES, X_aws_ec2_metadata_token="x")[0], 401)
        token = self.token()
        self.assertEqual(
            ask(self.ROLES, X_aws_ec2_metadata_token=token), (200, "local-ecr-instance")
        )
        setting(clock_offset=61)
        self.assertEqual(ask(self.ROLES, X_aws_ec2_metadata_token=token)[0], 401)
        for seconds in ("0", "21601", "x", ""):
            headers = {"X_aws_ec2_metadata_token_ttl_seconds": seconds}
            self.assertEqual(ask("/latest/api/token", "PUT", **headers)[0], 400)
        headers = {"X_aws_ec2_metadata_token_ttl_seconds": "60", "X_Forwarded_For": "10.0.0.1"}
        self.assertEqual(ask("/latest/api/token", "PUT", **headers)[0], 403)
        self.assertEqual(ask("/latest/api/token")[0], 405)
        self.assertIn(token, admin("secrets").splitlines())

    def test_settings(self):
        setting(imds_v1=True, imds_seconds=10)
        first, second = (json.loads(ask(self.ROLES + "local-ecr-instance")[1]) for _ in range(2))
        self.assertNotEqual(first["AccessKeyId"], second["AccessKeyId"])
        self.assertEqual(first["Code"], "Success")
        self.assertEqual(ask("/latest/meta-data/placement/region"), (200, support.REGION))
        self.assertEqual(
            ask("/latest/meta-data/placement/availability-zone"), (200, support.REGION + "a")
        )
        identity = json.loads(ask("/latest/dynamic/instance-identity/document")[1])
        self.assertEqual(identity["accountId"], support.ACCOUNT)
        profile = json.loads(ask("/latest/meta-data/iam/info")[1])
        self.assertIn(":instance-profile/", profile["InstanceProfileArn"])
        self.assertEqual(ask("/latest/meta-data/hostname")[0], 404)
        self.assertEqual(ask(self.ROLES + "another")[0], 404)
        setting(imds_role="")
        self.assertEqual(ask(self.ROLES)[0], 404)
        setting(imds=False)
        self.assertEqual(ask(self.ROLES)[0], 403)

    def test_faults(self):
        fault(kind="error", service="imds", operation="PutToken", status=503)
        self.assertIn("503", self.token())
        self.assertNotIn("503", self.token())


class ContainerTest(SourceCase):
    def test_botocore(self):
        os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = support.URL + "/v1/credentials"
        self.assertIn(":assumed-role/local-ecr-container/", self.identity())

    def test_token(self):
        setting(container_token="tok-1-long-enough")
        self.assertEqual(ask("/v1/credentials")[0], 401)
        self.assertEqual(ask("/v1/credentials", Authorization="Bearer tok")[0], 401)
        self.assertEqual(ask("/v1/credentials", Authorization="tok-1-long-enough")[0], 200)
        self.assertIn("tok-1-long-enough", admin("secrets").splitlines())


class SsoTest(SourceCase):
    PROFILE = """
        [default]
        sso_session = work
        sso_account_id = 222222222222
        sso_role_name = Push
        [sso-session work]
        sso_start_url = https://local-ecr.awsapps.com/start
        sso_region = eu-central-1
    """

    def sign_in(self, **wanted):
        cache = json.loads(admin("sso", {"accounts": {OTHER: ["Push"]}, **wanted}))
        lines = "\n".join(line.strip() for line in self.PROFILE.splitlines())
        os.environ["AWS_CONFIG_FILE"] = self.write("config", lines)
        name = hashlib.sha1(b"work").hexdigest()
        # botocore has made its path when it was imported.
        folder = os.path.join(self.home, ".aws", "sso", "cache")
        path = self.write(f".aws/sso/cache/{name}.json", json.dumps(cache))
        for place in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
            self.enterContext(mock.patch.object(place, "_SSO_TOKEN_CACHE_DIR", folder))
        return cache, path

    def test_portal(self):
        cache, _ = self.sign_in()
        self.assertIn(f":sts::{OTHER}:assumed-role/AWSReservedSSO_Push_", self.identity())
        self.assertEqual(self.portal(cache["accessToken"])[0], 200)
        self.assertEqual(self.portal("another")[0], 401)
        self.assertEqual(self.portal(cache["accessToken"], role="Admin")[0], 403)
        setting(clock_offset=3601)
        status, answer, headers = self.portal(cache["accessToken"])
        self.assertEqual((status, answer["__type"]), (401, "UnauthorizedException"))
        self.assertEqual(headers["x-amzn-ErrorType"], "UnauthorizedException")

    def portal(self, token, role="Push", region=support.REGION):
        host = f"portal.sso.{region}.amazonaws.com"
        path = f"/federation/credentials?role_name={role}&account_id={OTHER}"
        headers = {"Host": host, "x-amz-sso_bearer_token": token}
        return send(headers, "", host=host, method="GET", path=path)

    def test_botocore_renews_the_access_token(self):
        cache, path = self.sign_in(expires_in=-60)
        self.assertIn("AWSReservedSSO_Push_", self.identity())
        with open(path, encoding="utf-8") as file:
            renewed = json.load(file)
        self.assertNotEqual(renewed["refreshToken"], cache["refreshToken"])
        secrets = admin("secrets").splitlines()
        for name in ("accessToken", "refreshToken", "clientSecret"):
            self.assertIn(cache[name], secrets)
            self.assertIn(renewed[name], secrets)

    def test_renewal(self):
        cache, _ = self.sign_in()
        asked = {
            "clientId": cache["clientId"],
            "clientSecret": cache["clientSecret"],
            "grantType": "refresh_token",
            "refreshToken": cache["refreshToken"],
        }
        oidc = client("sso-oidc")
        self.refused("InvalidClientException", oidc.create_token, **{**asked, "clientSecret": "x"})
        self.refused("InvalidGrantException", oidc.create_token, **{**asked, "refreshToken": "x"})
        answer = oidc.create_token(**asked)
        self.assertEqual(self.portal(answer["accessToken"])[0], 200)
        self.assertEqual(self.portal(answer["accessToken"], region="us-east-1")[0], 401)
        self.refused("InvalidGrantException", oidc.create_token, **asked)
        host = f"oidc.{support.REGION}.amazonaws.com"
        for kind in ("application/x-amz-json-1.1", ""):
            headers = {"Host": host, "Content-Type": kind}
            status, _, _ = send(headers, json.dumps(asked), host=host, path="/token")
            self.assertEqual(status, 415)
        self.assertEqual(len(support.log("refused=1")), 2)


class Key:
    """botocore takes its elliptic curves from the CRT; this is the same with cryptography."""

    def __init__(self, key):
        self._key = key

    @classmethod
    def new_key_from_der_data(cls, data):
        return cls(serialization.load_der_private_key(data, None))

    def get_public_coords(self):
        numbers = self._key.public_key().public_numbers()
        return (numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"))

    def sign(self, digest):
        return self._key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))

    @staticmethod
    def decode_der_signature_to_padded_pair(der, pad_to):
        return b"".join(number.to_bytes(pad_to, "big") for number in decode_dss_signature(der))


class LoginTest(SourceCase):
    def log_in(self, **wanted):
        made = json.loads(admin("logins", wanted))
        self.assertEqual(made["login_session"], ARN)
        config = f"[default]\nlogin_session = {ARN}\nregion = {support.REGION}\n"
        os.environ["AWS_CONFIG_FILE"] = self.write("config", config)
        os.environ["AWS_LOGIN_CACHE_DIRECTORY"] = os.path.join(self.home, "cache")
        name = hashlib.sha256(ARN.encode()).hexdigest()
        self.path = self.write(f"cache/{name}.json", json.dumps(made["cache"]))
        return made["cache"]

    def test_session(self):
        cache = self.log_in()
        with mock.patch("botocore.credentials.EC", Key):
            self.assertEqual(self.identity(), ARN)
        self.assertIn(cache["refreshToken"], admin("secrets").splitlines())

    def test_botocore_renews_the_session(self):
        for form in ("sec1", "pkcs8"):
            cache = self.log_in(expires_in=-60, key_format=form)
            self.assertIn("EC PRIVATE" if form == "sec1" else "BEGIN PRIVATE", cache["dpopKey"])
            with mock.patch("botocore.credentials.EC", Key):
                self.assertEqual(self.identity(), ARN)
            with open(self.path, encoding="utf-8") as file:
                self.assertNotEqual(json.load(file)["refreshToken"], cache["refreshToken"])
        self.assertEqual(support.log("refused=1"), [])

    def proof(self, pem, url, **spoiled):
        key = serialization.load_pem_private_key(pem.encode(), None)
        x, y = Key(key).get_public_coords()
        jwk = {"kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y)}
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk, **spoiled.get("head", {})}
        claims = {"jti": spoiled.get("jti", os.urandom(8).hex()), "htm": "POST", "htu": url}
        claims = {**claims, "iat": int(time.time()), **spoiled.get("claims", {})}
        text = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        der = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        raw = Key.decode_der_signature_to_padded_pair(der, 32)
        return f"{text}.{encoded(der if spoiled.get('der') else raw)}"

    def renew(self, cache, host=f"{support.REGION}.signin.aws.amazon.com", **spoiled):
        url = f"https://{host}/v1/token"
        asked = {
            "clientId": cache["clientId"],
            "grantType": "refresh_token",
            "refreshToken": cache["refreshToken"],
        }
        headers = {"Host": host, "Content-Type": "application/json"}
        if spoiled.pop("proof", True):
            headers["DPoP"] = self.proof(spoiled.pop("pem", cache["dpopKey"]), url, **spoiled)
        return send(headers, json.dumps(asked), host=host, path="/v1/token")

    def test_proof(self):
        cache = self.log_in()
        another = json.loads(admin("logins", {}))["cache"]["dpopKey"]
        for spoiled in (
            {"proof": False},
            {"der": True},
            {"pem": another},
            {"head": {"alg": "none"}},
            {"head": {"kid": "x"}},
            {"claims": {"htu": "https://elsewhere/v1/token"}},
            {"claims": {"htm": "GET"}},
            {"claims": {"iat": 1700000000}},
            {"claims": {"iat": "now"}},
        ):
            with self.subTest(spoiled):
                status, answer, _ = self.renew(cache, **spoiled)
                self.assertEqual((status, answer["__type"]), (400, "ValidationException"))
        self.assertTrue(all(entry["refused"] for entry in support.log("service=signin")))
        status, answer, _ = self.renew(cache, jti="once")
        self.assertEqual((status, answer["tokenType"]), (200, "aws_sigv4"))
        self.assertEqual(self.renew(cache)[1]["error"], "TOKEN_EXPIRED")
        self.assertEqual(self.renew({**cache, **answer}, jti="once")[0], 400)

    def test_refusals(self):
        for reason, status in (("TOKEN_EXPIRED", 401), ("INSUFFICIENT_PERMISSIONS", 403)):
            cache = self.log_in(refuses=reason)
            answered, answer, _ = self.renew(cache)
            self.assertEqual((answered, answer["error"]), (status, reason))


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


if __name__ == "__main__":
    unittest.main()
