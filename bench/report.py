"""What the figures of a run say: the goals and whether they are reached, and tables for a terminal and for a page. Everything
here is read out of the result alone, so that a kept bench.json can be looked at again."""

KIB_PER_MIB = 1024
NAMES = {"floor": "Terraform", "ours": "ours", "peer": "hashicorp/aws"}


def row(result, subject, step, repositories=None, parallelism=10):
    """None if that was not measured."""
    for one in result["rows"]:
        found = one["subject"] == subject and one["step"] == step
        if found and (repositories is None or one["repositories"] == repositories):
            if one.get("parallelism", parallelism) == parallelism:
                return one
    return None


def figure(result, subject, name, step, repositories=None, parallelism=10):
    found = row(result, subject, step, repositories, parallelism)
    return found.get(name) if found else None


def divided(a, b):
    return None if a is None or not b else a / b


def calls(found):
    """All calls of a row."""
    return sum(found["calls"].values()) if found else None


def per_resource(result, subject, name):
    """How a figure per resource at 1,000 repositories compares with that at 100."""
    large = figure(result, subject, name, "refresh", 1000)
    small = figure(result, subject, name, "refresh", 100)
    return divided(divided(large, 1000), divided(small, 100))


# ---- Goals ----


def _goal(name, value, limit, unit, at_least=False):
    reached = None if value is None else (value >= limit if at_least else value <= limit)
    return {
        "name": name,
        "goal": f"{'>=' if at_least else '<='} {limit:g}{unit}",
        "value": None if value is None else round(value, 2),
        "unit": unit,
        "reached": reached,
    }


def accounts(result, *which):
    """Where the CPU of a plan goes, in ms: what Terraform needs alone, what it needs more because there is a provider, and the
    provider's processes before and after their handshakes. None when one of them was not measured."""
    ours, floor = (row(result, subject, *which) for subject in ("ours", "floor"))
    handshake = figure(result, "ours", "cpu_ms", "handshake")
    if not (ours and floor and handshake and ours.get("provider_cpu_ms")):
        return None
    start = ours["provider_processes"] * handshake
    terraform = floor["terraform_cpu_ms"]
    return terraform, ours["terraform_cpu_ms"] - terraform, start, ours["provider_cpu_ms"] - start


def _without_provider(result, *which):
    """What a provider that took no time would get."""
    found = accounts(result, *which)
    return f"{divided(sum(found[:2]), found[0]):.2f}x by CPU without the provider's part" if found else ""


def _lab_goals(result, step, name):
    ours, floor, peer = (figure(result, subject, "wall_ms", step) for subject in ("ours", "floor", "peer"))
    beside_floor = _goal(f"{name}, beside Terraform's floor", divided(ours, floor), 2.0, "x")
    beside_floor["note"] = _without_provider(result, step)
    faster = _goal(f"{name}, faster than hashicorp/aws", divided(peer, ours), 35, "x", at_least=True)
    if peer and floor:
        faster["note"] = f"Terraform's floor itself is {divided(peer, floor):.0f}x faster"
    return [beside_floor, faster]


def _large_goal(result):
    ours, floor = (figure(result, subject, "wall_ms", "refresh", 1000) for subject in ("ours", "floor"))
    name = "plan of 1,000 repositories + policies, beside Terraform's floor for 2,000"
    return {**_goal(name, divided(ours, floor), 1.5, "x"), "note": _without_provider(result, "refresh", 1000)}


def _memory_goal(result, repositories, limit):
    peak = figure(result, "ours", "provider_peak_kib", "refresh", repositories)
    return _goal(f"provider's peak memory, plan of {_pairs(repositories)}", divided(peak, KIB_PER_MIB), limit, " MiB")


def _pairs(repositories):
    return "1 repository + policy" if repositories == 1 else f"{repositories:,} repositories + policies"


def _growth_goal(result, what, name):
    value = per_resource(result, "ours", name)
    goal = _goal(f"{what} per resource at 1,000, beside that at 100", value, 1.15, "x")
    parts = {"Terraform alone": per_resource(result, "floor", name)}
    if name == "cpu_ms":
        parts["the provider alone"] = per_resource(result, "ours", "provider_cpu_ms")
    goal["note"] = ", ".join(f"{whose} {part:.2f}x" for whose, part in parts.items() if part)
    return goal


def goals(result):
    large = row(result, "ours", "refresh", 1000)
    return [
        _goal("release binary", result["subjects"]["ours"]["bytes"] / 1e6, 9.5, " MB"),
        *_lab_goals(result, "lab", "plan of the lab"),
        *_lab_goals(result, "lab over TLS", "the same over TLS, local ECR"),
        _memory_goal(result, 1, 10),
        _memory_goal(result, 1000, 16),
        _large_goal(result),
        _goal("AWS calls of that for each repository + policy", divided(calls(large), 1000), 2.15, ""),
        *(_growth_goal(result, what, name) for what, name in (("time", "wall_ms"), ("CPU", "cpu_ms"))),
    ]


# ---- Tables: a title, a head, and rows of texts ----


def _number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def _ratio(a, b):
    ratio = divided(a, b)
    return "" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:,.0f}x"


def _mib(kib):
    return "" if kib is None else f"{kib / KIB_PER_MIB:,.1f}"


def _label(one):
    if one["step"].startswith("refresh"):
        where = ", AWS 10 ms away" if one["step"] == "refresh from afar" else ""
        return f"plan, no changes: {one['repositories']:,}, parallelism {one['parallelism']}{where}"
    return {
        "handshake": "start to handshake",
        "validate": "validate",
        "plan": "plan: 1 to create",
        "apply": "apply of that plan",
        "lab": "plan of the lab after apply",
        "lab over TLS": "the same over TLS, local ECR",
    }[one["step"]]


def _steps(result):
    """[(label, {subject: row})]"""
    found = {}
    for one in result["rows"]:
        found.setdefault(_label(one), {})[one["subject"]] = one
    return list(found.items())


def _get(rows, subject, name):
    return rows.get(subject, {}).get(name)


def _time_table(result):
    table = []
    for label, rows in _steps(result):
        floor, ours, peer = (_get(rows, subject, "wall_ms") for subject in NAMES)
        wall = [_number(value, 0 if floor else 1) for value in (floor, ours, peer)]
        table.append([label, *wall, _ratio(ours, floor), _ratio(peer, ours)])
    return "Time: medians, ms", ["", "Terraform", "ours", "aws", "ours / Terraform", "aws / ours"], table


def _cpu_table(result):
    table = []
    for label, rows in _steps(result):
        together = [_number(_get(rows, subject, "cpu_ms"), 1) for subject in NAMES]
        provider = [_number(_get(rows, subject, "provider_cpu_ms"), 1) for subject in ("ours", "peer")]
        ours, floor = (_get(rows, subject, "cpu_ms") for subject in ("ours", "floor"))
        table.append([label, *together, _ratio(ours, floor), *provider])
    head = ["", "Terraform", "with ours", "with aws", "ours / Terraform", "of it ours", "of it aws"]
    return "CPU of all processes together: medians, ms", head, table


# The plans that are looked into: repositories (0 is the lab) -> what they are called, and which rows they are.
PLANS = {
    0: ("the lab after apply", ("lab",)),
    1000: ("no changes: 1,000, parallelism 10", ("refresh", 1000)),
}


def _account_table(result):
    table = []
    for label, which in PLANS.values():
        found = accounts(result, *which)
        if found:
            table.append([f"plan, {label}", *(_number(ms, 1) for ms in found)])
    head = ["", "Terraform alone", "Terraform, for a provider", "ours, to the handshake", "ours, after it"]
    return "Where the CPU of a plan goes: ms", head, table


def _memory_table(result):
    table = []
    for label, rows in _steps(result):
        providers = [_mib(_get(rows, subject, "provider_peak_kib")) for subject in ("ours", "peer")]
        terraform = [_mib(_get(rows, subject, "terraform_peak_kib")) for subject in NAMES]
        table.append([label, *providers, *terraform])
    head = ["", "ours", "aws", "Terraform alone", "Terraform with ours", "Terraform with aws"]
    return "Peak memory of a process: MiB", head, table


def _calls_table(result):
    head = ["", *(f"{what}, {who}" for what in ("calls", "connections", "operations") for who in ("ours", "aws"))]
    table = []
    for label, rows in _steps(result):
        both = [rows.get("ours", {}), rows.get("peer", {})]
        if not any("calls" in one and one["calls"] for one in both):
            continue
        numbers = [_number(calls(one)) if one else "" for one in both]
        connections = [_number(one.get("connections")) for one in both]
        table.append([label, *numbers, *connections, *(_operations(one) for one in both)])
    return "Calls of AWS: medians", head, table


def _operations(one):
    return ", ".join(f"{name} {value:g}" for name, value in one.get("calls", {}).items())


def _size_table(result):
    rows = [
        [NAMES[name], one["version"], f"{one['bytes'] / 1e6:,.1f} MB"]
        for name, one in result["subjects"].items()
        if one["bytes"]
    ]
    return "Installed", ["", "version", "size"], rows


def _goal_table(result):
    rows = []
    for one in goals(result):
        value = "not measured" if one["value"] is None else f"{one['value']:g}{one['unit']}"
        mark = {True: "reached", False: "NOT REACHED", None: ""}[one["reached"]]
        rows.append([one["name"], one["goal"], value, mark, one.get("note", "")])
    return "Goals", ["", "goal", "figure", "", "of that"], rows


def tables(result):
    return [
        _size_table(result),
        _time_table(result),
        _cpu_table(result),
        _account_table(result),
        _memory_table(result),
        _calls_table(result),
        _goal_table(result),
    ]


def about(result):
    """The machine and what ran there, as lines."""
    machine = result["machine"]
    lines = [
        f"{result['date']}, {machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB; Terraform"
        f" {result['terraform']}; load {machine['load']} at the start; took {result['seconds']} s",
    ]
    if machine["load"] > machine["cores"]:
        lines.append("The machine was busy with other things: times mean little; CPU, memory and calls hardly suffer.")
    return lines + [f"Left out: {one}" for one in result["left_out"]]


def _aligned(cells, widths):
    first, *others = zip(cells, widths)
    return "  " + first[0].ljust(first[1]) + "".join("  " + cell.rjust(width) for cell, width in others)


def on_terminal(table):
    title, head, rows = table
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    return "\n".join([title, "", _aligned(head, widths), *(_aligned(cells, widths) for cells in rows), ""])


def terminal(result):
    parts = ["\n".join(about(result)) + "\n"]
    for title, head, rows in tables(result):
        if title.startswith("Calls"):
            head, rows = head[:5], [cells[:5] for cells in rows]
        parts.append(on_terminal((title, head, rows)))
    return "\n".join(parts)


def markdown(table):
    title, head, rows = table
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


# ---- What perf sampled ----


def _sorted_by_last(rows):
    return sorted(rows, key=lambda cells: -float(cells[-1].replace(",", "")))


def _terraform_profile(plan):
    alone, together = plan["alone"], plan["together"]
    rows = []
    for name in together:
        before, after = alone.get(name, 0), together[name]
        rows.append([name, *(_number(ms, 1) for ms in (before, after, after - before))])
    sums = [sum(one.values()) for one in (alone, together)]
    total = ["together", *(_number(ms, 1) for ms in (*sums, sums[1] - sums[0]))]
    return f"Terraform, {plan['label']}: ms of CPU", ["", "alone", "with this provider", "more"], _sorted_by_last(rows) + [total]


def _provider_profile(plan):
    rows = [[name, _number(ms, 1)] for name, ms in plan["provider"].items()]
    total = ["together", _number(sum(plan["provider"].values()), 1)]
    return f"This provider, {plan['label']}: ms of CPU", ["", "of all its processes"], _sorted_by_last(rows) + [total]


def profile_tables(profile):
    return [table(plan) for plan in profile["plans"] for table in (_terraform_profile, _provider_profile)]
