"""Drives the real terraform, with the provider, through one step for many objects at once, each with a fault of its own,
and holds what comes of each to the claims. The local ECR is the one that LOCAL_ECR_URL names."""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import boto3
from botocore.config import Config
from faults import Condition, Fault
from objects import REGION, Kind

URL = os.environ["LOCAL_ECR_URL"]
PROVIDER = "registry.terraform.io/aws-labs/ecr"
LIMIT_SECONDS = 600
ATTEMPTS = 3
REFUSED_SECONDS = 5
# What the local ECR has where it is not 0.
SETTINGS = {"container_seconds": 3600}


def admin(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + REFUSED_SECONDS
    while True:
        try:
            with opener.open(f"{URL}/_local-ecr/{path}", data, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.URLError as error:
            # A fault may be why nobody can connect.
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def log():
    return [json.loads(line) for line in admin("log").splitlines()]


@dataclass(frozen=True)
class Call:
    """The number-th call of an operation for one object, in the step's plan or its apply."""

    kind: Kind
    step: str
    phase: str
    service: str
    operation: str
    number: int


@dataclass
class Cell:
    call: Call
    trouble: Fault | Condition
    name: str = ""  # of its object
    problems: list = field(default_factory=list)
    said: str = ""  # the error that the step ended with
    was_tainted: bool = False

    @property
    def outcome(self):
        return "FAILED" if self.problems else "error" if self.said else "well"


class Workspace:
    """A directory with a configuration of all cells' objects, and terraform in it."""

    def __init__(self, directory, cells, parallelism):
        self.directory = directory
        self.cells = cells
        self.parallelism = parallelism
        self.ecr = boto3.client(
            "ecr",
            region_name=REGION,
            endpoint_url=URL,
            aws_access_key_id=os.environ["LOCAL_ECR_ACCESS_KEY_ID"],
            aws_secret_access_key=os.environ["LOCAL_ECR_SECRET_ACCESS_KEY"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )
        self.lines = {}  # of main.tf, to the cell that wrote them

    def write(self, version, imports=False):
        """version: "before", "after" or "absent"."""
        text = [f'terraform {{\n  required_providers {{\n    ecr = {{ source = "{PROVIDER}" }}\n  }}\n}}\n']
        text.append(f'provider "ecr" {{\n  max_retries = {ATTEMPTS}\n}}\n')
        self.lines = {}
        for cell in self.cells:
            part = cell.call.kind.provider(cell.name)
            if version != "absent":
                part += self._resource(cell, version, imports)
            first = "".join(text).count("\n") + 1
            text.append(part)
            self.lines.update(dict.fromkeys(range(first, first + part.count("\n")), cell))
        with open(os.path.join(self.directory, "main.tf"), "w", encoding="utf-8") as file:
            file.write("".join(text))

    @staticmethod
    def _resource(cell, version, imports):
        kind, name = cell.call.kind, cell.name
        part = f'{kind.mode} "{kind.type}" "{name}" {{\n{kind.block(name, version).strip(chr(10))}\n}}\n'
        if imports:
            part += f'import {{\n  to = {kind.type}.{name}\n  id = "{kind.import_id(name)}"\n}}\n'
        return part

    def terraform(self, command, *arguments):
        """(exit status, errors as (cell or None, text))"""
        ran = subprocess.run(
            ["terraform", command, "-json", "-input=false", "-lock=false", f"-parallelism={self.parallelism}", *arguments],
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        errors = []
        for line in ran.stdout.splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            found = event.get("diagnostic") or {}
            if found.get("severity") == "error":
                text = f"{found['summary']}\n{found.get('detail', '')}"
                errors.append((self._whose(found, text), text))
        if ran.returncode == 1 and not errors:
            errors.append((None, ran.stdout[-2000:] + ran.stderr[-2000:]))
        return ran.returncode, errors

    def _whose(self, diagnostic, text):
        line = diagnostic.get("range", {}).get("start", {}).get("line")
        named = re.search(r"\bc\d{4}\b", diagnostic.get("address", "") + " " + text)
        by_name = {cell.name: cell for cell in self.cells}
        return self.lines.get(line) or (by_name.get(named[0]) if named else None)

    def must(self, command, *arguments):
        status, errors = self.terraform(command, *arguments)
        if status == 1:
            raise RuntimeError(f"terraform {command} fails without a fault: {errors[:3]}")

    def show(self, plan):
        shown = subprocess.run(
            ["terraform", "show", "-json", plan], cwd=self.directory, capture_output=True, check=True
        )
        return json.loads(shown.stdout)

    def state(self):
        """name of a cell -> (attributes, whether it is tainted)"""
        try:
            with open(os.path.join(self.directory, "terraform.tfstate"), encoding="utf-8") as file:
                resources = json.load(file)["resources"]
        except FileNotFoundError:
            return {}
        return {
            resource["name"]: (instance["attributes"], instance.get("status") == "tainted")
            for resource in resources
            for instance in resource["instances"]
        }

    def at_aws(self):
        """type -> name -> what there is"""
        kinds = {cell.call.kind.type: cell.call.kind for cell in self.cells}
        return {type_: kind.at_aws(self.ecr) for type_, kind in kinds.items()}


def arm(cells):
    for cell in cells:
        if cell.trouble and cell.trouble.settings:
            admin("settings", cell.trouble.settings)
        if isinstance(cell.trouble, Fault):
            where = {
                "service": cell.call.service,
                "operation": cell.call.operation,
                "match": rf"(?i){cell.name}\b",
                "skip": cell.call.number - 1,
            }
            admin("faults", {**cell.trouble.ordered(), **where})


def disarm(cells):
    admin("clear-faults", {})
    for cell in cells:
        if cell.trouble and cell.trouble.settings:
            admin("settings", {name: SETTINGS.get(name, 0) for name in cell.trouble.settings})
