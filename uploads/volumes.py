"""Several files put together as one: which page of the whole is which page of which file."""

from __future__ import annotations

from uploads.models import Upload


def place_of(upload: Upload, number: int) -> str:
    """`autos-vol2.pdf, p. 13`: where a page of a file put together comes from; empty for any other file."""
    for volume in upload.metadata.get("volumes", ()):
        if volume["first"] <= number < volume["first"] + volume["pages"]:
            return f"{volume['name']}, p. {number - volume['first'] + 1}"
    return ""
