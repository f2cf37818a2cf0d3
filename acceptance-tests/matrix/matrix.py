"""Every call that the provider makes, in every step, with every fault: what the provider calls is found out by running each
step once, the faults are a list. Prints the matrix; exit status 1 if a cell does not hold.

    matrix.py                     all of it
    matrix.py --quick N           every N-th cell, without those that wait for the transport's time-out
    matrix.py --creates           64 creates at once, each with a fault of its own
    matrix.py --only TEXT         the cells with that text in their names
    matrix.py --write FILE        the matrix also goes to FILE
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time

import report
from faults import ALONE, CONDITIONS, FAULTS, Fault
from objects import KINDS
from runner import Call, Cell, Workspace
from step import VERSIONS, about, run

AT_ONCE = 240


def check_kinds():
    """Each resource of the provider is in the matrix."""
    with tempfile.TemporaryDirectory() as directory:
        Workspace(directory, []).write("absent")
        command = ["terraform", "providers", "schema", "-json"]
        shown = subprocess.run(command, cwd=directory, capture_output=True, check=True)
    (schema,) = json.loads(shown.stdout)["provider_schemas"].values()
    missing = set(schema["resource_schemas"]) - {name for k in KINDS for name in (k.type, f"aws_{k.type}")}
    if missing:
        sys.exit(f"objects.py has no {', '.join(sorted(missing))}")


def discover(step):
    """The calls of the step, by running it once without a fault."""
    cells = [Cell(Call(k, step, "both", "", "", 0), None) for k in KINDS if step in k.steps]
    logs = run(step, "both", cells)
    for cell in cells:
        if cell.problems:
            sys.exit(f"{step} of {cell.call.kind.name}, without any fault: {cell.problems}")
    return [
        call
        for cell in cells
        for phase, entries in zip(("plan", "apply"), logs)
        for call in _calls(cell, phase, entries)
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
            yield Cell(call, fault)
        for kind, condition in itertools.product(KINDS, CONDITIONS):
            if step in kind.steps and step in condition.steps and kind.name in (condition.kinds or (kind.name,)):
                yield Cell(Call(kind, step, "both", "", "all calls", 1), condition)


def batches(cells):
    """Cells that can be tried together: of one step and phase, not too many of a kind; conditions, which are for
    everybody, one by one."""

    def place(cell):
        trouble = cell.trouble
        shared = trouble.name if not isinstance(trouble, Fault) or trouble.name in ALONE else ""
        return cell.call.step, cell.call.phase, shared, isinstance(trouble, Fault) and trouble.slow

    for key, group in itertools.groupby(sorted(cells, key=place), key=place):
        batch, counts = [], {}
        for cell in group:
            kind = cell.call.kind
            if len(batch) == AT_ONCE or counts.get(kind, 0) == kind.at_once:
                yield key, batch
                batch, counts = [], {}
            batch.append(cell)
            counts[kind] = counts.get(kind, 0) + 1
        yield key, batch


def try_all(cells):
    for (step, phase, _, _), batch in batches(cells):
        began = time.monotonic()
        run(step, phase, batch)
        bad = [cell for cell in batch if cell.problems]
        took = time.monotonic() - began
        print(f"{step}, {phase}: {len(batch)} cells, {len(bad)} fail ({took:.0f} s)", flush=True)
        for cell in bad:
            print(f"\n{report.name(cell)}:\n  " + "\n  ".join(cell.problems), flush=True)


def creates():
    """64 creates, each with another fault, as far as there are that many."""
    calls = [call for call in discover("create") if call.kind is KINDS[0] and call.phase == "apply"]
    cells = [
        Cell(call, fault)
        for fault in FAULTS
        for call in calls
        if not fault.slow and fault.name not in ALONE
    ]
    return list(itertools.islice(itertools.cycle(cells), 64)) if len(cells) < 64 else cells[:64]


def parse(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--quick", type=int, metavar="N")
    parser.add_argument("--creates", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--write", metavar="FILE")
    return parser.parse_args(arguments)


def chosen(options):
    if options.creates:
        return creates()
    cells = [cell for cell in all_cells(VERSIONS) if options.only in report.name(cell)]
    if options.quick:
        cells = [c for c in cells if not (isinstance(c.trouble, Fault) and (c.trouble.slow or c.trouble.name in ALONE))]
        cells = cells[:: options.quick]
    return cells


def main():
    options = parse(sys.argv[1:])
    os.environ.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=os.environ["LOCAL_ECR_URL"] + "/v1/credentials")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.pop(name, None)
    check_kinds()
    cells = chosen(options)
    try_all(cells)
    bad = [cell for cell in cells if cell.problems]
    print(report.tables(cells))
    if options.write:
        with open(options.write, "w", encoding="utf-8") as file:
            file.write(report.page(cells))
    print(f"{len(cells)} cells: {len(cells) - len(bad)} hold, {len(bad)} do not")
    return 1 if bad or not cells else 0


if __name__ == "__main__":
    sys.exit(main())
