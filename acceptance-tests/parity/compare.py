"""Runs the scenarios with this provider and holds them against records/, which say what hashicorp/aws
makes of them: the plan of every step, errors, the state, a second plan, and what AWS has. What differs on
purpose is a row of differences.py. After the first and the last step the recorded state itself is taken
over, as a user does with "terraform state replace-provider": the plan must then be empty.
Exit status 1: something differs and no row says so, or a row says so and nothing differs."""

import json
import os
import sys
import tempfile

from differences import ROWS
from run import OURS, PEER, STEPS, Run, World, actions, copy_of, run_all
from scenarios import SCENARIOS

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = os.path.join(HERE, "records")


def record(name):
    with open(os.path.join(RECORDS, name), encoding="utf-8") as file:
        return json.load(file)


def attributes(state):
    """The attributes of each address."""
    return {
        f"{one['type']}.{one['name']}": one["instances"][0]["attributes"]
        for one in state["resources"]
        if one["mode"] == "managed" and one["instances"]
    }


def bare(value):
    """What is not set, however it is written, is None; JSON is what it says."""
    if isinstance(value, str) and value.startswith("{") and value.rstrip().endswith("}"):
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if isinstance(value, dict):
        value = {key: bare(item) for key, item in value.items()}
        return value if any(item is not None for item in value.values()) else None
    if isinstance(value, list):
        return [bare(item) for item in value] or None
    return None if value == "" else value


def state_differences(peer, ours):
    """Of what the peer's schema has; more attributes are the schema test's matter."""
    for name, attrs in peer.items():
        if name not in ours:
            yield name, "state", "there", "not there"
            continue
        for attr, value in attrs.items():
            if name.startswith("aws_ecr_") and bare(value) != bare(ours[name].get(attr)):
                yield name, f"state {attr}", value, ours[name].get(attr)
    for name in ours.keys() - peer.keys():
        yield name, "state", "not there", "there"


def named_differences(what, peer, ours, absent="nothing"):
    for name in sorted(peer.keys() | ours.keys()):
        one, other = peer.get(name, absent), ours.get(name, absent)
        if one != other:
            yield name, what, one, other


def step_differences(number, ours):
    peer = record(f"step-{number}.json")
    yield from named_differences("plan", peer["plan"], ours["plan"])
    yield from named_differences("again", peer["again"], ours["again"])
    errors = ({name: "an error" for name in side["errors"]} for side in (peer, ours))
    yield from named_differences("error", *errors)
    yield from state_differences(attributes(record(f"step-{number}.tfstate")), attributes(ours["state"]))
    for name, what, one, other in named_differences(
        "object", record(f"step-{number}-objects.json"), ours["objects"]
    ):
        kind, _, object_name = name.partition(" ")
        yield f"{kind}.{object_name.replace('/', '_')}", what, one, other


def adopt(run, world, name):
    """What a plan does to the peer's recorded state after replace-provider."""
    with tempfile.TemporaryDirectory() as directory:
        other = copy_of(run, directory)
        with open(os.path.join(RECORDS, name), encoding="utf-8") as file:
            other.write("terraform.tfstate", world.fill(file.read()))
        other.terraform("state", "replace-provider", "-auto-approve", "-lock=false", PEER, OURS)
        return actions(other.terraform("plan", "-json", "-lock=false"))


class Verdicts:
    """Every difference, and the rows that name them."""

    def __init__(self):
        self.used = set()
        self.bad = []

    def take(self, step, differences):
        for name, what, peer, ours in differences:
            row = next((row for row in ROWS if row.names(name, step, what)), None)
            if row:
                self.used.add(row)
            else:
                self.bad.append(f"NOT OK step {step}: {name}: {what}: hashicorp/aws {peer}, ours {ours}")

    def print(self):
        for row in ROWS:
            if row in self.used:
                print(f"ok     differs, as said: {row.name} {row.what}: {row.why}")
            else:
                self.bad.append(f"NOT OK said to differ, and does not: {row.name} {row.what}")
        for line in self.bad:
            print(line)
        print(f"{len(SCENARIOS)} scenarios, {len(ROWS)} rows differ on purpose, {len(self.bad)} bad")


def main():
    verdicts = Verdicts()
    world = World()
    with tempfile.TemporaryDirectory() as work:
        binaries = os.environ.get("PROVIDER_DIRECTORY") or os.path.join(HERE, "../../build")
        run = Run(work, OURS, os.path.abspath(binaries))

        def taken_over(step):
            names = [f"step-{step}.tfstate"] + (["refreshed.tfstate"] if step == STEPS - 1 else [])
            for name in names:
                found = adopt(run, world, name)
                verdicts.take(step, named_differences("taken over", {}, found))

        result = run_all(run, world, taken_over)
    for number, step in enumerate(result["steps"]):
        verdicts.take(number, step_differences(number, step))
    peer = record("destroy.json")
    verdicts.take(STEPS, named_differences("plan", peer["destroy"], result["destroy"]))
    verdicts.take(STEPS, named_differences("error", peer["destroy_errors"], result["destroy_errors"]))
    verdicts.take(STEPS, named_differences("object", peer["left"], result["left"]))
    verdicts.print()
    return 1 if verdicts.bad else 0


if __name__ == "__main__":
    sys.exit(main())
