"""Everything that is measured, or a choice: `python -m benchmarks [--only live,pages] [-- arguments of one group]`.

Keeps the figures of each group in `benchmarks/results/<group>.json`, with the machine, the date and the commit, and draws
them beside it as SVG. `--draw` draws again what was kept. `--list` names the groups. Ends with 1 when a group failed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.drawing import draw
from benchmarks.groups import GROUPS, Group
from benchmarks.stack import ROOT
from benchmarks.watch import busy_seconds

RESULTS = ROOT / "benchmarks" / "results"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="groups, with commas between them; default: all")
    parser.add_argument("--list", action="store_true", help="name the groups and end")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw what was kept")
    parser.add_argument("arguments", nargs="*", help="after `--`: instead of the one group's own short ones")
    options = parser.parse_args()
    chosen = choose(options.only)
    if options.arguments and len(chosen) != 1:
        parser.error("arguments are of one group: name it by --only")
    if options.list:
        for group in chosen:
            print(f"{group.name:<12}{group.what} (python -m benchmarks.{group.module} {' '.join(group.arguments)})")
        return 0
    failed = []
    for group in chosen:
        if not options.draw and not measure(group, tuple(options.arguments) or group.arguments):
            failed.append(group.name)
        if (RESULTS / f"{group.name}.json").exists():
            picture(group)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def choose(only: str) -> list[Group]:
    names = [name for name in only.split(",") if name]
    known = {group.name: group for group in GROUPS}
    if strange := [name for name in names if name not in known]:
        raise SystemExit(f"no such group: {', '.join(strange)}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(GROUPS)


def measure(group: Group, arguments: tuple[str, ...]) -> bool:
    """Runs it in a process of its own, shows what it says, and keeps its figures."""
    print(f"\n== {group.name}: {group.what}", flush=True)
    began, busy = time.monotonic(), busy_seconds()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "figures.json"
        extra = ("--json", str(path)) if group.module == "live" else ()
        command = [sys.executable, "-m", f"benchmarks.{group.module}", *arguments, *extra]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            said = listen(process)
        figures = json.loads(path.read_text()) if path.exists() else printed(said)
    took = time.monotonic() - began
    if process.returncode:
        print(f"{group.name} ended with {process.returncode}", file=sys.stderr)
    if figures is None:
        return False
    kept = {
        "group": group.name,
        "command": f"python -m benchmarks.{group.module} {' '.join(arguments)}".strip(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": commit(),
        "machine": machine(),
        "seconds": round(took),
        "machine_busy_cores": round((busy_seconds() - busy) / took, 2),
        "load_average": round(os.getloadavg()[0], 1),
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{group.name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return process.returncode == 0


def listen(process: subprocess.Popen[str]) -> str:
    """Everything that it prints, shown as it comes; it is stopped when we are."""
    lines = []
    try:
        for line in process.stdout or ():
            lines.append(line)
            print(line, end="", flush=True)
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise
    return "".join(lines)


def printed(said: str) -> Any:
    """The JSON objects that begin at the beginning of a line: the only one, a list of several, or None."""
    found, place = [], -1
    while (place := said.find("{", place + 1)) >= 0:
        if place and said[place - 1] != "\n":
            continue
        try:
            value, place = json.JSONDecoder().raw_decode(said, place)
        except ValueError:
            continue
        found.append(value)
    return found[0] if len(found) == 1 else found or None


def picture(group: Group) -> None:
    kept = json.loads((RESULTS / f"{group.name}.json").read_text())
    machine = kept["machine"]
    below = (
        f"{kept['date']}, {kept['commit']}, {machine['cores']} cores ({machine['processor']}), all that ran took "
        f"{kept['machine_busy_cores']} cores; load {kept['load_average']}"
    )
    path = RESULTS / f"{group.name}.svg"
    path.write_text(draw(group.what[0].upper() + group.what[1:], below, group.charts(kept["figures"])))
    print(f"{path.relative_to(ROOT)}")


def commit() -> str:
    """With a `+` when the tree differs from it."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip() or "unknown"


def machine() -> dict[str, Any]:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "cores": os.cpu_count(),
        "processor": names[0] if names else platform.machine(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
