"""A simulated Anthropic Messages API, for a machine without a key and for tests.

It speaks the real wire format (API version 2026-10-21) to the real `anthropic` SDK over loopback, and it
never imports Django. `python -m romagent.embedded.messages_api` runs it; `process.SimulatedApi` drives it
from a test.
"""
