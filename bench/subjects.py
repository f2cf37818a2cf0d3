"""What is compared, and the same configuration in the words of each: this provider, hashicorp/aws, and Terraform alone, whose
terraform_data costs what Terraform itself costs and is the floor that no provider gets below."""

import glob
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

BENCH = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(BENCH)
LAB = os.path.join(TOP, "examples", "03-ecr")
REGISTRY = "registry.terraform.io"

POLICY = """
locals {
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last 10 images"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}
"""

# Policies come after the repositories, but name theirs by the same expression, not by reference: for each reference to one of 1,000 objects
# Terraform copies all of them, which takes longer than everything else and would hide what providers take.
PAIRS = """
resource "{type}_repository" "it" {{
  count = {count}
  name  = "bench/app-${{count.index}}"
}}

resource "{type}_lifecycle_policy" "it" {{
  count      = {count}
  repository = "bench/app-${{count.index}}"
  policy     = local.policy
  depends_on = [{type}_repository.it]
}}
"""

FLOOR_PAIRS = """
resource "terraform_data" "repository" {{
  count = {count}
  input = {{ name = "bench/app-${{count.index}}" }}
}}

resource "terraform_data" "policy" {{
  count      = {count}
  input      = {{ repository = "bench/app-${{count.index}}", policy = local.policy }}
  depends_on = [terraform_data.repository]
}}
"""


@dataclass(frozen=True)
class Subject:
    name: str
    local_name: str = ""  # of the provider, in a configuration
    source: str = ""
    version: str = ""
    binary: str = ""

    @property
    def is_floor(self):
        return not self.source

    @property
    def type(self):
        """What the names of its resources begin with."""
        return "ecr" if self.local_name == "ecr" else "aws_ecr"

    @property
    def size(self):
        return os.path.getsize(self.binary) if self.binary else 0

    def requirement(self):
        if self.is_floor:
            return "terraform {}\n"
        one = f'{self.local_name} = {{ source = "{self.source}", version = "{self.version}" }}'
        return f"terraform {{\n  required_providers {{\n    {one}\n  }}\n}}\n"

    def pairs(self, count):
        """A configuration of so many repositories, each with a lifecycle policy."""
        body = FLOOR_PAIRS if self.is_floor else PAIRS
        return self.requirement() + POLICY + body.format(type=self.type, count=count)


FLOOR = Subject("floor")


def ours(binary):
    with open(os.path.join(TOP, "VERSION"), encoding="utf-8") as file:
        return Subject("ours", "ecr", "aws-labs/ecr", file.read().strip(), binary)


def peer():
    """hashicorp/aws, where scripts/peer finds it; None if it does not."""
    script = os.path.join(TOP, "scripts", "peer")
    found = subprocess.run([script], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        return None
    (binary,) = glob.glob(os.path.join(found.stdout.strip(), "terraform-provider-aws_v*"))
    return Subject("peer", "aws", "hashicorp/aws", binary.split("/")[-3], binary)


# ---- The lab ----

EXCLUSION = re.compile(r'  dynamic "image_tag_mutability_exclusion_filter" \{.*?\n  \}\n\n', re.DOTALL)


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def _lab_text(subject, name):
    """A file of the lab in the peer's words: other names, and without the one block that it does not have."""
    text = _read(os.path.join(LAB, name))
    if subject.local_name == "aws":
        text = EXCLUSION.sub("", text)
        text = re.sub(r"\becr_(repository|lifecycle_policy|pull_through_cache_rule)\b", r"aws_ecr_\1", text)
        text = text.replace('provider "ecr"', 'provider "aws"')
    return text


def lab(subject):
    """The files of examples/03-ecr, name -> text: the state is a local file, and all subjects make the same five objects."""
    files = {"versions.tf": subject.requirement(), "variables.tf": _lab_text(subject, "variables.tf")}
    if subject.is_floor:
        return {**files, "main.tf": _read(os.path.join(BENCH, "lab-floor.tf"))}
    return {**files, **{name: _lab_text(subject, name) for name in ("main.tf", "outputs.tf")}}


# ---- How they are installed ----


def _block(path, source):
    return f'  filesystem_mirror {{\n    path    = "{path}"\n    include = ["{source}"]\n  }}\n'


def _settings(path, mirrors):
    with open(path, "w", encoding="utf-8") as file:
        file.write("provider_installation {\n" + "".join(_block(*one) for one in mirrors) + "}\n")
    return path


def _package(mirror, subject):
    machine = os.uname().machine
    system = "linux_" + {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    directory = os.path.join(mirror, REGISTRY, subject.source, subject.version, system)
    os.makedirs(directory)
    return directory


def install(directory, subjects, launcher=None):
    """A filesystem mirror, as a user would have it. With a launcher, that one is in each provider's place, and the
    provider beside it, as launcher.c wants it. The path of Terraform's settings that name the mirror."""
    mirror = os.path.join(directory, "mirror")
    for subject in subjects:
        if subject.is_floor:
            continue
        package = _package(mirror, subject)
        name = f"terraform-provider-{subject.local_name}_v{subject.version}"
        if launcher:
            shutil.copy(launcher, os.path.join(package, name))
            os.symlink(subject.binary, os.path.join(package, "provider"))
        elif subject.name == "peer":
            os.symlink(subject.binary, os.path.join(package, name))
        else:
            shutil.copy(subject.binary, os.path.join(package, name))
    sources = [(mirror, subject.source) for subject in subjects if not subject.is_floor]
    return _settings(os.path.join(directory, "terraform.rc"), sources)
