"""Identity tokens of Google Cloud."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

REFRESH_BEFORE_SECONDS = 300
"""A token is replaced so long before it ends: a request that is sent now does not outlive it."""
ASSUMED_LIFE_SECONDS = 3000
"""Of a token whose end cannot be read: Google's live an hour."""


def google_identity_token(audience: str) -> Callable[[], str]:
    """A function that returns a valid token for the service's base URL, from the machine's credentials (extra ``google``)."""

    def mint() -> str:
        from google.auth.transport.requests import Request
        from google.oauth2.id_token import fetch_id_token

        return str(fetch_id_token(Request(), audience))

    return cached(mint)


def cached(mint: Callable[[], str], now: Callable[[], float] = time.time) -> Callable[[], str]:
    """Mints a token when the last one ends within five minutes; a failed mint is not kept."""
    token, refresh_at = "", 0.0

    def current() -> str:
        nonlocal token, refresh_at
        if now() >= refresh_at:
            token = mint()
            refresh_at = _refresh_at(token, now())
        return token

    return current


def _refresh_at(token: str, now: float) -> float:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - REFRESH_BEFORE_SECONDS
    except (IndexError, KeyError, ValueError, TypeError):
        return now + ASSUMED_LIFE_SECONDS
