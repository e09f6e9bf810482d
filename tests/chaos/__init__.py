"""The real processes under a load of lawyers while a seeded script breaks them; afterwards, everything is accounted for.

`test_chaos.py` runs it, `python -m tests.chaos` for as long as one likes. What is promised: docs/caos.md.
"""
