"""Repositories: what create, describe, delete, mutability, encryption, tags and paging allow."""

import re
import unittest

import support
from support import Case

INVALID = "InvalidParameterException"
BAD_TAG = "InvalidTagParameterException"


def filters(*patterns):
    return [{"filterType": "WILDCARD", "filter": pattern} for pattern in patterns]


class RepositoryTest(Case):
    def test_defaults(self):
        made = self.create("team/app")
        self.assertEqual(
            made["repositoryArn"],
            f"arn:aws:ecr:{support.REGION}:{support.ACCOUNT}:repository/team/app",
        )
        self.assertEqual(made["repositoryUri"], f"{support.REGISTRY}/team/app")
        self.assertEqual(made["imageTagMutability"], "MUTABLE")
        self.assertEqual(made["imageScanningConfiguration"], {"scanOnPush": False})
        self.assertEqual(made["encryptionConfiguration"], {"encryptionType": "AES256"})
        self.assertNotIn("imageTagMutabilityExclusionFilters", made)
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [made])
        self.refused("RepositoryAlreadyExistsException", self.create, name="team/app")

    def test_one_missing_name_fails_the_whole_call(self):
        self.create("aa")
        message = self.refused(
            "RepositoryNotFoundException",
            self.ecr.describe_repositories,
            repositoryNames=["aa", "bb"],
        )
        self.assertEqual(
            message,
            "The repository with name 'bb' does not exist in the registry"
            f" with id '{support.ACCOUNT}'",
        )

    def test_pages(self):
        names = [f"r{number:03}" for number in range(205)]
        for name in names:
            self.create(name)
        first = self.ecr.describe_repositories()
        self.assertEqual(len(first["repositories"]), 100)
        found = [
            repository["repositoryName"]
            for page in self.ecr.get_paginator("describe_repositories").paginate(
                PaginationConfig={"PageSize": 50}
            )
            for repository in page["repositories"]
        ]
        self.assertEqual(found, names)
        token = first["nextToken"]
        for arguments in (
            {"nextToken": "garbage"},
            {"nextToken": token[:-4] + "AAAA"},
            {"repositoryNames": ["r001"], "maxResults": 5},
            {"repositoryNames": ["r001"], "nextToken": token},
        ):
            self.refused(INVALID, self.ecr.describe_repositories, **arguments)
        self.refused(INVALID, self.ecr.list_images, repositoryName="r000", nextToken=token)

    def test_delete(self):
        self.create("app")
        self.put_image("app")
        self.refused(
            "RepositoryNotEmptyException", self.ecr.delete_repository, repositoryName="app"
        )
        self.ecr.delete_repository(repositoryName="app", force=True)
        self.refused(
            "RepositoryNotFoundException", self.ecr.delete_repository, repositoryName="app"
        )
        self.create("app")
        self.assertEqual(self.ecr.list_images(repositoryName="app")["imageIds"], [])

    def put_image(self, name):
        support.setting(check_layers=False)
        manifest = '{"schemaVersion":2,"layers":[]}'
        self.ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag="v1")

    def test_mutability_and_its_filters(self):
        for arguments in (
            {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"},
            {
                "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [],
            },
            {"imageTagMutability": "IMMUTABLE", "imageTagMutabilityExclusionFilters": filters("a")},
            {"imageTagMutabilityExclusionFilters": filters("a")},
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": filters(*"abcdef"),
            },
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": filters("a*b*c*"),
            },
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": filters("a/b"),
            },
        ):
            with self.subTest(arguments):
                self.refused(INVALID, self.create, **arguments)
        wanted = filters("staging*", "*-dev")
        made = self.create(
            "app",
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=wanted,
        )
        self.assertEqual(made["imageTagMutabilityExclusionFilters"], wanted)
        self.refused(
            INVALID,
            self.ecr.put_image_tag_mutability,
            repositoryName="app",
            imageTagMutability="MUTABLE_WITH_EXCLUSION",
        )
        changed = self.ecr.put_image_tag_mutability(
            repositoryName="app",
            imageTagMutability="MUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=filters("v*"),
        )
        self.assertEqual(changed["imageTagMutabilityExclusionFilters"], filters("v*"))
        seen = self.ecr.describe_repositories()["repositories"][0]
        self.assertEqual(seen["imageTagMutabilityExclusionFilters"], filters("v*"))
        self.ecr.put_image_tag_mutability(repositoryName="app", imageTagMutability="MUTABLE")
        seen = self.ecr.describe_repositories()["repositories"][0]
        self.assertNotIn("imageTagMutabilityExclusionFilters", seen)

    def test_scan_on_push(self):
        made = self.create("app", imageScanningConfiguration={"scanOnPush": True})
        self.assertTrue(made["imageScanningConfiguration"]["scanOnPush"])
        self.ecr.put_image_scanning_configuration(
            repositoryName="app", imageScanningConfiguration={}
        )
        seen = self.ecr.describe_repositories()["repositories"][0]
        self.assertEqual(seen["imageScanningConfiguration"], {"scanOnPush": False})

    def test_encryption(self):
        def made(name, **wanted):
            return self.create(name, encryptionConfiguration=wanted)["encryptionConfiguration"]

        default = made("aa", encryptionType="KMS")["kmsKey"]
        self.assertRegex(
            default, rf"^arn:aws:kms:{support.REGION}:{support.ACCOUNT}:key/[0-9a-f-]+$"
        )
        self.assertEqual(made("bb", encryptionType="KMS_DSSE")["kmsKey"], default)
        self.refused(
            INVALID,
            self.create,
            name="cc",
            encryptionConfiguration={"encryptionType": "AES256", "kmsKey": default},
        )
        self.refused(
            "KmsException",
            self.create,
            name="cc",
            encryptionConfiguration={
                "encryptionType": "KMS",
                "kmsKey": "arn:aws:kms:eu-west-1:123456789012:key/nope",
            },
        )
        kms = support.client("kms")
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName="alias/mine", TargetKeyId=key["KeyId"])
        for number, wanted in enumerate((key["Arn"], key["KeyId"], "alias/mine")):
            self.assertEqual(
                made(f"key{number}", encryptionType="KMS", kmsKey=wanted)["kmsKey"], key["Arn"]
            )

    def test_tags(self):
        def tags(**values):
            return [{"Key": key, "Value": value} for key, value in values.items()]

        many = tags(**{f"k{number}": "v" for number in range(51)})
        self.refused("TooManyTagsException", self.create, tags=many)
        self.refused(BAD_TAG, self.create, tags=[{"Key": "aws:x", "Value": ""}])
        self.refused(BAD_TAG, self.create, tags=tags(a="1") + tags(a="2"))
        self.refused(BAD_TAG, self.create, tags=[{"Key": "", "Value": "x"}])
        self.refused(BAD_TAG, self.create, tags=[{"Key": "k" * 129, "Value": "x"}])
        self.refused(BAD_TAG, self.create, tags=[{"Key": "k", "Value": "v" * 257}])
        self.refused(BAD_TAG, self.create, tags=[{"Key": "k", "Value": "a;b"}])
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [])
        arn = self.create("app", tags=many[:50])["repositoryArn"]
        self.refused(
            "TooManyTagsException", self.ecr.tag_resource, resourceArn=arn, tags=tags(more="x")
        )
        self.ecr.untag_resource(resourceArn=arn, tagKeys=[f"k{number}" for number in range(1, 50)])
        self.ecr.tag_resource(resourceArn=arn, tags=tags(k0="new", ü="é x"))
        self.assertEqual(
            self.ecr.list_tags_for_resource(resourceArn=arn)["tags"], tags(k0="new", ü="é x")
        )
        other = arn.replace(support.REGION, "eu-west-1")
        self.refused(INVALID, self.ecr.list_tags_for_resource, resourceArn=other)
        self.refused(INVALID, self.ecr.list_tags_for_resource, resourceArn="app")
        self.refused(
            "RepositoryNotFoundException", self.ecr.list_tags_for_resource, resourceArn=arn + "2"
        )

    def test_a_new_repository_may_stay_invisible_for_some_reads(self):
        support.setting(repository_lag=2)
        arn = self.create("app")["repositoryArn"]
        gone = "RepositoryNotFoundException"
        self.refused(gone, self.ecr.describe_repositories, repositoryNames=["app"])
        self.refused(gone, self.ecr.list_tags_for_resource, resourceArn=arn)
        self.assertEqual(len(self.ecr.describe_repositories()["repositories"]), 1)
        self.refused("RepositoryAlreadyExistsException", self.create)

    def test_regions_and_partitions_are_apart(self):
        self.create("app")
        west = support.client("ecr", region_name="us-west-2")
        self.assertEqual(west.describe_repositories()["repositories"], [])
        china = support.client("ecr", region_name="cn-north-1")
        made = china.create_repository(repositoryName="app")["repository"]
        self.assertTrue(made["repositoryArn"].startswith("arn:aws-cn:ecr:cn-north-1:"))
        self.assertTrue(made["repositoryUri"].endswith(".amazonaws.com.cn/app"))

    def test_what_moto_answers(self):
        self.create("app")
        policy = (
            '{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow",'
            '"Principal":"*","Action":"ecr:BatchGetImage"}]}'
        )
        self.refused(
            "RepositoryPolicyNotFoundException",
            self.ecr.get_repository_policy,
            repositoryName="app",
        )
        self.refused(
            "RepositoryNotFoundException", self.ecr.get_repository_policy, repositoryName="none"
        )
        self.refused(INVALID, self.ecr.set_repository_policy, repositoryName="app", policyText="{")
        self.ecr.set_repository_policy(repositoryName="app", policyText=policy)
        self.assertEqual(self.ecr.get_repository_policy(repositoryName="app")["policyText"], policy)
        self.ecr.delete_repository_policy(repositoryName="app")
        self.refused("RegistryPolicyNotFoundException", self.ecr.get_registry_policy)
        self.ecr.put_replication_configuration(
            replicationConfiguration={
                "rules": [
                    {"destinations": [{"region": "eu-west-1", "registryId": support.ACCOUNT}]}
                ]
            }
        )
        self.assertEqual(len(self.ecr.describe_registry()["replicationConfiguration"]["rules"]), 1)
        self.ecr.put_registry_scanning_configuration(
            scanType="BASIC",
            rules=[
                {
                    "scanFrequency": "SCAN_ON_PUSH",
                    "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
                }
            ],
        )
        found = self.ecr.batch_get_repository_scanning_configuration(
            repositoryNames=["app", "none"]
        )
        self.assertEqual(found["scanningConfigurations"][0]["scanFrequency"], "SCAN_ON_PUSH")
        self.assertEqual(found["failures"][0]["repositoryName"], "none")

    def test_authorization_token(self):
        first = self.ecr.get_authorization_token()["authorizationData"][0]
        second = self.ecr.get_authorization_token()["authorizationData"][0]
        self.assertNotEqual(first["authorizationToken"], second["authorizationToken"])
        self.assertEqual(first["proxyEndpoint"], f"https://{support.REGISTRY}")
        self.assertTrue(re.fullmatch(r"[A-Za-z0-9+/=]{2000,}", first["authorizationToken"]))
        self.assertGreater(first["expiresAt"].timestamp() - support.log()[0]["time"], 11 * 3600)


if __name__ == "__main__":
    unittest.main()
