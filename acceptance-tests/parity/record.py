"""Writes records/ anew: what hashicorp/aws makes of the scenarios. It runs where local-ecr/run leads
AWS's names, with PEER_MIRROR, a filesystem mirror that holds that provider."""

import json
import os
import subprocess
import sys
import tempfile

from run import PEER, Run, World, run_all

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = os.path.join(HERE, "records")


def peer_directory():
    """Where the newest hashicorp/aws of a mirror lies, and its version."""
    found = subprocess.run([os.path.join(HERE, "../../scripts/peer")], stdout=subprocess.PIPE, text=True)
    if found.returncode:
        sys.exit(1)
    directory = found.stdout.strip()
    return directory, directory.split(os.sep)[-2]


def write(name, rows):
    """One row a line, so that a change of a record can be read."""
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"
        for key, value in rows
    )
    with open(os.path.join(RECORDS, name), "w", encoding="utf-8") as file:
        file.write("{\n" + lines + "\n}\n")


def write_state(name, state):
    """A state file as terraform reads it, one resource a line."""
    resources = ",\n".join(
        json.dumps(one, sort_keys=True, ensure_ascii=False) for one in state.pop("resources")
    )
    head = json.dumps(state, sort_keys=True)[:-1]
    with open(os.path.join(RECORDS, name), "w", encoding="utf-8") as file:
        file.write(f'{head}, "resources": [\n{resources}\n]}}\n')


def main():
    directory, version = peer_directory()
    os.makedirs(RECORDS, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        result = run_all(Run(work, PEER, directory), World())
    for number, step in enumerate(result["steps"]):
        write_state(f"step-{number}.tfstate", step.pop("state"))
        write(f"step-{number}.json", [(key, step[key]) for key in ("plan", "errors", "again")])
        write(f"step-{number}-objects.json", sorted(step["objects"].items()))
    write_state("refreshed.tfstate", result["refreshed"])
    keys = ("destroy", "destroy_errors", "left")
    write("destroy.json", [("version", version), *((key, result[key]) for key in keys)])
    print(f"recorded hashicorp/aws {version}")


if __name__ == "__main__":
    main()
