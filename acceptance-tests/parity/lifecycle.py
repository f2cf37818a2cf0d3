"""Random lifecycle policies, each held against the local ECR's own check: what ECR refuses, terraform
validate must refuse or warn of; what ECR takes, validate must not refuse. SEED repeats a run. It needs
dev_overrides, and no AWS."""

import copy
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../local-ecr"))

from local_ecr.errors import AwsError  # noqa: E402 # pylint: disable=wrong-import-position
from local_ecr.lifecycle import parse  # noqa: E402 # pylint: disable=wrong-import-position

POLICIES = 600
STATUSES = ("tagged", "untagged", "any", "ANY", "signed", "")
TYPES = (
    "imageCountMoreThan",
    "sinceImagePushed",
    "sinceImagePulled",
    "sinceImageTransitioned",
    "sinceImageSigned",
    "imageCountMorethan",
)
ODD = (None, "", "x", 0, -1, 1.5, True, [], {}, ["a"], "5")


def some_tags(chance):
    return [chance.choice(("v", "prod*", "*", "a*b*c*d*", "*a*b*c*d*")) for _ in range(chance.randint(1, 2))]


def rule(chance, priority):
    status = chance.choice(STATUSES[:3])
    count_type = chance.choice(TYPES[:4])
    selection = {"tagStatus": status, "countType": count_type, "countNumber": chance.choice((1, 5, 90, 400))}
    action = {"type": "expire"}
    if status == "tagged":
        selection[chance.choice(("tagPatternList", "tagPrefixList"))] = some_tags(chance)
    if count_type != "imageCountMoreThan":
        selection["countUnit"] = "days"
    if count_type == "sinceImageTransitioned":
        selection["storageClass"] = "archive"
    if count_type == "sinceImagePulled":
        action = {"type": "transition", "targetStorageClass": "archive"}
    return {"rulePriority": priority, "selection": selection, "action": action}


def spoil(chance, policy):
    """One change somewhere, which may do no harm."""
    one = chance.choice(policy["rules"])
    place = chance.choice((one, one.get("selection"), one.get("action")))
    if not isinstance(place, dict):
        return
    kind = chance.randrange(6)
    if kind == 0 and place:
        del place[chance.choice(sorted(place))]
    elif kind == 1 and place:
        place[chance.choice(sorted(place))] = chance.choice(ODD)
    elif kind == 2:
        place[chance.choice(("note", "storageClass", "countUnit", "description", "targetStorageClass"))] = chance.choice(
            ("days", "standard", "archive", "glacier", "weeks", "")
        )
    elif kind == 3 and isinstance(one.get("selection"), dict):
        one["selection"]["tagStatus"] = chance.choice(STATUSES)
    elif kind == 4 and isinstance(one.get("selection"), dict):
        one["selection"]["countType"] = chance.choice(TYPES)
    else:
        one["rulePriority"] = chance.choice((1, 2, 3))


def policies(chance):
    for _ in range(POLICIES):
        policy = {"rules": [rule(chance, i + 1) for i in range(chance.randint(1, 3))]}
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            spoil(chance, policy)
        yield policy


def without_nothing(value):
    """What the provider sends: null and empty lists are left out."""
    if isinstance(value, dict):
        return {key: without_nothing(item) for key, item in value.items() if item is not None and item != []}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value


def refusal(policy):
    try:
        parse(json.dumps(without_nothing(copy.deepcopy(policy))))
    except AwsError as error:
        return str(error)
    return ""


def findings(texts):
    """The severities of each line's diagnostics."""
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "main.tf"), "w", encoding="utf-8") as file:
            for number, text in enumerate(texts):
                quoted = json.dumps(text).replace("${", "$${").replace("%{", "%%{")
                file.write(f'resource "ecr_lifecycle_policy" "p{number}" {{\nrepository = "web"\npolicy = {quoted}\n}}\n')
            file.write('terraform {\nrequired_providers {\necr = { source = "aws-labs/ecr" }\n}\n}\n')
        done = subprocess.run(
            ["terraform", "validate", "-json"], cwd=directory, capture_output=True, text=True, timeout=300, check=False
        )
    found = {}
    for one in json.loads(done.stdout)["diagnostics"]:
        if "range" in one:
            number = (one["range"]["start"]["line"] - 1) // 4
            found.setdefault(number, []).append((one["severity"], one["detail"]))
    return found


def main():
    seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
    print(f"{POLICIES} policies, SEED={seed}")
    made = list(policies(random.Random(seed)))
    found = findings([json.dumps(policy) for policy in made])
    bad = refused = 0
    for number, policy in enumerate(made):
        why, said = refusal(policy), found.get(number, [])
        refused += bool(why)
        errors = [text for severity, text in said if severity == "error"]
        if why and not said:
            print(f"NOT OK silent: {json.dumps(policy)}\n       ECR: {why}")
        elif errors and not why:
            print(f"NOT OK refused: {json.dumps(policy)}\n       {errors[0]}")
        else:
            continue
        bad += 1
    print(f"{POLICIES} policies, {refused} refused by ECR, {bad} bad")
    return 1 if bad or not 100 < refused < POLICIES - 100 else 0


if __name__ == "__main__":
    sys.exit(main())
