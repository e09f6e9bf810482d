"""Photographs and scans: pages without text, to be transcribed; a TIFF has as many pages as pictures."""

from __future__ import annotations

from PIL import Image as Pillow
from PIL import ImageOps
from PIL.Image import Image

from uploads.reading.found import Unreadable
from uploads.reading.readers import Source

FORMATS = ["JPEG", "PNG", "TIFF", "WEBP"]
TALLEST = 4  # how many times its width a picture of a page may be high
GREY = frozenset({"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L"})


class Picture:
    """An open picture. What would unpack to more pixels than the limit is refused before it is."""

    def __init__(self, source: Source, kind: str) -> None:
        self.limit = source.limits.pixels
        Pillow.MAX_IMAGE_PIXELS = self.limit
        formats = FORMATS
        if kind == "image/heic":
            import pillow_heif

            pillow_heif.register_heif_opener(thumbnails=False)
            formats = ["HEIF"]
        try:
            self.image = Pillow.open(source.open(), formats=formats)
        except Pillow.DecompressionBombError as error:
            raise Unreadable("too_large") from error
        except Exception as error:  # whatever a broken picture makes its reader raise
            raise Unreadable("damaged") from error
        self.pages = getattr(self.image, "n_frames", 1) if kind in {"image/tiff", "image/heic"} else 1

    def text(self, number: int) -> tuple[str, str]:
        """No text; but whether the picture is whole."""
        self._at(number, 64)
        return "", "no_text"

    def picture(self, number: int, width: int) -> Image:
        return fitted(self._at(number, width), width)

    def _at(self, number: int, width: int) -> Image:
        self.image.seek(number - 1)
        across, high = self.image.size
        if across * high > self.limit:
            raise Unreadable("too_large", number)
        self.image.draft("RGB", (width, max(high * width // max(across, 1), 1)))
        self.image.load()
        return self.image


def fitted(image: Image, width: int) -> Image:
    """The picture upright, in that width (never larger than it is), in colours that JPEG knows."""
    if image.mode in GREY:
        image = _grey(image)
    elif image.mode == "P":
        image = image.convert("RGBA")
    across, high = image.size
    scale = min(width / across, TALLEST * width / high, 1)
    if scale < 1:
        image = image.resize((max(round(across * scale), 1), max(round(high * scale), 1)), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if image.mode in {"RGBA", "LA", "PA"}:
        paper = Pillow.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        image = paper
    return image.convert("L" if image.mode == "L" else "RGB")


def _grey(image: Image) -> Image:
    if image.mode.startswith("I"):  # 16 bits a dot
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image if image.mode in {"L", "LA"} else image.convert("L")
