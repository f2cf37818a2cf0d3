"""What is measured: cases, each a configuration with a few commands, which all subjects run in turn, round by round. So whatever
else the machine does meanwhile, it does to all of them."""

import contextlib
import json
import os
import statistics
import sys
from dataclasses import dataclass, field

import subjects
from workspace import Workspace, apart, whole
from worlds import LocalEcr, Stub


@dataclass(frozen=True)
class Command:
    step: str
    arguments: tuple
    says: str
    parallelism: int = 10


@dataclass(frozen=True)
class Case:
    name: str
    commands: tuple
    rounds: int
    peer_rounds: int  # of those
    watched_rounds: int = 1
    objects: int = 0  # repositories, each with a lifecycle policy; 0 is the lab
    is_fresh: bool = False  # each round begins with nothing
    needs_local_ecr: bool = False
    delay_ms: int = 0  # how much later each call is answered

    def files(self, subject):
        return {"main.tf": subject.pairs(self.objects)} if self.objects else subjects.lab(subject)

    def rounds_of(self, subject):
        return self.peer_rounds if subject.name == "peer" else self.rounds


def refresh(step, parallelism):
    return Command(step, ("plan", f"-parallelism={parallelism}"), "No changes.", parallelism)


FROM_NOTHING = (
    Command("validate", ("validate",), "Success!"),
    Command("plan", ("plan", "-out=tfplan"), "Plan: 2 to add"),
    Command("apply", ("apply", "tfplan"), "Apply complete!"),
)
REFRESHES = (refresh("refresh", 10), refresh("refresh", 64))


@dataclass
class Row:
    """All samples of one command of one subject: name of a figure -> its values, and calls by operation likewise."""

    samples: dict = field(default_factory=dict)
    calls: dict = field(default_factory=dict)

    def add(self, figures):
        for name, value in figures.items():
            self.samples.setdefault(name, []).append(value)

    def add_counters(self, counters):
        counters = dict(counters)
        for name, value in counters.pop("calls").items():
            self.calls.setdefault(name, []).append(value)
        self.add(counters)

    def medians(self):
        found = {name: round(statistics.median(values), 2) for name, values in self.samples.items()}
        wall = self.samples["wall_ms"]
        found.update(rounds=len(wall), wall_ms_min=round(min(wall), 2), wall_ms_max=round(max(wall), 2))
        found["calls"] = {name: statistics.median(values) for name, values in sorted(self.calls.items())}
        for name in [name for name in found if name.endswith("peak_kib")]:
            found[name] = max(self.samples[name])
        return found


def whole_and_apart(processes):
    """Terraform without a provider needs no second run."""
    return {**whole(processes), **apart(processes)}


def say(text):
    print(text, file=sys.stderr, flush=True)


class Place:
    """Where one subject runs a case: a directory to be timed in, one to be watched in, and what both call."""

    def __init__(self, bench, case, subject, stack):
        """stack stops what is started here."""
        self.case = case
        self.subject = subject
        self.world = LocalEcr() if case.needs_local_ecr else Stub(bench.tools["stub"], case.delay_ms)
        stack.callback(self.world.stop)
        directory = os.path.join(bench.work, f"{case.name}-{subject.name}".replace(" ", "-"))
        self._make = lambda suffix, settings: Workspace(
            directory + suffix, self.files(), self.world, settings, bench.tools
        )
        self.timed = self._make("", bench.settings)
        self._watched_settings = bench.watched_settings
        if not case.is_fresh:
            self._make_objects(bench)

    def files(self):
        files = self.case.files(self.subject)
        if self.case.needs_local_ecr:
            # A cache rule's prefix is unique in a region, so each subject has its own.
            region = {"floor": "eu-west-1", "ours": "eu-west-2", "peer": "eu-west-3"}[self.subject.name]
            files["here.auto.tfvars"] = f'region = "{region}"\n'
        return files

    def _make_objects(self, bench):
        """By an apply; or, since terraform needs minutes to apply 2,000 objects, from the state of one. The plans that are
        measured find no changes, or the bench fails."""
        small = bench.state_of_one.get(self.subject.name)
        if self.case.objects > 1 and small:
            self._multiply(json.loads(small))
        else:
            self.timed.must("apply", "-auto-approve")
        if self.case.objects == 1:
            with open(self.timed.state, encoding="utf-8") as file:
                bench.state_of_one[self.subject.name] = file.read()

    def _multiply(self, state):
        for resource in state["resources"]:
            one = json.dumps(resource["instances"][0])
            resource["instances"] = [
                {**json.loads(one.replace("app-0", f"app-{i}")), "index_key": i} for i in range(self.case.objects)
            ]
        with open(self.timed.state, "w", encoding="utf-8") as file:
            json.dump(state, file)
        policies = [resource for resource in state["resources"] if "lifecycle_policy" in resource["type"]]
        for instance in policies[0]["instances"] if policies else []:
            name = instance["attributes"]["repository"]
            self.world.call("CreateRepository", {"repositoryName": name})
            text = instance["attributes"]["policy"]
            self.world.call("PutLifecyclePolicy", {"repositoryName": name, "lifecyclePolicyText": text})

    def watched(self):
        place = self._make("-watched", self._watched_settings)
        if not self.case.is_fresh:
            place.take_state(self.timed)
        return place

    def run(self, workspace, rows, figures_of, with_counters=True):
        """One round of the case's commands."""
        if self.case.is_fresh:
            workspace.start_over()
        for command in self.case.commands:
            processes, counters = workspace.terraform(*command.arguments, says=command.says)
            row = rows.setdefault((command.step, command.parallelism, self.subject.name), Row())
            row.add(figures_of(processes))
            if with_counters:
                row.add_counters(counters)


def takes_part(number, rounds, own_rounds):
    """Whether a subject that has fewer rounds runs in this one: they are spread over all."""
    every = max(1, rounds // max(1, own_rounds))
    return number % every == 0 and number // every < own_rounds


def timed_rounds(case, places, rows):
    """All subjects in turn, another one first in each round."""
    for number in range(case.rounds):
        turn = number % len(places)
        for place in places[turn:] + places[:turn]:
            if takes_part(number, case.rounds, case.rounds_of(place.subject)):
                place.run(place.timed, rows, whole_and_apart if place.subject.is_floor else whole)


def watched_rounds(case, places, rows):
    for place in places:
        if place.subject.is_floor:
            continue
        watched = place.watched()
        for _ in range(min(case.watched_rounds, case.rounds_of(place.subject))):
            place.run(watched, rows, apart, with_counters=False)


def run_case(bench, case):
    """The case's rows."""
    say(f"{case.name}: {case.rounds} rounds, hashicorp/aws in {case.peer_rounds if bench.has_peer else 0} of them")
    rows = {}
    with contextlib.ExitStack() as stack:
        places = []
        for subject in bench.subjects:
            if case.rounds_of(subject):
                places.append(Place(bench, case, subject, stack))
        timed_rounds(case, places, rows)
        watched_rounds(case, places, rows)
    about = {"case": case.name, "repositories": case.objects}
    return [
        {**about, "step": step, "parallelism": parallelism, "subject": name, **row.medians()}
        for (step, parallelism, name), row in rows.items()
    ]
