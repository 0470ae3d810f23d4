"""Pages as the model wants them."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image

from lightonocr_client import pdf_pages, prepare_page, settings_of


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3080, 1540), (1540, 770)), ((100, 50), (100, 50)), ((1000, 3080), (500, 1540))],
)
def test_prepare_page_scales_down_and_never_up(size: tuple[int, int], expected: tuple[int, int]) -> None:
    page = prepare_page(Image.new("RGB", size, "white"), 1540)
    assert (page.width, page.height) == expected == decoded(page.png).size


def test_prepare_page_puts_transparency_on_white_and_keeps_grey_grey() -> None:
    clear = prepare_page(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), 1540)
    assert decoded(clear.png).convert("L").getextrema() == (255, 255)
    assert decoded(prepare_page(Image.new("1", (4, 4), 1), 1540).png).mode == "L"


def test_pdf_pages_are_as_large_as_the_model_wants() -> None:
    document = pdfium.PdfDocument.new()
    document.new_page(612, 792)
    document.new_page(792, 612)
    file = io.BytesIO()
    document.save(file)
    sizes = [(page.width, page.height) for page in pdf_pages(file.getvalue(), 1540)]
    assert [max(size) for size in sizes] == [1540, 1540]
    assert sizes[0][0] < sizes[0][1] and sizes[1][0] > sizes[1][1]


def test_settings_of_a_model_are_found_by_its_name_with_or_without_its_owner() -> None:
    assert settings_of("LightOnOCR-2-1B") == settings_of("lightonai/LightOnOCR-2-1B")
    assert settings_of("lightonai/LightOnOCR-2-1B").longest_side_pixels == 1540
