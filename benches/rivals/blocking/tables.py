#!/usr/bin/env python3
"""Makes Markdown tables of the figures of `run.py blocking`.

    benches/rivals/blocking/tables.py target/rivals/blocking.json           prints them
    benches/rivals/blocking/tables.py target/rivals/blocking.json --write   writes them into docs/performance.md
"""

import json
import re
import statistics
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs/performance.md"
BEGIN, END = "<!-- figures of benches/rivals/run.py blocking -->", "<!-- end of the figures -->"


def size_name(size):
    """Returns the name of a number of bytes."""
    return f"{size} B" if size < 1024 else f"{size // 1024} KiB"


def number(value):
    """Returns a number with three digits or more."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Tables:
    """The tables, and which libraries are ahead in them."""

    def __init__(self, result):
        self.result = result
        self.names = [name for name, _ in result["programs"]]
        self.lines = []

    def sizes(self, kind):
        """Returns the sizes that were measured."""
        found = [re.fullmatch(rf"{kind} (\d+)", row) for row in self.result["figures"]]
        return sorted(int(match[1]) for match in found if match)

    def column(self, row, index=None):
        """Returns medians by name."""
        measured = self.result["figures"].get(row, {})
        pick = (lambda value: value) if index is None else (lambda value: value[index])
        return {name: statistics.median(pick(value) for value in values) for name, values in measured.items()}

    def add(self, title, heads, columns, rows):
        """Adds a table. Notes below it name the rows that failed, or that have fewer runs."""
        self.lines += ["", title, "", "| library | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        for name in self.names:
            cells = [number(column[name]) if name in column else "–" for column in columns]
            self.lines.append(f"| {name} | " + " | ".join(cells) + " |")
        failed = {}
        for row in rows:
            for name, reason in self.result["failures"].get(row, {}).items():
                failed.setdefault((name, reason), []).append(row)
            for name in self.result["slow"].get(row, []):
                failed.setdefault((name, "fewer runs, because a run takes long"), []).append(row)
        if "memory" in rows:
            failed.update({item: rows for item in self.result["fewer peers"].items()})
        if failed:
            self.lines.append("")
        self.lines += [f"* {name}, {', '.join(where)}: {reason}." for (name, reason), where in failed.items()]

    def ahead(self, heads, columns, more):
        """Adds a line with the libraries that are ahead of this crate."""
        found = []
        for head, column in zip(heads, columns):
            ours = next((name for name in column if name.endswith("(this crate)")), None)
            if not ours:
                return
            ratios = {name: value / column[ours] if more else column[ours] / value for name, value in column.items() if value}
            better = sorted(((ratio, name) for name, ratio in ratios.items() if ratio > 1.03 and name != ours), reverse=True)
            if better:
                found.append(f"{head}: " + ", ".join(f"{name} ({ratio:.2f})" for ratio, name in better))
        text = "; ".join(found) if found else "none"
        self.lines += ["", f"Libraries ahead of this crate by more than 3 %, each with the ratio of the figures: {text}."]

    def make(self):
        """Returns the text."""
        self.lines += ["| library | settings |", "|---|---|"]
        self.lines += [f"| {name} | {settings} |" for name, settings in self.result["programs"]]
        sizes = self.sizes("throughput")
        if sizes:
            rows = [f"throughput {size}" for size in sizes]
            heads = [size_name(size) for size in sizes]
            columns = [{name: value / 1000 for name, value in self.column(row, 0).items()} for row in rows]
            title = "Throughput from PUSH to PULL for several message sizes, in thousand messages per second (more is better):"
            self.add(title, heads, columns, rows)
            self.ahead(heads, columns, True)
            columns = [self.column(row, 1) for row in rows]
            title = "Processor time that both processes use in the same runs, in microseconds for each message (less is better):"
            self.add(title, heads, columns, [])
            self.ahead(heads, columns, False)
        sizes = self.sizes("latency")
        if sizes:
            rows = [f"latency {size}" for size in sizes]
            heads = [f"{size_name(size)}, {percentile}" for size in sizes for percentile in ("p50", "p99", "p99.9")]
            columns = [self.column(row, index) for row in rows for index in range(3)]
            title = (
                "Time of a whole round trip between REQ and REP, in microseconds (less is better). The median is p50. One round trip of"
                " a hundred takes longer than p99, and one of a thousand takes longer than p99.9:"
            )
            self.add(title, heads, columns, rows)
            self.ahead(heads, columns, False)
        peers = self.result["figures"].get("peers")
        if peers:
            heads, columns = ["kB"], [{name: value / 1000 for name, value in self.column("memory").items()}]
            title = f"Memory that a PULL socket takes for each of {peers:,} idle peers, in thousand bytes (less is better):"
            self.add(title, heads, columns, ["memory"])
            self.ahead(heads, columns, False)
        if "subscriptions" in self.result["figures"]:
            heads = ["time to subscribe, ms", "bytes of a subscription", "time of a message, µs"]
            columns = [self.column("subscriptions", index) for index in range(3)]
            columns[0] = {name: value * 1000 for name, value in columns[0].items()}
            title = (
                "A subscriber with 100,000 subscriptions: the time until all of them have an effect, the memory of each in both processes,"
                " and the time that a matching message takes to arrive (less is better):"
            )
            self.add(title, heads, columns, ["subscriptions"])
            self.ahead(heads, columns, False)
        return "\n".join(self.lines)


def tables(result):
    """Returns the tables of the figures."""
    return Tables(result).make()


def main():
    text = tables(json.loads(Path(sys.argv[1]).read_text()))
    if "--write" not in sys.argv:
        print(text)
        return
    page = PAGE.read_text()
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        sys.exit(f"tables.py: {PAGE} needs the lines '{BEGIN}' and '{END}'")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
