"""The matrix as tables: calls by steps, and faults by steps."""

from step import VERSIONS

HEAD = """# Reliability

Every call that the provider makes to ECR and STS, in every step, with every fault that the local ECR can make. Written by
`make matrix`, which runs the real terraform.

A cell is one object, one step and one call that goes wrong. It holds when

- the step ends well, or with an error that names the cause;
- then state and AWS agree, or the state says that the object is tainted;
- AWS has nothing that no state knows, and nothing was created twice;
- the next plain `terraform apply` makes things as they are wanted, and the plan after it is empty.

`40/40, 12 errors`: of 40 cells 40 hold, and in 12 of them the step ended with an error.

"""


def name(cell):
    call, kind = cell.call, cell.call.kind
    return f"{call.step} {kind.name}, {call.phase}: {call.operation} {call.number}, {cell.trouble.name}"


def _sum(cells):
    if not cells:
        return ""
    errors = sum(1 for cell in cells if cell.said)
    holding = sum(1 for cell in cells if not cell.problems)
    return f"{holding}/{len(cells)}" + (f", {errors} errors" if errors else "")


def _table(title, cells, row_of):
    steps = [step for step in VERSIONS if any(cell.call.step == step for cell in cells)]
    rows = [["", *steps, "all"]]
    for row in [*dict.fromkeys(map(row_of, cells)), "all"]:
        here = [cell for cell in cells if row in ("all", row_of(cell))]
        by_step = [_sum([cell for cell in here if cell.call.step == step]) for step in steps]
        rows.append([row, *by_step, _sum(here)])
    rows.insert(1, ["---"] * len(rows[0]))
    return f"## {title}\n\n" + "".join("| " + " | ".join(row) + " |\n" for row in rows) + "\n"


def tables(cells):
    return _table("By call", cells, lambda cell: f"{cell.call.kind.name}: {cell.call.operation}") + _table(
        "By fault", cells, lambda cell: cell.trouble.name
    )


def page(cells):
    return HEAD + tables(cells).rstrip("\n") + "\n"
