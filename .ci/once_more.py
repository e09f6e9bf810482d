"""The few tests that failed in a whole run, once more and alone; after `make test` in `.ci/run`. See decision 19.

Fails when more than `FEW` failed, when nothing says which, and when one of them fails again. It names them all, so a
test that had to be run twice is seen and mended: it, or the product, depends on how fast the machine is.
"""

import json
import subprocess
import sys
from pathlib import Path

FEW = 4
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main(failed: list[str]) -> int:
    """The exit status, after the second run."""
    if not failed or len(failed) > FEW:
        return 1
    names = "\n".join(f"  {name}" for name in failed)
    print(f"ATENÇÃO: estes testes falharam e são executados mais uma vez, sozinhos:\n{names}", flush=True)
    status = subprocess.run(["make", "test", "ARGS=--last-failed --last-failed-no-failures=none"]).returncode
    if status == 0:
        print(f"ATENÇÃO: só passaram na segunda vez, sozinhos; é preciso ver por quê:\n{names}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sorted(json.loads(LAST_FAILED.read_text())) if LAST_FAILED.exists() else []))
