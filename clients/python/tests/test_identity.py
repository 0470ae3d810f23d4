"""Identity tokens are minted when the last one ends."""

from __future__ import annotations

import base64
import json

from lightonocr_client.identity import cached


def token(expires_at: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires_at}).encode()).decode().rstrip("=")
    return f"header.{claims}.signature"


def test_a_token_is_kept_until_five_minutes_before_its_end() -> None:
    now = 1000.0
    minted: list[str] = []

    def mint() -> str:
        minted.append(token(now + 3600))
        return minted[-1]

    current = cached(mint, lambda: now)
    assert current() == current()
    now += 3600 - 301
    assert current() == minted[0]
    now += 2
    assert current() == minted[1]
    assert len(minted) == 2


def test_a_failed_mint_is_not_kept_and_a_token_without_an_end_is() -> None:
    answers = [RuntimeError("metadata"), "opaque"]

    def mint() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    current = cached(mint, lambda: 0.0 + 1)
    try:
        current()
    except RuntimeError:
        pass
    assert (current(), current()) == ("opaque", "opaque")
