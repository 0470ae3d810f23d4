"""What can go wrong with a request; the codes are those of the TypeScript client."""

from __future__ import annotations

import httpx

TRANSIENT_STATUSES = frozenset({429, 502, 503, 504})
"""A start, a full instance or a proxy causes them, and they pass."""


class ServiceError(Exception):
    """A request that brought no usable answer. Never holds a page's content, a token or the server's words."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        observed: str = "",
        cold: bool = False,
        again: bool = False,
        ill: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" + (f" ({observed})" if observed else ""))
        self.code = code
        self.observed = observed
        self.cold = cold
        """A starting service answers so."""
        self.again = again
        """The same request may succeed later."""
        self.ill = ill
        """Says that the service is not well: counts for the breaker."""
        self.retry_after = retry_after
        """Seconds that the service asked to wait."""


class CircuitOpen(ServiceError):
    """Too many requests failed in a row; nothing is sent for ``seconds_left``."""

    def __init__(self, seconds_left: float) -> None:
        super().__init__(
            "CIRCUIT_OPEN", "too many requests failed in a row", observed=f"{seconds_left:.0f} s left"
        )
        self.seconds_left = seconds_left


def of_status(response: httpx.Response) -> ServiceError:
    """The error for an answer that is not 2xx."""
    status = response.status_code
    observed = f"HTTP {status}"
    if 300 <= status < 400:
        return bad_answer(f"{observed}, a redirect")
    if status in (401, 403):
        return ServiceError(
            "NOT_AUTHORISED",
            "the service does not let this identity in: roles/run.invoker, and a token whose audience is the service's URL",
            observed=observed,
        )
    if status == 413:
        return ServiceError(
            "REQUEST_TOO_LARGE", "the page is larger than a request may be", observed=observed
        )
    after = response.headers.get("retry-after", "")
    retry_after = float(after) if after.isdigit() else None
    cold = status in TRANSIENT_STATUSES
    if status == 429:
        return ServiceError(
            "OVERLOADED",
            "no instance had room for the request",
            observed=observed,
            cold=cold,
            again=True,
            retry_after=retry_after,
        )
    if status >= 500:
        return ServiceError(
            "SERVICE_ERROR",
            "the service failed to answer",
            observed=observed,
            cold=cold,
            again=True,
            ill=True,
            retry_after=retry_after,
        )
    return ServiceError("REQUEST_REFUSED", "the service refused the request", observed=observed)


def of_transport(error: httpx.TransportError) -> ServiceError:
    """The error for a request that got no whole answer. Only the kind is said: messages may quote the request."""
    kind = type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        connecting = isinstance(error, httpx.ConnectTimeout)
        code = "SERVICE_NOT_REACHABLE" if connecting else "TIMED_OUT"
        return ServiceError(code, "no whole answer in time", observed=kind, cold=True, again=True, ill=True)
    return ServiceError(
        "SERVICE_NOT_REACHABLE", "no connection to the service", observed=kind, again=True, ill=True
    )


def bad_answer(observed: str) -> ServiceError:
    """An answer that is not vLLM's; ``observed`` is its kind, never its content."""
    return ServiceError(
        "BAD_ANSWER", "the answer is not one of an OpenAI-compatible server", observed=observed, ill=True
    )
