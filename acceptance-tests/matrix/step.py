"""One step for many cells: what is there before it, the step with its faults, and the claims afterwards."""

import json
import re
import tempfile
import time

from faults import ALONE, FOR_SEVERAL, Condition
from runner import Workspace, admin, arm, disarm, log

HEEDED_AT_MOST = 3
# step -> (configuration before it, configuration of it)
VERSIONS = {
    "create": (None, "before"),
    "read": ("before", "before"),
    "update": ("before", "after"),
    "delete": ("before", "absent"),
    "import": (None, "before"),
    "configure": (None, "before"),
}
# A stalled request is in the log a moment after its client gave up.
STALL_LOGGED_SECONDS = 0.1
MADE_BEFORE = ("read", "update", "delete", "import")


def run(step, phase, cells, parallelism):
    """Tries the cells together; their problems and errors are then in them. Returns the log of the step's plan and that of its
    apply. phase: where the faults are, "plan", "apply" or "both"."""
    admin("reset", {})
    for number, cell in enumerate(cells, 1):
        cell.name = f"c{number:04}"
    with tempfile.TemporaryDirectory(prefix="matrix-") as directory:
        return _Step(step, phase, Workspace(directory, cells, parallelism)).run()


class _Step:
    def __init__(self, step, phase, space):
        self.step = step
        self.phase = phase
        self.cells = space.cells
        self.space = space

    def run(self):
        self._prepare()
        admin("reset-log", {})
        logs = self._run_step()
        self._judge_calls(logs[0] + logs[1])
        self._judge_state()
        self._converge()
        self._judge_log(log())
        return logs

    # Before

    def _prepare(self):
        before, _ = VERSIONS[self.step]
        for cell in self.cells:
            cell.call.kind.enter(admin, cell.name)
            cell.call.kind.prepare(self.space.ecr, cell.name)
            if self.step == "import":
                cell.call.kind.make(self.space.ecr, cell.name)
        if before:
            self.space.write(before)
            self.space.must("apply", "-auto-approve")

    # The step

    def _run_step(self):
        self.space.write(VERSIONS[self.step][1], imports=self.step == "import")
        refresh = ["-refresh-only"] if self.step == "read" else []
        status = self._phase("plan", "plan", *refresh, "-out=step")
        planned = log()
        if status == 0:
            self._phase("apply", "apply", "step")
        return planned, log()[len(planned) :]

    def _phase(self, phase, *command):
        here = self.phase in (phase, "both")
        if here:
            arm(self.cells)
        status, errors = self.space.terraform(*command)
        if here:
            time.sleep(STALL_LOGGED_SECONDS)
            disarm(self.cells)
        for cell, text in errors:
            for one in [cell] if cell else self.cells:
                one.said += text
        return status

    # Afterwards

    def _judge_calls(self, entries):
        faulty = [(entry["operation"], names_in(entry)) for entry in entries if entry["fault"]]
        for cell in self.cells:
            if cell.said and not (cell.trouble and self._names_the_cause(cell, faulty)):
                cell.problems.append(f"the error does not name the cause: {cell.said}")
            if cell.trouble and not self._is_met(cell, faulty):
                cell.problems.append("the fault was never met")

    @staticmethod
    def _is_met(cell, faulty):
        """Connections that are refused because of another cell's fault are as good, and so is waiting for another cell's
        call that both would share."""
        if isinstance(cell.trouble, Condition) or (cell.said and cell.trouble.name in ALONE):
            return True
        shared = cell.call.operation in FOR_SEVERAL and cell.call.operation
        return any(cell.name in names or operation == shared for operation, names in faulty)

    def _names_the_cause(self, cell, faulty):
        """The cause is the fault of the cell, or of another one that the faulty call was for."""
        hit = {cell.name}.union(*(names for _, names in faulty if cell.name in names))
        ways = [cell.call.kind.says, *(one.trouble.says for one in self.cells if one.name in hit)]
        return any(way and re.search(way, cell.said) for way in ways)

    def _judge_state(self):
        state, there = self.space.state(), self.space.at_aws()
        strangers = set().union(*there.values()) - {cell.name for cell in self.cells}
        if strangers:
            raise RuntimeError(f"AWS has what nobody asked for: {strangers}")
        for cell in self.cells:
            problem = self._disagreement(cell, state, there)
            if problem:
                cell.problems.append(f"after the {self.step}, {problem}")

    def _disagreement(self, cell, state, there):
        kind = cell.call.kind
        attributes, tainted = state.get(cell.name, (None, False))
        found = there[kind.type].get(cell.name)
        if attributes is None:
            # Terraform imports nothing when one of the imports fails.
            waits = self.step == "import" and any(one.said for one in self.cells)
            return "AWS has what no state knows" if found and not waits else None
        if tainted:
            return None if cell.said else "the object is tainted, and no error says why"
        if found is None:
            return "the state has what AWS does not"
        known = kind.in_state(attributes)
        return None if known == found else f"the state says {known}, AWS {found}"

    def _converge(self):
        tainted = {name for name, (_, is_tainted) in self.space.state().items() if is_tainted}
        for cell in self.cells:
            cell.was_tainted = cell.name in tainted
        self._claim("the next apply", "apply", "-auto-approve")
        self._judge_state()
        status = self._claim("a plan after that", "plan", "-detailed-exitcode", "-out=after")
        if status == 2:
            self._blame_changes()
        wanted = {cell.name for cell in self.cells if cell.call.kind.kept and self.step != "delete"}
        for name in wanted ^ set(self.space.state()):
            self._cell(name).problems.append("the next apply does not do what is wanted")

    def _claim(self, what, *command):
        status, errors = self.space.terraform(*command)
        # A run that ends early may use up sign-ins of providers that it did not wait for.
        for _ in range(HEEDED_AT_MOST):
            if not any([cell.call.kind.heed(admin, cell.name, text) for cell, text in errors if cell]):
                break
            status, errors = self.space.terraform(*command)
        for cell, text in errors:
            for one in [cell] if cell else self.cells:
                one.problems.append(f"{what} fails: {text}")
        return status

    def _blame_changes(self):
        for change in self.space.show("after")["resource_changes"]:
            if change["change"]["actions"] != ["no-op"]:
                self._cell(change["name"]).problems.append(
                    f"the apply after it leaves something to do: {change['change']['actions']}"
                )

    def _cell(self, name):
        return next(cell for cell in self.cells if cell.name == name)

    def _judge_log(self, entries):
        """entries: since the step began. Nothing is made twice, and nothing is made that was there."""
        made = [e for e in entries if e["service"] == "ecr" and e["took_effect"] and e["operation"].startswith("Create")]
        for cell in self.cells:
            times = sum(1 for entry in made if about(entry, cell.name))
            allowed = (0 if self.step in MADE_BEFORE else 1) + cell.was_tainted
            if times > allowed:
                cell.problems.append(f"it was created {times} times")


def names_in(entry):
    """Of the objects that a request was for; reads share calls."""
    text = f"{entry['access_key_id']} {entry['user_agent']} {json.dumps(entry['body'])}"
    return set(re.findall(r"c\d{4}\b", text.lower()))


def about(entry, name):
    return name in names_in(entry)
