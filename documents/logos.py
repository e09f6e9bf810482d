"""A logo for the letterhead: what was sent, checked by its content and written anew, so that nothing else is in it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from documents.units import LARGEST_LOGO

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 20_000_000
WIDEST = 1600  # pixels: 20 cm at 200 dots an inch


class Unusable(Exception):
    """Not a logo; the message says why, to who has sent it."""


def cleaned(data: bytes) -> bytes:
    """PNG or JPEG, as it was; at most `WIDEST` wide and high, and `LARGEST_LOGO` bytes. Raises Unusable."""
    if len(data) > LARGEST_LOGO:
        raise Unusable("O logotipo pode ter no máximo 1 MB.")
    from PIL import Image, ImageOps, UnidentifiedImageError  # not for every web process from its start

    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unusable("O logotipo tem pixels demais: reduza a imagem.")
            kind = picture.format or ""
            picture.load()
            drawn = _plain(ImageOps.exif_transpose(picture), kind)  # upright, as who has sent it sees it
            drawn.thumbnail((WIDEST, WIDEST))
            out = BytesIO()
            drawn.save(out, kind, **({"quality": 90} if kind == "JPEG" else {"optimize": True}))
    except UnidentifiedImageError as error:
        raise Unusable("O logotipo deve ser uma imagem PNG ou JPEG.") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unusable("A imagem do logotipo está danificada.") from error
    if out.tell() > LARGEST_LOGO:
        raise Unusable("O logotipo fica grande demais: reduza a imagem.")
    return out.getvalue()


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """Only its pixels: without profiles, places and comments, in colours that every reader of PDF and Word knows."""
    from PIL import Image

    has_alpha = kind == "PNG" and ("A" in picture.getbands() or "transparency" in picture.info)
    mode = "L" if picture.mode == "L" else "RGBA" if has_alpha else "RGB"
    converted = picture.convert(mode)
    plain = Image.new(mode, converted.size)
    plain.paste(converted)
    return plain
