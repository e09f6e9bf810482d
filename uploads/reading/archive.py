"""ZIP-based documents: their parts, unpacked within limits and never to disk, and their XML with every entity off.

Names inside the archive are looked up, never used as paths. Sizes are those of the central directory, which Python's
reader does not go beyond; so what would unpack to too much is refused before a byte is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from uploads.reading.found import Unreadable
from uploads.reading.readers import Source

SMALL = 4 * 1024**2  # a part that unpacks to less is no bomb, whatever its ratio
PARTS = 20_000
MARKUP = (".xml", ".rels", ".vml")  # what readers may unpack; pictures and macros are never touched
SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


class Archive:
    """An open ZIP whose markup unpacks to no more than the limits allow."""

    def __init__(self, source: Source) -> None:
        try:
            self.zip = ZipFile(source.open())
        except (BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
            raise Unreadable("damaged") from error
        self.parts = {info.filename: info for info in self.zip.infolist()}
        if len(self.parts) > PARTS:
            raise Unreadable("too_large")
        unpacked = 0
        for info in self.parts.values():
            if info.filename.lower().endswith(MARKUP):
                unpacked += info.file_size
                _refuse_bomb(info, unpacked, source)

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def bytes(self, name: str) -> bytes:
        info = self.parts[name]
        if info.flag_bits & 1:
            raise Unreadable("locked")
        return self.zip.read(info)

    def tree(self, name: str) -> Any:
        """The part as an element; None when there is no such part."""
        if name not in self.parts:
            return None
        root = etree.fromstring(self.bytes(name), etree.XMLParser(**SAFE))
        refuse_dtd(root)
        return root

    def children(self, name: str, depth: int) -> Iterator[tuple[str, Any]]:
        """Every element so deep below the root, whole, one at a time and then forgotten; with its parent's name."""
        level = 0
        with self.zip.open(self.parts[name]) as file:
            for event, element in etree.iterparse(file, events=("start", "end"), **SAFE):
                if event == "start":
                    if not level:
                        refuse_dtd(element)
                    level += 1
                    continue
                level -= 1
                if level == depth:
                    yield local(element.getparent()), element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]


def _refuse_bomb(info: ZipInfo, unpacked: int, source: Source) -> None:
    ratio = info.file_size / max(info.compress_size, 1)
    if unpacked > source.limits.unpacked or (info.file_size > SMALL and ratio > source.limits.ratio):
        raise Unreadable("too_large")


def refuse_dtd(root: Any) -> None:
    """No document of an office program declares entities; one that does is up to something."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("damaged")


def local(element: Any) -> str:
    """The element's name without its namespace; '' for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, name: str, default: str = "") -> str:
    """The attribute of this name, in whatever namespace it is written."""
    for key, value in element.attrib.items():
        if key == name or key.endswith("}" + name):
            return str(value)
    return default
