"""Pages as the model wants them: PNG, upright, on white, scaled down with Lanczos and never up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike

import pypdfium2 as pdfium
from PIL import Image, ImageOps


@dataclass(frozen=True)
class PreparedPage:
    png: bytes
    width: int
    height: int


def prepare_page(image: Image.Image, longest_side_pixels: int) -> PreparedPage:
    """One page of an image."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layers = upright.convert("RGBA")
        ground = Image.new("RGBA", layers.size, "white")
        upright = Image.alpha_composite(ground, layers).convert("RGB")
    elif upright.mode not in ("L", "RGB"):
        upright = upright.convert("L" if upright.mode == "1" else "RGB")
    upright.thumbnail((longest_side_pixels, longest_side_pixels), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    upright.save(file, "PNG", compress_level=3)
    return PreparedPage(file.getvalue(), *upright.size)


def pdf_pages(source: str | PathLike[str] | bytes, longest_side_pixels: int) -> Iterator[PreparedPage]:
    """The pages of a PDF, each drawn when it is asked for, its longest side as the model wants it."""
    document = pdfium.PdfDocument(source)
    try:
        for number in range(len(document)):
            page = document[number]
            scale = longest_side_pixels / max(page.get_size())
            image = page.render(scale=scale, may_draw_forms=True).to_pil()
            page.close()
            yield prepare_page(image, longest_side_pixels)
    finally:
        document.close()
