"""Pull-through-cache rules: upstreams, credentials, prefixes, updates, pages."""

import json
import unittest

import support
from support import Case

INVALID = "InvalidParameterException"
UNKNOWN_SECRET = (
    f"arn:aws:secretsmanager:{support.REGION}:{support.ACCOUNT}:secret:"
    "ecr-pullthroughcache/none-AbCdEf"
)


class CacheRuleTest(Case):
    def rule(self, prefix="mirror", url="public.ecr.aws", **more):
        return self.ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix, upstreamRegistryUrl=url, **more
        )

    def secret(self, name, value=None, region=support.REGION):
        text = json.dumps({"username": "u", "accessToken": "t"} if value is None else value)
        return support.client("secretsmanager", region_name=region).create_secret(
            Name=f"ecr-pullthroughcache/{name}", SecretString=text
        )["ARN"]

    def test_life_of_a_rule(self):
        made = self.rule()
        self.assertEqual(
            (made["upstreamRegistry"], made["registryId"]), ("ecr-public", support.ACCOUNT)
        )
        self.assertNotIn("credentialArn", made)
        self.refused("PullThroughCacheRuleAlreadyExistsException", self.rule, url="quay.io")
        seen = self.ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["mirror"])
        self.assertEqual(seen["pullThroughCacheRules"][0]["upstreamRegistryUrl"], "public.ecr.aws")
        self.assertNotIn("upstreamRepositoryPrefix", seen["pullThroughCacheRules"][0])
        self.assertTrue(
            self.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="mirror")["isValid"]
        )
        self.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="mirror")
        gone = "PullThroughCacheRuleNotFoundException"
        for call in (
            self.ecr.delete_pull_through_cache_rule,
            self.ecr.validate_pull_through_cache_rule,
            self.ecr.update_pull_through_cache_rule,
        ):
            self.refused(gone, call, ecrRepositoryPrefix="mirror")
        self.refused(
            gone, self.ecr.describe_pull_through_cache_rules, ecrRepositoryPrefixes=["mirror"]
        )
        self.assertEqual(self.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"], [])

    def test_upstreams(self):
        secret = self.secret("login")
        for number, (url, name, more) in enumerate(
            (
                ("registry.k8s.io", "k8s", {}),
                ("quay.io", "quay", {}),
                ("registry-1.docker.io", "docker-hub", {"credentialArn": secret}),
                ("ghcr.io", "github-container-registry", {"credentialArn": secret}),
                ("registry.gitlab.com", "gitlab-container-registry", {"credentialArn": secret}),
                ("cgr.dev", "chainguard", {"credentialArn": secret}),
                ("myteam.azurecr.io", "azure-container-registry", {"credentialArn": secret}),
                (
                    f"{support.ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com",
                    "ecr",
                    {"upstreamRepositoryPrefix": "ROOT"},
                ),
            )
        ):
            made = self.rule(f"p{number}", url, **more)
            self.assertEqual(made["upstreamRegistry"], name)
            self.assertEqual(made.get("credentialArn"), more.get("credentialArn"))
        for url in (
            "nonsense",
            "https://quay.io",
            "docker.io",
            "registry-1.docker.io.evil.example",
        ):
            self.refused("UnsupportedUpstreamRegistryException", self.rule, prefix="zz", url=url)
        self.refused(INVALID, self.rule, prefix="zz", url="quay.io", upstreamRegistry="k8s")
        self.refused(INVALID, self.rule, prefix="zz", url="quay.io", upstreamRepositoryPrefix="up")

    def test_another_accounts_ecr_needs_a_role(self):
        url = "222222222222.dkr.ecr.us-east-1.amazonaws.com"
        self.refused(INVALID, self.rule, url=url)
        self.refused(INVALID, self.rule, url=url, customRoleArn="arn:aws:s3:::bucket")
        role = "arn:aws:iam::123456789012:role/pull"
        self.assertEqual(self.rule(url=url, customRoleArn=role)["customRoleArn"], role)
        other = role + "2"
        self.ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="mirror", customRoleArn=other)
        seen = self.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"][0]
        self.assertEqual(seen["customRoleArn"], other)

    def test_credentials(self):
        hub = {"url": "registry-1.docker.io"}
        message = self.refused("UnsupportedUpstreamRegistryException", self.rule, **hub)
        self.assertIn("requires authentication", message)
        self.refused("SecretNotFoundException", self.rule, credentialArn=UNKNOWN_SECRET, **hub)
        self.refused(
            "UnableToAccessSecretException",
            self.rule,
            credentialArn=self.secret("bad", {"user": "x"}),
            **hub,
        )
        self.refused(
            INVALID, self.rule, credentialArn=self.secret("far", region="us-east-1"), **hub
        )
        self.refused(INVALID, self.rule, credentialArn=self.secret("one"), url="quay.io")
        self.assertEqual(self.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"], [])

    def test_update(self):
        first, second = self.secret("one"), self.secret("two")
        self.rule("hub", "registry-1.docker.io", credentialArn=first)
        update = self.ecr.update_pull_through_cache_rule
        self.assertIn(
            "Please set either credential arn or role arn",
            self.refused(INVALID, update, ecrRepositoryPrefix="hub"),
        )
        self.refused(
            "SecretNotFoundException",
            update,
            ecrRepositoryPrefix="hub",
            credentialArn=UNKNOWN_SECRET,
        )
        self.assertEqual(
            update(ecrRepositoryPrefix="hub", credentialArn=second)["credentialArn"], second
        )
        support.client("secretsmanager").delete_secret(
            SecretId=second, ForceDeleteWithoutRecovery=True
        )
        valid = self.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="hub")
        self.assertFalse(valid["isValid"])
        self.assertIn(second, valid["failure"])

    def test_prefixes_limit_and_pages(self):
        for prefix in ("a", "A", "a//b", "-a", "root"[:1] + "!"):
            self.refused(INVALID, self.rule, prefix=prefix)
        self.rule("ROOT")
        self.rule("team/")
        self.refused("PullThroughCacheRuleAlreadyExistsException", self.rule, prefix="team")
        for number in range(48):
            self.rule(f"p{number:02}__x--y")
        self.refused("LimitExceededException", self.rule, prefix="one-more")
        pages = list(
            self.ecr.get_paginator("describe_pull_through_cache_rules").paginate(
                PaginationConfig={"PageSize": 20}
            )
        )
        self.assertEqual([len(page["pullThroughCacheRules"]) for page in pages], [20, 20, 10])

    def test_lag(self):
        support.setting(rule_lag=1)
        self.rule()
        describe = self.ecr.describe_pull_through_cache_rules
        self.refused(
            "PullThroughCacheRuleNotFoundException", describe, ecrRepositoryPrefixes=["mirror"]
        )
        self.assertEqual(len(describe()["pullThroughCacheRules"]), 1)


if __name__ == "__main__":
    unittest.main()
