"""Makes `substituto.ttf`: `python -m documents.fonts.make`.

The typeface of last resort. All its signs are the same empty box, and it has one for every character there is: where
no typeface knows a character, the box is seen and the character is still what is found, read aloud and copied. Our own
work: it contains nothing of any other typeface.

There are `BOXES` boxes rather than one, because a reader of PDF knows a character by its sign: characters that share
one are told apart in a way that not all readers follow (Chrome's loses those beyond U+FFFF).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from documents.fonts import FAMILY

FILE = Path(__file__).with_name("substituto.ttf")
BOXES = 4096
UNITS, WIDTH = 1000, 640
OUTER, INNER = (60, 0, 580, 700), (110, 50, 530, 650)  # left, bottom, right, top of the box's two edges
ENDS = ((0x20, 0xD7FF), (0xE000, 0x10FFFF))  # all characters but controls; surrogates are none


def made() -> bytes:
    """The file. The same bytes each time."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    pen = TTGlyphPen(None)
    for (left, bottom, right, top), clockwise in ((OUTER, True), (INNER, False)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        corners = corners if clockwise else corners[::-1]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    order = ["box", *(f"box{number}" for number in range(1, BOXES))]
    glyphs = {".notdef": Glyph(), "box": pen.glyph()}
    for name in order[1:]:
        same = TTGlyphPen(glyphs)
        same.addComponent("box", (1, 0, 0, 1, 0, 0))
        glyphs[name] = same.glyph()
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder([".notdef", *order])
    font.setupCharacterMap({})
    every = CmapSubtable.newSubtable(12)
    every.platformID, every.platEncID, every.language = 3, 10, 0
    every.cmap = {code: order[code % BOXES] for first, last in ENDS for code in range(first, last + 1)}
    font.font["cmap"].tables = [every]
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (WIDTH, OUTER[0])))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200, fsType=0)
    font.setupNameTable({"familyName": FAMILY, "styleName": "Regular", "psName": FAMILY.replace(" ", "")})
    font.setupPost(keepGlyphNames=False)
    font.font["head"].created = font.font["head"].modified = 0
    font.font.recalcTimestamp = False
    file = BytesIO()
    font.save(file)
    return file.getvalue()


if __name__ == "__main__":
    FILE.write_bytes(made())
