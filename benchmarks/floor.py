"""What no product can beat: the same arrivals, put to the simulated API directly with the SDK's own client."""

import time

from anthropic import AsyncAnthropic, DefaultAioHttpClient

from benchmarks.load import NUMBERED, Answer, arriving, marks_of, question
from benchmarks.stack import ROOT

MODEL = "claude-haiku-5-5"


def instructions() -> str:
    """As long a prompt as the product sends."""
    modes = ROOT / "conversations" / "modes"
    return "\n\n".join((modes / f"{name}.md").read_text(encoding="utf-8") for name in ("comum", "juridico"))


async def ask_api(client: AsyncAnthropic, mark: str) -> Answer:
    answer = Answer(mark, time.monotonic())
    stream = await client.messages.create(
        model=MODEL,
        max_tokens=8_000,
        system=instructions(),
        messages=[{"role": "user", "content": question(mark)}],
        stream=True,
    )
    async for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            for number in NUMBERED.findall(event.delta.text.encode()):
                answer.seen[int(number)] = time.monotonic()
        elif event.type == "message_stop":
            answer.whole = True
    return answer


async def measure(url: str, count: int, name: str) -> list[Answer]:
    """As many calls as people ask, at the same moments, by one client that has been used before."""
    http = DefaultAioHttpClient()
    async with AsyncAnthropic(api_key="simulada", base_url=url, http_client=http, max_retries=0) as client:
        await ask_api(client, "not counted")
        jobs = [lambda mark=mark: ask_api(client, mark) for mark in marks_of(name, count)]
        found: list[Answer] = await arriving(jobs)
    return found
