"""The matrix as tables, and as the page docs/RELIABILITY.md."""

import datetime
import re

from step import VERSIONS

# The columns of the first table, and the faults in them.
FAMILIES = {
    "not visible yet": "visible",
    "throttled": "^throttled|^429",
    "refused": "^400|^403|^404|^redirection",
    "5xx": "^500|^503|502",
    "lost": "^reset|^closed|^refused connections|^stall",
    "unreadable": "^truncated|^garbage|content type|^huge|^byte|^empty|members",
    "expired": "expired|^keys",
    "clock": "^clock",
}

HEAD = """# Reliability

What happens when something goes wrong in the middle of `terraform apply`. Each call that the provider makes to AWS is hit by
each fault, in each step, with the real terraform. Afterwards, in each cell of this matrix:

- the step has ended well, or with an error that names the cause;
- state and AWS agree, or the state says that the object is tainted;
- AWS has nothing that no state knows, and nothing was created twice;
- the next plain `terraform apply` makes things as they are wanted, and the plan after it is empty.

One thing is left to the user: a sign-in (`aws sso login`, `aws login`) whose renewal AWS took but whose answer was lost is used
up; the error says which command to run.

"""

TAIL = """
## Run it

```
make matrix                   # all of it, about half an hour on two idle cores; writes this page
make matrix M='--quick 20'    # every 20th cell; make test does it with fewer
make matrix M=--creates       # the 64 creates
```

What the provider calls is found out by running each step without a fault; the faults and the kinds of objects are tables in
`acceptance-tests/matrix`. The run fails if the program has the name of an AWS operation, or a resource, that is in no cell.

## Signals and deaths

`acceptance-tests/deaths.bats` does each of these while a create's answer arrives, in backoff, and during an answer that never
comes, to a request that took effect and to one that did not.

| | the apply | then |
| --- | --- | --- |
| Ctrl-C, SIGTERM | ends within 2 s, keeps what it knows, says what may have taken effect | apply |
| Ctrl-C twice, SIGKILL of terraform | ends; the provider within a second | apply |
| SIGKILL of the provider | ends with terraform's error; an empty socket stays in `TMPDIR` | apply |
| terraform's output loses its reader | ends at its next line; the provider within a second | apply |
| SIGPIPE, stderr closed or without a reader, a full disk under `TMPDIR` | goes on undisturbed | |

An object that AWS made and no state could keep, because terraform was not there any more or the answer was not, is never
overwritten or made again: the next apply says that it exists, and gives the `terraform import` that takes it over.
"""


def name(cell):
    call, kind = cell.call, cell.call.kind
    return f"{call.step} {kind.name}, {call.phase}: {call.operation} {call.number}, {cell.trouble.name}"


def _holding(cells):
    return sum(1 for cell in cells if not cell.problems)


def _count(cells):
    """How many there are; where some do not hold, how many do."""
    holding = _holding(cells)
    return "" if not cells else str(holding) if holding == len(cells) else f"**{holding} of {len(cells)}**"


def _with_errors(cells):
    errors = sum(1 for cell in cells if cell.said)
    return _count(cells) + (f" ({errors})" if errors else "")


def _table(cells, row_of, columns, column_of, text):
    columns = [column for column in columns if any(column_of(cell) == column for cell in cells)]
    rows = [["", *columns, "all"], ["---", *(["--:"] * (len(columns) + 1))]]
    for row in [*dict.fromkeys(map(row_of, cells)), "all"]:
        here = [cell for cell in cells if row in ("all", row_of(cell))]
        parts = [text([cell for cell in here if column_of(cell) == column]) for column in columns]
        rows.append([row, *parts, text(here)])
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _family(cell):
    return next(family for family, names in FAMILIES.items() if re.search(names, cell.trouble.name))


def _call(cell):
    return f"{cell.call.kind.name}: {cell.call.operation}"


def _fault(cell):
    """Without how long it lasts, and what else there is."""
    return cell.trouble.name.partition(",")[0]


def tables(cells):
    return (
        "## Calls and faults\n\nThe number of cells, all of which hold where nothing else is said.\n\n"
        + _table(cells, _call, FAMILIES, _family, _count)
        + "\n## Faults and steps\n\nIn parentheses how many ended with an error. Most faults are tried twice, once and at every attempt, "
        + "and those of a create's answer while the new object is not visible, too.\n\n"
        + _table(cells, _fault, VERSIONS, lambda cell: cell.call.step, _with_errors)
    )


def crowd(cells):
    errors = sum(1 for cell in cells if cell.said)
    return (
        f"{len(cells)} creates at once, each with a fault of its own: {len(cells) - errors} ended well, {errors} with an error "
        f"that names the cause; {_holding(cells)} are accounted for.\n"
    )


def total(cells):
    holding = _holding(cells)
    return f"{len(cells)} cells: {holding} hold, {len(cells) - holding} do not"


def page(cells, creates, terraform):
    last = f"Last run: {datetime.date.today()}, {terraform}. **{total(cells)}.**\n\n{crowd(creates)}\n"
    return HEAD + last + tables(cells) + TAIL
