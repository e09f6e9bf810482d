"""The long form: `python -m tests.chaos [--seconds 600] [--seed 7] [--lawyers 50]`; without a seed, another one each time."""

import argparse
import os
import secrets
import sys


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.chaos", description="Everything breaks while lawyers work.")
    parser.add_argument("--seconds", type=float, default=600, help="of breaking; what follows takes a few minutes more")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of the plan")
    parser.add_argument("--lawyers", type=int, default=50)
    given = parser.parse_args()
    names = {"CHAOS_SECONDS": given.seconds, "CHAOS_SEED": given.seed, "CHAOS_LAWYERS": given.lawyers}
    environment = os.environ | {name: str(value) for name, value in names.items()}
    os.execve(sys.executable, [sys.executable, "-m", "pytest", "-s", "-q", "tests/chaos"], environment)


if __name__ == "__main__":
    main()
