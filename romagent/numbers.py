"""Numbers as people read them in Portuguese."""

UNITS = ("B", "kB", "MB", "GB", "TB")


def thousands(number: int) -> str:
    """1234567 → `1.234.567`."""
    return f"{number:,}".replace(",", ".")


def size(count: float) -> str:
    """Bytes → `1,4 GB`: three digits or fewer, in steps of 1,024."""
    unit = 0
    while count >= 1000 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    text = f"{count:.0f}" if unit == 0 or count >= 100 else f"{count:.1f}"
    return f"{text.replace('.', ',')} {UNITS[unit]}"
