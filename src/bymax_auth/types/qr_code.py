"""A QR code as SVG, for hosts that render on the server.  Needs the extra ``mfa``."""

from io import BytesIO

from bymax_auth.errors.extras import needs_extra

__all__ = ["qr_svg"]

_QUIET_ZONE = 4
"""Source: ISO/IEC 18004 §9.1, a symbol is surrounded by four light modules."""


def qr_svg(text: str) -> str:
    """
    Return a scalable QR code of the text as one ``<svg>`` element, dark on white.

    Raises:
        ModuleNotFoundError: The extra ``mfa`` is not installed.
        ValueError: The text is too long for a QR code.
    """
    with needs_extra("mfa", ("segno",)):
        import segno

    drawn = BytesIO()
    # An SVG without `xmldecl` can be placed into a page; without width and height it fits its container.
    segno.make_qr(text, error="m").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=_QUIET_ZONE, light="white", title="QR code"
    )
    return drawn.getvalue().decode("utf-8").strip()
