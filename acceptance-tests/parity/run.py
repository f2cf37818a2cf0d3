"""Runs the scenarios with one provider on the local ECR, step by step, and says what came of each: what
terraform planned, what it said, what the state holds, what a second plan finds, and what AWS has.

Ids that differ from run to run are written as {names}, so that two runs can be compared and a record of
one can be used in another."""

import json
import os
import re
import shutil
import subprocess

import boto3
from scenarios import SCENARIOS, STEPS

LIMIT_SECONDS = 600
OURS = "registry.terraform.io/aws-labs/ecr"
PEER = "registry.terraform.io/hashicorp/aws"

PROVIDERS = """
provider "aws" {
}

provider "aws" {
  alias = "tagging"
  default_tags {
    tags = { Team = "core", Stage = "test" }
  }
}

provider "aws" {
  alias = "ignoring"
  default_tags {
    tags = { Stage = "test" }
  }
  ignore_tags {
    keys         = ["Owner"]
    key_prefixes = ["kube:"]
  }
}
"""

DATA = """
resource "terraform_data" "unknown" {
  input = "late"
}
"""

LATER = """
resource "terraform_data" "later" {
  input = "late"
}
"""


def label(scenario):
    return scenario.name.replace("/", "_")


def address(scenario):
    return f"{scenario.type}.{label(scenario)}"


class World:
    """The local ECR: what the scenarios need there, and what they leave there."""

    def __init__(self):
        self.ecr = boto3.client("ecr")
        self.kms = boto3.client("kms")
        account = os.environ["LOCAL_ECR_ACCOUNT"]
        self.values = {
            "arn": f"arn:aws:ecr:{os.environ['AWS_REGION']}:{account}:repository/",
            "role": f"arn:aws:iam::{account}:role/",
        }
        for name in ("one", "two"):
            secret = boto3.client("secretsmanager").create_secret(
                Name=f"ecr-pullthroughcache/{name}",
                SecretString=json.dumps({"username": "u", "accessToken": "t"}),
            )
            key = self.kms.create_key()["KeyMetadata"]
            self.values[f"secret_{name}"] = secret["ARN"]
            self.values[f"key_{name}"] = key["Arn"]
            self.values[f"key_{name}_id"] = key["KeyId"]
        self.kms.create_alias(AliasName="alias/one", TargetKeyId=self.values["key_one_id"])
        self.values["alias_one"] = "alias/one"
        self.values["key_default"] = self.default_key()

    def fill(self, value):
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda found: self.values.get(found[1], found[0]), value)
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value

    def hide(self, text):
        """text with the {names} of what differs from run to run."""
        names = [name for name in self.values if name.startswith(("secret_", "key_"))]
        for name in sorted(names, key=lambda name: -len(self.values[name])):
            text = text.replace(self.values[name], "{" + name + "}")
        return text

    def call(self, operation, arguments):
        getattr(self.ecr, operation)(**self.fill(arguments))

    def default_key(self):
        """The ARN of the key that AWS manages for ECR, which only a repository shows."""
        made = self.ecr.create_repository(
            repositoryName="first", encryptionConfiguration={"encryptionType": "KMS"}
        )
        self.ecr.delete_repository(repositoryName="first")
        return made["repository"]["encryptionConfiguration"]["kmsKey"]

    def objects(self):
        """What AWS has, by type and name, without times."""
        found = {}
        for one in self.ecr.get_paginator("describe_repositories").paginate().search("repositories"):
            listed = self.ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"]
            one["tags"] = {tag["Key"]: tag["Value"] for tag in listed}
            found["aws_ecr_repository", one["repositoryName"]] = one
            try:
                policy = self.ecr.get_lifecycle_policy(repositoryName=one["repositoryName"])
                text = json.loads(policy["lifecyclePolicyText"])
                found["aws_ecr_lifecycle_policy", one["repositoryName"]] = text
            except self.ecr.exceptions.LifecyclePolicyNotFoundException:
                pass
        pages = self.ecr.get_paginator("describe_pull_through_cache_rules").paginate()
        for one in pages.search("pullThroughCacheRules"):
            found["aws_ecr_pull_through_cache_rule", one["ecrRepositoryPrefix"]] = one
        for one in found.values():
            for name in ("createdAt", "updatedAt"):
                one.pop(name, None)
        return json.loads(self.hide(json.dumps(found_by_name(found), default=str)))


def found_by_name(found):
    return {f"{kind} {name}": value for (kind, name), value in found.items()}


class Run:
    """A directory in which terraform works with one provider."""

    def __init__(self, directory, source, binary_directory):
        self.directory = directory
        self.source = source
        os.makedirs(directory, exist_ok=True)
        settings = os.path.join(directory, "terraform.tfrc")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(
                "provider_installation {\n  dev_overrides {\n"
                f'    "{source}" = "{binary_directory}"\n  }}\n}}\n'
            )
        self.environment = {**os.environ, "TF_CLI_CONFIG_FILE": settings}

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def terraform(self, *arguments):
        """The messages of a command."""
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        messages = [json.loads(line) for line in lines]
        if done.returncode not in (0, 1, 2) or not messages and "-json" in arguments:
            raise RuntimeError(f"terraform {arguments}: {done.stdout}{done.stderr}")
        return messages

    def configure(self, world, step):
        source = self.source.replace("registry.terraform.io/", "")
        text = f'terraform {{\nrequired_providers {{\naws = {{ source = "{source}" }}\n}}\n}}\n'
        text += PROVIDERS + DATA + (LATER if step else "")
        for scenario in SCENARIOS:
            text += scenario.more
            body = scenario.body(step)
            if body is None:
                continue
            name = label(scenario)
            text += (
                f'resource "{scenario.type}" "{name}" {{\nprovider = {scenario.provider}\n{body}\n}}\n'
            )
            if scenario.import_id and step == 1:
                text += f'import {{\nto = {address(scenario)}\nid = "{scenario.import_id}"\n}}\n'
        self.write("main.tf", world.fill(text))

    def state(self, world):
        with open(self.path("terraform.tfstate"), encoding="utf-8") as file:
            state = json.loads(world.hide(file.read()))
        state["lineage"] = "recorded"
        return state


def actions(messages, kind="planned_change"):
    found = {}
    for message in messages:
        if message["type"] == kind:
            change = message["change"]
            done = change["action"] + ("+import" if change.get("importing") else "")
            found[change["resource"]["addr"]] = done
    return found


def errors(messages):
    """The address, or the summary, of each error."""
    found = {}
    for message in messages:
        if message["type"] == "diagnostic" and message["diagnostic"]["severity"] == "error":
            one = message["diagnostic"]
            found[one.get("address") or one["summary"]] = one["summary"] + " " + one["detail"]
    return found


def run_step(run, world, step):
    """What came of a step, for all scenarios."""
    for scenario in SCENARIOS:
        for operation, arguments in scenario.outside.get(step, []):
            world.call(operation, arguments)
    run.configure(world, step)
    messages = run.terraform("apply", "-auto-approve", "-json", "-lock=false")
    again = run.terraform("plan", "-json", "-lock=false")
    return {
        "plan": actions(messages),
        "errors": {key: world.hide(text) for key, text in errors(messages).items()},
        "again": actions(again),
        "objects": world.objects(),
        "state": run.state(world),
    }


def run_all(run, world, after_step=None):
    """Each step; then the state after a refresh, and what a destroy leaves at AWS."""
    steps = []
    for step in range(STEPS):
        steps.append(run_step(run, world, step))
        if after_step:
            after_step(step)
    run.terraform("apply", "-refresh-only", "-auto-approve", "-json", "-lock=false")
    refreshed = run.state(world)
    messages = run.terraform("apply", "-destroy", "-auto-approve", "-json", "-lock=false")
    return {
        "steps": steps,
        "refreshed": refreshed,
        "destroy": actions(messages),
        "destroy_errors": errors(messages),
        "left": world.objects(),
    }


def copy_of(run, directory):
    """Another directory with the same configuration, and no state."""
    other = Run(directory, run.source, "")
    shutil.copy(run.path("main.tf"), other.path("main.tf"))
    other.environment = run.environment
    return other
