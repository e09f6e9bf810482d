"""Fifty people at work: each asks, reads, writes, sends files and looks at pages, and keeps a ledger of what was said."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp

from tests.chaos import cases, orders, summaries
from tests.chaos.clients import LIMIT_SECONDS, LOST, Browser, Unanswered, events
from tests.chaos.ledger import SHARED, Asked, Ledger, Paper, Renaming, Save, Sent
from tests.chaos.office import new_mark
from tests.client import CONVERSATION, EVENT_STREAM, REPLY, letters

STREAM_LIMIT = 30.0  # of one reading; afterwards it is taken up again
MOST_CONVERSATIONS, MOST_PAPERS = 4, 3
STATUS = re.compile(r'data-status="(\w+)"')
DOCUMENT = re.compile(r"/documentos/([0-9a-f-]{36})/")
WORDS = "prazo recurso contrato cliente acordo pedido laudo termo rol provas quesitos custas".split()  # noqa: SIM905


@dataclass
class Load:
    """All of them."""

    ports: list[int]
    ledger: Ledger
    people: list[dict[str, str]]
    seed: int
    pause: float = 2.0  # seconds between two things that one person does, on average
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until `leaving` is set and everybody is done with what she is doing."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        ) as session:
            self.session = session
            self.lawyers = [Lawyer(number, who, self) for number, who in enumerate(self.people)]
            async with asyncio.TaskGroup() as group:
                for lawyer in self.lawyers:
                    group.create_task(lawyer.work())

    async def flood(self, count: int) -> None:
        """So many pages at once, whose answers nobody waits for long."""

        async def look(lawyer: Lawyer) -> None:
            try:
                async with asyncio.timeout(LIMIT_SECONDS):
                    await lawyer.request("GET", "/conversas/")
            except (Unanswered, *LOST):
                pass

        await asyncio.gather(*(look(self.lawyers[number % len(self.lawyers)]) for number in range(count)))


class Lawyer(Browser):
    def __init__(self, number: int, who: dict[str, str], load: Load) -> None:
        super().__init__(number, who["cookie"], load, random.Random(load.seed * 1_000 + number))
        self.load = load
        self.may_see |= {case.number for case in self.ledger.cases if case.has(number)}
        self.conversations = [who["conversation"]]
        self.done: list[str] = []  # replies that were read to their end, whole
        self.cut: list[Asked] = []  # whose replies can be continued
        self.papers = [Paper(number, who["document"])]
        self.ledger.papers += self.papers
        self.files: list[tuple[bytes, str]] = []

    async def work(self) -> None:
        calls, weights = zip(*THINGS, strict=True)
        await asyncio.sleep(self.chance.uniform(0, 3))
        while not self.load.leaving.is_set():
            call = self.chance.choices(calls, weights)[0]
            try:
                await call(self)
                self.ledger.count(call.__name__)
            except (Unanswered, *LOST):
                self.ledger.count(f"{call.__name__}, unanswered")
            except Exception as error:  # an answer that nobody expects is a fault, too
                self.ledger.wrong(f"{call.__name__}: {error!r}")
            try:
                async with asyncio.timeout(self.chance.expovariate(1 / self.load.pause)):
                    await self.load.leaving.wait()
            except TimeoutError:
                pass

    # Questions ----------------------------------------------------------------------------------

    def question(self, place: int | None = None) -> Asked:
        """Of hers, or of a case that she works on with others."""
        place = self.number if place is None else place
        mark = new_mark(place)
        words = " ".join(self.chance.sample(WORDS, 4))
        content = f"{mark}: o que devo conferir sobre {words}?"
        return Asked(place, str(uuid4()), mark, content)

    async def begin(self) -> None:
        """A conversation with its first question, by the start page's form."""
        asked = self.question()
        self.ledger.asked.append(asked)
        form = {"content": asked.content, "submission_key": asked.key}
        for _ in range(3):  # the same form again when there was no answer: it is one question
            try:
                answer = await self.post("/conversas/", form)
                break
            except Unanswered:
                await asyncio.sleep(self.chance.uniform(0.2, 2))
        else:
            raise Unanswered
        found = CONVERSATION.search(answer.headers.get("Location", ""))
        if answer.status != 303 or not found:
            self.ledger.wrong(f"a conversation was not begun: {answer.status} {answer.text[:200]}")
            return
        asked.conversation = found[1]
        self.ledger.promise(asked)
        self.ledger.conversations[found[1]] = self.number
        self.conversations = [*self.conversations, found[1]][-MOST_CONVERSATIONS:]
        replies = REPLY.findall((await self.request("GET", f"/conversas/{found[1]}/")).text)
        if replies:
            asked.reply = replies[-1]
            await self.follow(asked)

    async def ask(self) -> None:
        await self.ask_in(self.chance.choice(self.conversations), self.question(), lambda: True)

    async def ask_in(self, conversation: str, asked: Asked, is_hers: Callable[[], bool]) -> None:
        """As the page does: the answer to the POST is the stream; what breaks off is taken up again.

        `is_hers`: whether she was there for sure, all the time since this began.
        """
        asked.conversation = conversation
        form = {"content": asked.content, "submission_key": asked.key, "mode": "", "model": ""}
        self.ledger.asked.append(asked)
        try:
            async with asyncio.timeout(STREAM_LIMIT):
                path = f"/conversas/{asked.conversation}/mensagens/"
                response = await self.open("POST", path, data=form, headers={"Accept": EVENT_STREAM})
                async with response:
                    if response.status == 409 or (response.status == 404 and not is_hers()):
                        self.ledger.asked.remove(asked)  # an earlier one is still being answered; or she was shut out
                        self.ledger.count(str(response.status))
                        return
                    if response.status != 200:
                        if response.status <= 500:
                            self.ledger.wrong(f"{response.status} for a question: {await response.text()}")
                        raise Unanswered
                    self.ledger.promise(asked)
                    await self.read(asked, response)
        except LOST:
            if not asked.certain and self.chance.random() < 0.5:
                await self.ask_again(asked, form)
        if asked.reply and not asked.endings:
            await self.follow(asked)

    async def ask_again(self, asked: Asked, form: dict[str, str]) -> None:
        """The same form: accepted the first time or not, it is one question."""
        await asyncio.sleep(self.chance.uniform(0.2, 3))
        answer = await self.post(f"/conversas/{asked.conversation}/mensagens/", form, **{"HX-Request": "true"})
        if answer.status == 200:
            self.ledger.promise(asked)
            asked.reply = REPLY.findall(answer.text)[-1]

    async def read(self, asked: Asked, response: aiohttp.ClientResponse) -> str:
        """Until the stream ends; the last event's id. Sometimes the person stops the reply on the way."""
        stops_after = self.chance.randrange(3, 40) if self.chance.random() < 0.1 else 0
        last, number, may_see = "", 0, set(self.may_see)
        async for name, data, event_id in events(response):
            number += 1
            last = event_id or last
            self.check_own("a stream", data.encode(), may_see)
            if name == "messages":
                asked.reply = REPLY.findall(data)[-1]
            elif name == "end":
                status = STATUS.search(data)
                asked.endings.append((status[1] if status else "?", letters(data)))
                if asked.person == self.number:
                    if status and status[1] == "complete":
                        self.done.append(asked.reply)
                    else:
                        self.cut.append(asked)
            if number == stops_after and asked.reply:
                await self.stop(asked)
            if self.load.leaving.is_set():
                break
        return last

    async def follow(self, asked: Asked) -> None:
        """Takes the stream up again and again, where it was left, for as long as a patient person would."""
        last = ""
        for _ in range(12):
            if self.load.leaving.is_set():
                return
            headers = {"Accept": EVENT_STREAM} | ({"Last-Event-ID": last} if last else {})
            try:
                async with asyncio.timeout(STREAM_LIMIT):
                    response = await self.open("GET", f"/mensagens/{asked.reply}/stream/", headers=headers)
                    async with response:
                        if response.status == 200:
                            last = await self.read(asked, response) or last
                        elif response.status == 404 and asked.person >= SHARED:
                            return  # who was shut out meanwhile reads no further
                        elif response.status < 500:
                            self.ledger.wrong(f"{response.status} for the stream of one's own reply")
            except (Unanswered, *LOST):
                pass
            if asked.endings:
                return
            await asyncio.sleep(self.chance.uniform(0.3, 2))

    async def stop(self, asked: Asked) -> None:
        answer = await self.post(f"/mensagens/{asked.reply}/parar/", {}, **{"HX-Request": "true"})
        asked.stops += answer.status == 204

    async def go_on(self) -> None:
        """Has a reply that was cut written on."""
        if not self.cut:
            return
        asked = self.cut.pop()
        asked.endings.clear()  # from now on nobody knows, until it is read
        answer = await self.post(f"/mensagens/{asked.reply}/continuar/", {})
        if "#mensagem-" in answer.headers.get("Location", ""):  # else it is followed by another question
            await self.follow(asked)

    async def redo(self) -> None:
        """Another answer to the last question of a conversation."""
        last = next((one for one in reversed(self.ledger.asked) if one.person == self.number and one.endings), None)
        if last is None:
            return
        try:
            answer = await self.post(f"/mensagens/{last.reply}/refazer/", {})
        except Unanswered:
            last.doubtful += 1
            raise
        found = re.search(r"#mensagem-([0-9a-f-]{36})", answer.headers.get("Location", ""))
        if answer.status == 303 and found:
            last.others += 1
            last.endings.clear()
            last.reply = found[1]
            await self.follow(last)

    async def rename(self) -> None:
        renaming = Renaming(self.number, self.chance.choice(self.conversations), f"Caso {new_mark(self.number)}")
        self.ledger.renamings.append(renaming)
        path = f"/conversas/{renaming.conversation}/renomear/"
        answer = await self.post(path, {"title": renaming.title})
        if answer.status == 303:
            self.ledger.promise(renaming)

    # Documents ----------------------------------------------------------------------------------

    async def write(self) -> None:
        """A document is made of a reply; afterwards it is written on, sometimes from two windows."""
        if self.done and len(self.papers) < MOST_PAPERS and self.chance.random() < 0.15:
            await self.make_paper()
            return
        paper = self.chance.choice(self.papers)
        if self.chance.random() < 0.2:
            await asyncio.gather(self.save(paper), self.save(paper), return_exceptions=True)
        else:
            await self.save(paper)

    async def make_paper(self) -> None:
        try:
            answer = await self.post(f"/mensagens/{self.done[-1]}/documento/", {})
        except Unanswered:
            self.ledger.unsure_papers += 1
            raise
        found = DOCUMENT.search(answer.headers.get("Location", ""))
        if answer.status != 303 or not found:
            self.ledger.count(f"document, {answer.status}")
            return
        if any(paper.id == found[1] for paper in self.papers):
            return  # pressed again: one reply makes one document, until somebody writes on it
        paper = Paper(self.number, found[1])
        self.ledger.papers.append(paper)
        self.papers.append(paper)

    async def save(self, paper: Paper) -> None:
        content = "\n".join(
            f"<p>{new_mark(self.number)} {' '.join(self.chance.choices(WORDS, k=self.chance.randrange(5, 60)))}</p>"
            for _ in range(self.chance.randrange(1, 12))
        )
        save = Save(f"Peça {new_mark(self.number)}", content, paper.revision)
        paper.saves.append(save)
        form = {"revision": str(save.revision), "title": save.title, "content": content, "guardar": "on"}
        answer = await self.post(f"/documentos/{paper.id}/salvar/", form, **{"HX-Request": "true"})
        if answer.status not in (200, 409):
            self.ledger.wrong(f"a document was not saved: {answer.status} {answer.text[:200]}")
            return
        told = json.loads(answer.body)
        paper.revision = max(paper.revision, told["revision"])
        if answer.status == 409:
            save.is_aside = True
            save.version = int(re.search(r"para=(\d+)", told["compare"])[1])  # type: ignore[index]
        else:
            save.version, save.became = told["version"], told["revision"]
        self.ledger.promise(save)

    # Files --------------------------------------------------------------------------------------

    def file(self) -> tuple[Sent, bytes]:
        """A new file, or once in a while one that was sent before."""
        if self.files and self.chance.random() < 0.1:
            content, _ = self.chance.choice(self.files)
        else:
            lines = [f"Em {new_mark(self.number)}: {' '.join(self.chance.choices(WORDS, k=12))}." for _ in range(80)]
            content = "\n".join(lines * self.chance.randrange(1, 20)).encode()
        self.files = [*self.files, (content, "")][-5:]
        name = f"{new_mark(self.number)}.txt"
        sent = Sent(self.number, name, hashlib.sha256(content).hexdigest(), len(content))
        self.ledger.sent.append(sent)
        return sent, content

    async def send(self) -> None:
        sent, content = self.file()
        form = aiohttp.FormData()
        form.add_field("file", content, filename=sent.name, content_type="text/plain")
        answer = await self.request("POST", "/arquivos/", data=form, headers={"HX-Request": "true"})
        if answer.status == 200:
            sent.id = json.loads(answer.body)["id"]
            self.ledger.promise(sent)
        else:
            self.ledger.wrong(f"a file was not taken: {answer.status} {answer.text[:200]}")

    async def send_in_parts(self) -> None:
        """As large files are sent; each step is tried again while there is no answer."""
        sent, content = self.file()
        form = {"name": sent.name, "size": str(len(content))}
        begun = await self.post("/arquivos/envio/", form, **{"HX-Request": "true"})
        told = json.loads(begun.body)
        sent.id = told["finish"].split("/")[3]
        await self.patiently("POST", f"/arquivos/envio/{sent.id}/parte/1/", data=content)
        answer = await self.patiently("POST", told["finish"], data={})
        if answer.status == 200:
            self.ledger.promise(sent)
        else:
            self.ledger.wrong(f"a file in parts was not taken: {answer.status} {answer.text[:200]}")

    # Looking ------------------------------------------------------------------------------------

    async def look(self) -> None:
        paths = ["/conversas/", "/documentos/", "/arquivos/", f"/busca/?q=marca-{self.number}"]
        paths += [f"/conversas/{one}/" for one in self.conversations]
        paths += [f"/documentos/{one.id}/" for one in self.papers]
        path = self.chance.choice(paths)
        answer = await self.request("GET", path)
        if answer.status != 200:
            self.ledger.wrong(f"{answer.status} for one's own {path}")

    async def peek(self) -> None:
        """At what is somebody else's: it does not exist."""
        others = [f"/conversas/{pk}/" for pk, owner in self.ledger.conversations.items() if owner != self.number]
        others += [f"/documentos/{one.id}/" for one in self.ledger.papers if one.person != self.number]
        others += [f"/arquivos/{one.id}/baixar/" for one in self.ledger.sent if one.id and one.person != self.number]
        others += [
            f"/mensagens/{one.reply}/stream/"
            for one in self.ledger.asked
            if one.reply and one.person != self.number and one.person < SHARED  # of those: `cases.look_in_vain`
        ]
        others += [
            f"/conversas/{one.conversation}/"
            for one in self.ledger.cases
            if self.number != one.owner and self.number not in one.people
        ]
        if not others:
            return
        path = self.chance.choice(others)
        answer = await self.request("GET", path)
        if answer.status != 404:
            self.ledger.wrong(f"person {self.number} got {answer.status} at {path}, which is somebody else's")


# What a person does, and how often among all.
THINGS: list[tuple[Callable[[Lawyer], Awaitable[None]], int]] = [
    (Lawyer.ask, 28), (Lawyer.begin, 7), (Lawyer.look, 18), (Lawyer.write, 22), (Lawyer.send, 9),
    (Lawyer.send_in_parts, 4), (Lawyer.rename, 3), (Lawyer.peek, 3), (Lawyer.go_on, 3), (Lawyer.redo, 3),
    (cases.ask_in_case, 8), (cases.change_people, 4), (orders.order, 5), (orders.turn, 3), (summaries.summarise, 6),
]  # fmt: skip
