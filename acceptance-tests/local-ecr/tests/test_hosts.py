"""Which host names exist, and what stands behind each."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from local_ecr.proxy import host_names, place_of  # noqa: E402

ECR = ("ecr", "eu-central-1", None, None)
US = "us-east-1"

PLACES = {
    "api.ecr.eu-central-1.amazonaws.com": ECR,
    "API.ecr.eu-central-1.amazonaws.com": ECR,
    "api.ecr-fips.us-east-1.amazonaws.com": ("ecr", US, None, None),
    "ecr-fips.us-east-1.amazonaws.com": ("ecr", US, None, None),
    "ecr-fips.us-east-1.api.aws": ("ecr", US, None, None),
    "ecr.eu-central-1.api.aws": ECR,
    "api.ecr.cn-north-1.amazonaws.com.cn": ("ecr", "cn-north-1", None, None),
    "ecr.cn-north-1.api.amazonwebservices.com.cn": ("ecr", "cn-north-1", None, None),
    "api.ecr.eusc-de-east-1.amazonaws.eu": ("ecr", "eusc-de-east-1", None, None),
    "api.ecr.us-isob-east-1.sc2s.sgov.gov": ("ecr", "us-isob-east-1", None, None),
    "123456789012.dkr.ecr.us-east-1.amazonaws.com": ("registry", US, "123456789012", None),
    "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com": ("registry", US, "123456789012", None),
    "123456789012.dkr-ecr.us-east-1.on.aws": ("registry", US, "123456789012", None),
    "s3.us-east-1.amazonaws.com": ("s3", US, None, None),
    "s3.amazonaws.com": ("s3", None, None, None),
    "my.bucket.s3.us-east-1.amazonaws.com": ("s3", US, None, "my.bucket"),
    "b-1.s3.dualstack.us-east-1.amazonaws.com": ("s3", US, None, "b-1"),
    "s3-fips.us-east-1.amazonaws.com": ("s3", US, None, None),
    "sts.amazonaws.com": ("sts", None, None, None),
    "sts.us-east-1.amazonaws.com": ("sts", US, None, None),
    "iam.amazonaws.com": ("iam", None, None, None),
    "secretsmanager.us-east-1.amazonaws.com": ("secretsmanager", US, None, None),
    "kms.us-east-1.amazonaws.com": ("kms", US, None, None),
    "portal.sso.us-east-1.amazonaws.com": ("sso", US, None, None),
    "portal.sso.us-east-1.api.aws": ("sso", US, None, None),
    "oidc-fips.us-east-1.amazonaws.com": ("oidc", US, None, None),
    "us-east-1.signin.aws.amazon.com": ("signin", US, None, None),
    "cn-north-1.signin.amazonaws.cn": ("signin", "cn-north-1", None, None),
    "signin.us-east-1.api.aws": ("signin", US, None, None),
    "ecr.us-isob-east-1.api.aws.scloud": ("ecr", "us-isob-east-1", None, None),
}

NOWHERE = (
    "amazonaws.com",
    "ecr.us-east-1.amazonaws.com",
    "api.ecr.mars-east-1.amazonaws.com",
    "api.ecr.us-east-1.amazonaws.com.evil.example",
    "xapi.ecr.us-east-1.amazonaws.com",
    "12345.dkr.ecr.us-east-1.amazonaws.com",
    "api.ecr.us-east-1.amazonaws.org",
    "",
    "registry.terraform.io",
    "169.254.169.254",
    "localhost",
    "public.ecr.aws",
)


class HostTest(unittest.TestCase):
    def test_places(self):
        for host, place in PLACES.items():
            with self.subTest(host):
                self.assertEqual(tuple(place_of(host)), place)

    def test_names_for_the_namespace_are_all_known(self):
        names = list(host_names(["123456789012"]))
        self.assertEqual([name for name in names if place_of(name) is None], [])
        self.assertEqual(len(names), len(set(names)))

    def test_nowhere(self):
        for host in NOWHERE:
            with self.subTest(host):
                self.assertIsNone(place_of(host))


if __name__ == "__main__":
    unittest.main()
