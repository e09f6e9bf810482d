"""Asks the Python Package Index about known vulnerabilities of what the product needs; part of `make check`.

Fails for one that is known. Where the index cannot be reached, or is a mirror that knows of none, it says so and does
not fail: nothing has been looked at then, and whoever has a network looks next.
"""

import json
import subprocess
import sys
from pathlib import Path

SECONDS = 60
NEEDED = ["requirements.txt"]
NOT_ASKED = "ATENÇÃO: não foi possível consultar a base de vulnerabilidades"


def audited() -> dict[str, object] | str:
    """pip-audit's report, or why there is none."""
    files = [word for name in NEEDED for word in ("-r", name)]
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    try:
        done = subprocess.run([*command, "--format=json", *files], capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"sem resposta em {SECONDS} segundos"
    try:
        found: dict[str, object] = json.loads(done.stdout)
        return found
    except json.JSONDecodeError:
        return (done.stderr.strip().splitlines() or ["sem resposta"])[-1][:300]


def main(report: dict[str, object] | str) -> int:
    """The exit status, after saying what was found."""
    if isinstance(report, str):
        print(f"{NOT_ASKED}: {report}", file=sys.stderr)
        return 0
    packages: list[dict[str, object]] = report["dependencies"]  # type: ignore[assignment]
    skipped = [package for package in packages if "skip_reason" in package]
    bad = [package for package in packages if package.get("vulns")]
    for package in bad:
        for one in package["vulns"]:  # type: ignore[attr-defined]
            fixed = ", ".join(one["fix_versions"]) or "nenhuma versão ainda"
            print(f"{package['name']} {package['version']}: {one['id']} (corrigida em: {fixed})", file=sys.stderr)
    if skipped:
        print(f"{NOT_ASKED} sobre {len(skipped)} de {len(packages)} pacotes.", file=sys.stderr)
    else:
        print(f"{len(packages)} pacotes consultados; {len(bad)} com vulnerabilidade conhecida.")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(audited()) if Path(NEEDED[0]).exists() else "Rode da raiz do repositório.")
