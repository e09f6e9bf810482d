"""Makes `substituto.ttf`: `python -m documents.fonts.make`.

The typeface of last resort. It has one sign, an empty box, for every character there is: where no typeface knows a
character, the box is seen and the character is still what is found, read aloud and copied. Our own work: it contains
nothing of any other typeface.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from documents.fonts import FAMILY

FILE = Path(__file__).with_name("substituto.ttf")
UNITS, WIDTH = 1000, 640
OUTER, INNER = (60, 0, 580, 700), (110, 50, 530, 650)  # left, bottom, right, top of the box's two edges
ENDS = ((0x20, 0xD7FF), (0xE000, 0x10FFFF))  # all characters but controls; surrogates are none


def made() -> bytes:
    """The file. The same bytes each time."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

    pen = TTGlyphPen(None)
    for (left, bottom, right, top), clockwise in ((OUTER, True), (INNER, False)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        corners = corners if clockwise else corners[::-1]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    box = pen.glyph()
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder([".notdef", "box"])
    font.setupCharacterMap({})
    every = CmapSubtable.newSubtable(13)  # many characters to one sign
    every.platformID, every.platEncID, every.language = 3, 10, 0
    every.cmap = {code: "box" for first, last in ENDS for code in range(first, last + 1)}
    font.font["cmap"].tables = [every]
    font.setupGlyf({".notdef": box, "box": box})
    font.setupHorizontalMetrics(dict.fromkeys((".notdef", "box"), (WIDTH, OUTER[0])))
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
