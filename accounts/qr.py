"""A QR code as SVG that stands in the page itself: the policy allows no image from a `data:` address."""

import qrcode  # type: ignore[import-untyped]
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

QUIET_MODULES = 4  # the margin that readers need (ISO/IEC 18004)


def qr_svg(text: str) -> SafeString:
    code = qrcode.QRCode(border=QUIET_MODULES, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    matrix = code.get_matrix()
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="Código QR para o aplicativo autenticador">'
        '<path d="{1}"/></svg>',
        len(matrix),
        mark_safe(squares),
    )
