"""The kinds of objects: how each is configured before and after an update, how it is made without terraform, and what
is compared of it between state and AWS."""

import json

ACCOUNT = "123456789012"
REGION = "eu-central-1"


def policy(number):
    return json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {
                        "tagStatus": "any",
                        "countType": "imageCountMoreThan",
                        "countNumber": number,
                    },
                    "action": {"type": "expire"},
                }
            ]
        }
    )


def arn(name):
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"


def pages(ecr, operation, result):
    for page in ecr.get_paginator(operation).paginate():
        yield from page[result]


class Kind:
    mode = "resource"
    name = ""  # where it is not the type
    steps = ("create", "read", "update", "delete", "import")
    phases = ("plan", "apply")
    services = ("ecr",)
    says = ""  # a regular expression that an error's text may have in place of the fault's
    at_once = 400  # how many of them AWS allows, and a run has
    kept = True  # in the state

    def __init__(self):
        self.name = self.name or self.type

    def provider(self, cell):
        """The provider block that the object needs for itself."""
        return ""

    def enter(self, admin, cell):
        """What must be known of the object's provider block: to the local ECR, and in files."""

    def prepare(self, ecr, cell):
        """What must be there before the object."""

    def heed(self, admin, cell, said):
        """Does what an error tells the user to do before the next apply. Whether it tells anything."""
        return False


class Repository(Kind):
    type = "ecr_repository"

    def block(self, cell, version):
        return {
            "before": f"""
  name                 = "{cell}"
  tags                 = {{ kept = "1", changed = "1", gone = "1" }}
""",
            "after": f"""
  name                 = "{cell}"
  image_tag_mutability = "IMMUTABLE"
  tags                 = {{ kept = "1", changed = "2", new = "1" }}
  image_scanning_configuration {{ scan_on_push = true }}
""",
        }[version]

    def make(self, ecr, cell):
        tags = [{"Key": key, "Value": "1"} for key in ("kept", "changed", "gone")]
        ecr.create_repository(repositoryName=cell, tags=tags)

    def import_id(self, cell):
        return cell

    def at_aws(self, ecr):
        found = {}
        for one in pages(ecr, "describe_repositories", "repositories"):
            tags = ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"]
            found[one["repositoryName"]] = {
                "arn": one["repositoryArn"],
                "mutability": one["imageTagMutability"],
                "scan": one["imageScanningConfiguration"]["scanOnPush"],
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
            }
        return found

    def in_state(self, attributes):
        scanning = attributes["image_scanning_configuration"]
        return {
            "arn": attributes["arn"],
            "mutability": attributes["image_tag_mutability"],
            "scan": bool(scanning and scanning[0]["scan_on_push"]),
            "tags": attributes["tags_all"] or {},
        }


class LifecyclePolicy(Kind):
    type = "ecr_lifecycle_policy"

    def block(self, cell, version):
        number = 10 if version == "before" else 20
        return f"""
  repository = "{cell}"
  policy     = jsonencode({policy(number)})
"""

    def prepare(self, ecr, cell):
        ecr.create_repository(repositoryName=cell)

    def make(self, ecr, cell):
        ecr.put_lifecycle_policy(repositoryName=cell, lifecyclePolicyText=policy(10))

    def import_id(self, cell):
        return cell

    def at_aws(self, ecr):
        found = {}
        for one in pages(ecr, "describe_repositories", "repositories"):
            name = one["repositoryName"]
            try:
                text = ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
            except ecr.exceptions.LifecyclePolicyNotFoundException:
                continue
            found[name] = {"policy": json.loads(text)}
        return found

    def in_state(self, attributes):
        return {"policy": json.loads(attributes["policy"])}


class PullThroughCacheRule(Kind):
    type = "ecr_pull_through_cache_rule"
    at_once = 40

    UPSTREAM = "222222222222.dkr.ecr.us-east-1.amazonaws.com"

    def _role(self, version):
        return f"arn:aws:iam::{ACCOUNT}:role/{version}"

    def block(self, cell, version):
        return f"""
  ecr_repository_prefix = "{cell}"
  upstream_registry_url = "{self.UPSTREAM}"
  custom_role_arn       = "{self._role(version)}"
"""

    def make(self, ecr, cell):
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix=cell,
            upstreamRegistryUrl=self.UPSTREAM,
            customRoleArn=self._role("before"),
        )

    def import_id(self, cell):
        return cell

    def at_aws(self, ecr):
        return {
            rule["ecrRepositoryPrefix"]: {"role": rule["customRoleArn"]}
            for rule in pages(ecr, "describe_pull_through_cache_rules", "pullThroughCacheRules")
        }

    def in_state(self, attributes):
        return {"role": attributes["custom_role_arn"]}
