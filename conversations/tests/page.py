"""What a browser makes of a live stream."""

import re


class Page:
    """Blocks that stay, an open block that is replaced, a state in words, and at the end the article."""

    def __init__(self) -> None:
        self.settled = self.open = self.state = self.article = self.last_id = ""
        self.beats = 0
        self.resets = 0
        self._rest = b""

    def read(self, data: bytes) -> None:
        """Takes bytes as they come, also half an event."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            self._take(block.decode())

    def _take(self, block: str) -> None:
        name = re.search(r"^event: (\w+)$", block, re.MULTILINE)
        data = "\n".join(line.removeprefix("data: ") for line in block.split("\n") if line.startswith("data: "))
        if position := re.search(r"^id: (.+)$", block, re.MULTILINE):
            self.last_id = position[1]
        match name and name[1]:
            case "reset":
                self.settled, self.open = data, ""
                self.resets += 1
            case "block":
                self.settled += data
            case "open":
                self.open = data
            case "state":
                self.state = data
            case "end":
                self.article = data
            case None:
                self.beats += block == ": pulso"

    @property
    def html(self) -> str:
        return self.settled + self.open


def tidy(html: str) -> str:
    """Between blocks a line break may stand or not."""
    return html.replace("\n", "")
