"""The figures of a run as one picture, in SVG: a panel for each question, a bar for each subject."""

from html import escape

from report import KIB_PER_MIB, NAMES, figure

COLOURS = {"floor": "#9aa5b1", "ours": "#0f8b6d", "peer": "#d9822b"}
FONT = "font-family='Helvetica, Arial, sans-serif'"
WIDTH, MARGIN = 960, 32
PANEL_WIDTH, GAP = 432, 32
BAR, STEP, NAME_WIDTH, VALUE_WIDTH = 22, 32, 104, 84
TOP = 96
HEADING = 20


def _seconds(value):
    return f"{value / 1000:.2f} s" if value >= 100 else f"{value:.1f} ms"


def _mib(value):
    return f"{value:,.0f} MiB" if value >= 100 else f"{value:.1f} MiB"


def _values(result, name, step, repositories=None, scale=1):
    found = {subject: figure(result, subject, name, step, repositories) for subject in NAMES}
    return {subject: value / scale for subject, value in found.items() if value is not None}


def _sizes(result):
    return {name: one["bytes"] / 1e6 for name, one in result["subjects"].items() if one["bytes"]}


def panels(result):
    """(title, {subject: value}, how a value is written)"""
    return [
        ("Plan of the lab, nothing to change", _values(result, "wall_ms", "lab"), _seconds),
        ("Plan of 1,000 repositories and policies", _values(result, "wall_ms", "refresh", 1000), _seconds),
        (
            "Provider's peak memory, the lab",
            _values(result, "provider_peak_kib", "lab", scale=KIB_PER_MIB),
            _mib,
        ),
        (
            "Provider's peak memory, the 1,000",
            _values(result, "provider_peak_kib", "refresh", 1000, KIB_PER_MIB),
            _mib,
        ),
        ("Start to handshake", _values(result, "wall_ms", "handshake"), _seconds),
        ("Size on disk", _sizes(result), lambda value: f"{value:,.1f} MB"),
    ]


def _text(x, y, text, size=14, more=""):
    return f"<text x='{x}' y='{y}' font-size='{size}' {FONT} {more}>{escape(text)}</text>"


def _bar(x, y, subject, value, largest, written):
    room = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH
    width = max(2, round(room * value / largest, 1))
    left = x + NAME_WIDTH
    colour = COLOURS[subject]
    return "\n".join(
        [
            _text(left - 8, y + 16, NAMES[subject], 13, "text-anchor='end' fill='#3e4c59'"),
            f"<rect x='{left}' y='{y}' width='{width}' height='{BAR}' rx='2' fill='{colour}'/>",
            _text(left + width + 8, y + 16, written(value), 13, "fill='#1f2933' font-weight='bold'"),
        ]
    )


def _panel(x, y, title, values, written):
    bars = [
        _bar(x, y + HEADING + STEP * place, subject, value, max(values.values()), written)
        for place, (subject, value) in enumerate(values.items())
    ]
    return "\n".join([_text(x, y, title, 15, "fill='#1f2933' font-weight='bold'"), *bars])


def _row(y, pair):
    """Two panels beside each other: their text, and where the next row begins."""
    xs = (MARGIN, MARGIN + PANEL_WIDTH + GAP)
    parts = [_panel(x, y, *panel) for x, panel in zip(xs, pair)]
    return "\n".join(parts), y + HEADING + STEP * max(len(values) for _, values, _ in pair) + GAP


def svg(result):
    shown = [panel for panel in panels(result) if panel[1]]
    rows, y = [], TOP
    for place in range(0, len(shown), 2):
        row, y = _row(y, shown[place : place + 2])
        rows.append(row)
    machine = result["machine"]
    about = f"{result['date']}, {machine['cores']} cores, Terraform {result['terraform']}; medians; shorter is better"
    size = f"viewBox='0 0 {WIDTH} {y}' width='{WIDTH}' height='{y}'"
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' {size}>",
            f"<rect width='{WIDTH}' height='{y}' fill='#ffffff'/>",
            _text(MARGIN, 38, "This provider, hashicorp/aws, and Terraform without a provider", 20, "fill='#1f2933'"),
            _text(MARGIN, 60, about, 13, "fill='#616e7c'"),
            *rows,
            "</svg>",
            "",
        ]
    )
