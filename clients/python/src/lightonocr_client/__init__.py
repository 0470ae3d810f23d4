"""Client of a LightOnOCR service on Cloud Run: pages and PDFs in, Markdown out."""

from .client import DEFAULT_TIMEOUT, OcrClient, Page, PageText
from .errors import CircuitOpen, ServiceError
from .identity import google_identity_token
from .models import ModelSettings, settings_of
from .pages import PreparedPage, pdf_pages, prepare_page

__all__ = [
    "DEFAULT_TIMEOUT",
    "CircuitOpen",
    "ModelSettings",
    "OcrClient",
    "Page",
    "PageText",
    "PreparedPage",
    "ServiceError",
    "google_identity_token",
    "pdf_pages",
    "prepare_page",
    "settings_of",
]
