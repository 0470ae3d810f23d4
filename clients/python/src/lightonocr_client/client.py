"""The client: one page, or the pages of a PDF."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

import httpx
from PIL import Image

from .errors import ServiceError, bad_answer, of_status, of_transport
from .models import settings_of
from .pages import PreparedPage, pdf_pages, prepare_page
from .policy import Policy

DEFAULT_TIMEOUT = 120.0
"""Seconds of one request, the start of an instance included: the deployment guide's."""
MAX_BODY_BYTES = 32 * 2**20
"""Most that Cloud Run takes in one request: https://cloud.google.com/run/quotas"""
WHOLE = "stop"
CUT = frozenset({"length", "repetition"})

Status = Literal["whole", "truncated", "failed"]


@dataclass(frozen=True)
class PageText:
    """What the model read."""

    text: str
    """Markdown."""
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int

    @property
    def status(self) -> Status:
        return "whole" if self.finish_reason == WHOLE else "truncated"


@dataclass(frozen=True)
class Page:
    """What became of a page of a document."""

    number: int
    """From 1."""
    status: Status
    text: str = ""
    error: ServiceError | None = None


class OcrClient:
    """Client of one service; not for several threads at once.

    ``identity_token`` returns a token whose audience is the service's base URL. ``timeout`` is in seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        identity_token: Callable[[], str],
        model: str = "lightonai/LightOnOCR-2-1B",
        timeout: float = DEFAULT_TIMEOUT,
        policy: Policy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.model = model
        self.settings = settings_of(model)
        self._identity_token = identity_token
        self._policy = policy or Policy()
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"), timeout=timeout, transport=transport, follow_redirects=False
        )

    def __enter__(self) -> OcrClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def wait_until_ready(self, budget_seconds: float = 480.0) -> None:
        """Polls until the service names the model. Raises ``ServiceError`` ``COLD_START_OVER_BUDGET`` or ``MODEL_NOT_SERVED``."""
        started, pause = self._policy.now(), 0.25
        while True:
            try:
                served = [entry["id"] for entry in self._send("GET", "/v1/models")["data"]]
            except (KeyError, TypeError):
                raise bad_answer("JSON that lists no models") from None
            except ServiceError as error:
                if not error.cold and error.code != "SERVICE_NOT_REACHABLE":
                    raise
                if self._policy.now() - started >= budget_seconds:
                    raise ServiceError(
                        "COLD_START_OVER_BUDGET",
                        f"not ready within {budget_seconds:g} s",
                        observed=error.observed,
                    ) from error
                self._policy.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            if self.model not in served:
                raise ServiceError(
                    "MODEL_NOT_SERVED", f"the service does not serve {self.model}", observed=", ".join(served)
                )
            self._policy.warm = True
            return

    def read_image(self, image: Image.Image) -> PageText:
        """Reads one page of an image."""
        return self.read_page(prepare_page(image, self.settings.longest_side_pixels))

    def read_pdf(self, source: str | PathLike[str] | bytes) -> Iterator[Page]:
        """Reads the pages of a PDF in order. A page that fails is a result; no access and an open breaker end it."""
        for number, page in enumerate(pdf_pages(source, self.settings.longest_side_pixels), start=1):
            try:
                read = self.read_page(page)
            except ServiceError as error:
                if error.code in ("NOT_AUTHORISED", "CIRCUIT_OPEN", "MODEL_NOT_SERVED"):
                    raise
                yield Page(number, "failed", error=error)
            else:
                yield Page(number, read.status, read.text)

    def read_page(self, page: PreparedPage) -> PageText:
        """Reads one prepared page. A cut text is an answer: look at ``status``."""
        url = f"data:image/png;base64,{base64.b64encode(page.png).decode('ascii')}"
        content = [{"type": "image_url", "image_url": {"url": url}}]
        body = {
            "model": self.model,
            "max_tokens": self.settings.max_tokens,
            "temperature": self.settings.temperature,
            "top_p": self.settings.top_p,
            "messages": [{"role": "user", "content": content}],
        }
        return self._policy.run(lambda: _page_text(self._send("POST", "/v1/chat/completions", body)))

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        if content is not None and len(content) > MAX_BODY_BYTES:
            raise ServiceError(
                "REQUEST_TOO_LARGE",
                "the page is larger than a request may be",
                observed=f"{len(content)} bytes",
            )
        headers = {"authorization": f"Bearer {self._identity_token()}", "content-type": "application/json"}
        try:
            response = self._http.request(method, path, content=content, headers=headers)
        except httpx.TransportError as error:
            raise of_transport(error) from None
        if not response.is_success:
            raise of_status(response)
        try:
            return response.json()
        except ValueError:
            raise bad_answer(f"{len(response.content)} bytes that are not JSON") from None


def _page_text(answer: Any) -> PageText:
    try:
        choice, usage = answer["choices"][0], answer["usage"]
        read = PageText(
            str(choice["message"]["content"]),
            str(choice["finish_reason"]),
            int(usage["prompt_tokens"]),
            int(usage["completion_tokens"]),
        )
    except (KeyError, IndexError, TypeError, ValueError):
        raise bad_answer("JSON without a text") from None
    if read.finish_reason == WHOLE or read.finish_reason in CUT:
        return read
    # An instance that stops gives its pages up so, with status 200: the next one reads the page.
    raise ServiceError(
        "SERVICE_ERROR",
        "the service gave the page up",
        observed=f"finish_reason {read.finish_reason}",
        again=True,
    )
