"""Every call that the provider makes, in every step, with every fault: what the provider calls is found out by running each
step once, the faults are a list. Prints the matrix; exit status 1 if a cell does not hold.

    matrix.py                     all of it, and 64 creates
    matrix.py --quick N           every N-th cell, without those that wait for the transport's time-out
    matrix.py --creates           64 creates at once, each with a fault of its own, and nothing else
    matrix.py --only TEXT         the cells with that text in their names
    matrix.py --step STEP         those of one step
    matrix.py --write FILE        all of it, as a page too
"""

import argparse
import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time

import report
from botocore.session import Session
from faults import ALONE, CONDITIONS, FAULTS, FOR_SEVERAL
from kinds import KINDS
from runner import Call, Cell, Workspace
from step import VERSIONS, about, run

AT_ONCE = 240
PARALLELISM = 64


SCHEMAS = {"resource": "resource_schemas", "data": "data_source_schemas", "ephemeral": "ephemeral_resource_schemas"}
SERVICES = ("ecr", "sts", "sso", "sso-oidc", "signin", "kms", "secretsmanager")


def check_kinds():
    """Whatever the provider has is in the matrix."""
    with tempfile.TemporaryDirectory() as directory:
        Workspace(directory, [], PARALLELISM).write("absent")
        command = ["terraform", "providers", "schema", "-json"]
        shown = subprocess.run(command, cwd=directory, capture_output=True, check=True)
    (schema,) = json.loads(shown.stdout)["provider_schemas"].values()
    there = {(mode, name) for mode, schemas in SCHEMAS.items() for name in schema[schemas]}
    missing = there - {(k.mode, name) for k in KINDS for name in (k.type, f"aws_{k.type}")}
    if missing:
        sys.exit(f"kinds.py has no {', '.join(sorted(map(' '.join, missing)))}")


def check_operations(cells):
    """Each operation of AWS's that the provider has the name of is in a cell."""
    with open(os.environ["PROVIDER_BINARY"], "rb") as file:
        program = file.read()
    session = Session()
    services = [session.get_service_model(name) for name in SERVICES if name in session.get_available_services()]
    named = {
        operation
        for service in services
        for operation in service.operation_names
        if f"\0{operation}\0".encode() in program
    }
    missing = named - {cell.call.operation for cell in cells}
    if missing:
        sys.exit(f"no step calls {', '.join(sorted(missing))}")


def discover(step):
    """The calls of the step, by running it once without a fault."""
    cells = [Cell(Call(k, step, "both", "", "", 0), None) for k in KINDS if step in k.steps]
    logs = run(step, "both", cells, PARALLELISM)
    for cell in cells:
        if cell.problems:
            sys.exit(f"{step} of {cell.call.kind.name}, without any fault: {cell.problems}")
    return [
        call
        for cell in cells
        for phase, entries in zip(("plan", "apply"), logs)
        for call in _calls(cell, phase, entries)
        if phase in cell.call.kind.phases
    ]


def _calls(cell, phase, entries):
    kind, counts = cell.call.kind, {}
    for entry in entries:
        if entry["service"] in kind.services and about(entry, cell.name):
            what = entry["service"], entry["operation"]
            counts[what] = counts.get(what, 0) + 1
            yield Call(kind, cell.call.step, phase, *what, counts[what])


def all_cells(steps):
    for step in steps:
        for call, fault in itertools.product(discover(step), FAULTS):
            if fault.applies(call):
                yield Cell(call, fault)
        for kind, condition in itertools.product(KINDS, CONDITIONS):
            if step in kind.steps and step in condition.steps and kind.name.startswith(condition.kinds):
                yield Cell(Call(kind, step, "both", "", "all calls", 1), condition)


def batches(cells):
    """Cells that can be tried together: of one step and phase, not too many of a kind; conditions, which are for
    everybody, one by one."""

    def place(cell):
        trouble = cell.trouble
        shared = trouble.name if trouble.name in ALONE else json.dumps(trouble.settings)
        shared += cell.call.operation if cell.call.operation in FOR_SEVERAL else ""
        return [*VERSIONS].index(cell.call.step), cell.call.phase, shared, trouble.slow

    for _, group in itertools.groupby(sorted(cells, key=place), key=place):
        for batch in _packed(group):
            yield batch[0].call.step, batch[0].call.phase, batch


def _packed(cells):
    """Each cell in the first batch that has room for it."""
    batches_ = []
    for cell in cells:
        kind = cell.call.kind
        for batch, counts in batches_:
            if len(batch) < AT_ONCE and counts[kind] < kind.at_once:
                break
        else:
            batch, counts = [], collections.Counter()
            batches_.append((batch, counts))
        batch.append(cell)
        counts[kind] += 1
    return [batch for batch, _ in batches_]


def try_all(cells):
    for step, phase, batch in batches(cells):
        began = time.monotonic()
        run(step, phase, batch, 1 if batch[0].trouble.name in ALONE else PARALLELISM)
        bad = [cell for cell in batch if cell.problems]
        took = time.monotonic() - began
        print(f"{step}, {phase}: {len(batch)} cells, {len(bad)} fail ({took:.0f} s)", flush=True)
        for cell in bad:
            print(f"\n{report.name(cell)}:\n  " + "\n  ".join(cell.problems), flush=True)


def creates():
    """64 creates, each with another fault in one of its calls."""
    calls = [call for call in discover("create") if call.kind is KINDS[0] and call.phase == "apply"]
    faults = [fault for fault in FAULTS if not fault.slow and not fault.settings and fault.name not in ALONE]
    cells = [Cell(call, fault) for call in calls for fault in faults][:64]
    if len(cells) < 64:
        sys.exit(f"there are only {len(cells)} faults for creates")
    return cells


def parse(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--quick", type=int, metavar="N")
    parser.add_argument("--creates", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--step", choices=VERSIONS)
    parser.add_argument("--write", metavar="FILE")
    options = parser.parse_args(arguments)
    if options.write and not is_all(options):
        parser.error("a page has all of the matrix")
    return options


def chosen(options):
    cells = list(all_cells([options.step] if options.step else VERSIONS))
    if not options.step:
        check_operations(cells)
    cells = [cell for cell in cells if options.only in report.name(cell)]
    if options.quick:
        cells = [c for c in cells if not (c.trouble.slow or c.trouble.settings or c.trouble.name in ALONE)]
        cells = cells[:: options.quick]
    return cells


def is_all(options):
    return not (options.quick or options.only or options.step)


def run_matrix(options):
    cells = chosen(options)
    try_all(cells)
    print(report.tables(cells))
    crowd = creates() if is_all(options) else []
    try_all(crowd)
    if crowd:
        print(report.crowd(crowd))
    if options.write:
        version = subprocess.run(["terraform", "version"], capture_output=True, text=True, check=True)
        with open(options.write, "w", encoding="utf-8") as file:
            file.write(report.page(cells, crowd, version.stdout.splitlines()[0]))
    return cells + crowd


def run_creates():
    cells = creates()
    try_all(cells)
    print(report.crowd(cells))
    return cells


def main():
    options = parse(sys.argv[1:])
    os.environ.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=os.environ["LOCAL_ECR_URL"] + "/v1/credentials")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.pop(name, None)
    check_kinds()
    cells = run_creates() if options.creates else run_matrix(options)
    print(report.total(cells))
    return 1 if not cells or any(cell.problems for cell in cells) else 0


if __name__ == "__main__":
    sys.exit(main())
