#!/usr/bin/env python3
"""Draws the pictures in docs/pictures/ from the tables of docs/performance.md and docs/async.md.

    benches/pictures.py          writes the pictures
    benches/pictures.py --check  fails if a picture does not show its table

Each picture has a bar for each figure. The figures are the medians: the first number of a cell.
"""

import html
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLORS = ["#c2410c", "#57606a"]
WIDTH, LABELS, FIGURES, BAR, GAP = 800, 310, 90, 16, 10

# File, page, first column of the table, columns to draw with their names, title.
PICTURES = [
    (
        "throughput.svg",
        "docs/performance.md",
        "throughput, tcp",
        {"this crate, 1000/s": "this crate", "C, 1000/s": "libzmq as released, in C"},
        "Throughput over TCP, thousand messages a second (more is better)",
    ),
    (
        "latency.svg",
        "docs/performance.md",
        "round trip",
        {"this crate, µs": "this crate", "C, µs": "libzmq as released, in C"},
        "One way of a round trip, microseconds (less is better)",
    ),
    (
        "rivals-throughput.svg",
        "docs/performance.md",
        "library",
        {"1 KiB": ""},
        "PUSH to PULL over TCP, 1 KiB, thousand messages a second (more is better)",
    ),
    (
        "rivals-latency.svg",
        "docs/performance.md",
        "library",
        {"1 B, p50": ""},
        "REQ to REP and back over TCP, 1 byte, median in microseconds (less is better)",
    ),
    (
        "async.svg",
        "docs/async.md",
        "library, settings",
        {"thousand messages a second": ""},
        "PUSH to PULL over TCP, 64 bytes, thousand messages a second (more is better)",
    ),
]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table(page, first, columns):
    """Returns the head and the rows of the table whose first column has this name, and which has these columns."""
    lines = iter((ROOT / page).read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("|") and cells(line)[0] == first and set(columns) <= set(cells(line)):
            next(lines)
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    break
                rows.append(cells(row))
            return cells(line), rows
    sys.exit(f"{page} has no table that begins with '{first}' and has the columns {', '.join(columns)}")


def number(cell):
    """Returns the first number of a cell, or None for a cell without a number."""
    found = re.match(r"[\d.]+", cell)
    return float(found.group()) if found else None


def picture(head, rows, columns, title):
    """Returns the picture as SVG."""
    places = [head.index(column) for column in columns]
    groups = [(row[0].replace("`", ""), [number(row[place]) for place in places]) for row in rows]
    groups = [(label, values) for label, values in groups if None not in values]
    most = max(value for _, values in groups for value in values)
    scale = (WIDTH - LABELS - FIGURES) / most
    body, top = [], 70 if len(columns) > 1 else 48
    for label, values in groups:
        middle = top + len(values) * BAR / 2
        body.append(text(LABELS - 10, middle + 4, label, "end"))
        for index, value in enumerate(values):
            length = value * scale
            ours = len(columns) > 1 and index == 0 or len(columns) == 1 and label.startswith(("zmq,", "zmq (this crate)"))
            color = COLORS[0] if ours else COLORS[1]
            body.append(
                f'<rect x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR - 2}" fill="{color}"/>'
            )
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
            body.append(text(LABELS + length + 6, top + BAR - 5, shown, "start"))
            top += BAR
        top += GAP
    if len(columns) > 1:
        for index, name in enumerate(columns.values()):
            x = LABELS + index * 160
            body.append(f'<rect x="{x}" y="44" width="12" height="12" fill="{COLORS[index]}"/>')
            body.append(text(x + 18, 54, name, "start"))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 6}" '
        f'viewBox="0 0 {WIDTH} {top + 6}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{top + 6}" fill="#ffffff"/>',
        f'<text x="10" y="26" font-size="15" font-weight="bold" fill="#1f2328">{html.escape(title)}</text>',
        *body,
        "</svg>",
        "",
    ])


def text(x, y, words, anchor):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1f2328">{html.escape(words)}</text>'


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    folder = ROOT / "docs/pictures"
    folder.mkdir(exist_ok=True)
    for file, page, first, columns, title in PICTURES:
        drawn = picture(*table(page, first, columns), columns, title)
        path = folder / file
        if not sys.argv[1:]:
            path.write_text(drawn, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != drawn:
            sys.exit(f"docs/pictures/{file} does not show its table: run benches/pictures.py")


if __name__ == "__main__":
    main()
