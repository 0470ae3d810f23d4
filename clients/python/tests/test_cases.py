"""The cases that the TypeScript client is tested with too: ``clients/cases.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from lightonocr_client import OcrClient, PreparedPage, ServiceError
from lightonocr_client.policy import Policy

CASES = json.loads((Path(__file__).parents[2] / "cases.json").read_text(encoding="utf8"))
PAGE = PreparedPage(b"a page", 1089, 1540)


def completion(text: str, finish: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "choices": [{"message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 2161, "completion_tokens": 3},
    }


class Service:
    """Gives these answers one after another, the last one for ever."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if answer.get("fault") == "reset":
            raise httpx.ReadError("reset", request=request)
        if answer.get("fault") == "timeout":
            raise httpx.ReadTimeout("timeout", request=request)
        if "text" in answer:
            return httpx.Response(200, json=completion(answer["text"], answer.get("finish", "stop")))
        return httpx.Response(
            answer.get("status", 200), text=answer.get("body", ""), headers=answer.get("headers")
        )


def client_of(service: Service, **policy: Any) -> tuple[OcrClient, list[float]]:
    slept: list[float] = []
    settings = {
        "warm": True,
        "sleep": slept.append,
        "now": lambda: sum(slept),
        "jitter": lambda: 1.0,
        **policy,
    }
    transport = httpx.MockTransport(service)
    client = OcrClient(
        "https://svc", identity_token=lambda: "token", policy=Policy(**settings), transport=transport
    )
    return client, slept


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases(case: dict[str, Any]) -> None:
    service = Service(case["answers"])
    client, _ = client_of(service)
    try:
        read = client.read_page(PAGE)
    except ServiceError as error:
        outcome = error.code
    else:
        outcome = read.status
        assert read.text == case.get("text", read.text)
    assert (outcome, len(service.requests)) == (case["outcome"], case["requests"])


def test_a_cold_start_costs_no_attempts() -> None:
    service = Service([{"status": 503}] * 6 + [{"text": "Read"}])
    client, _ = client_of(service, warm=False)
    assert client.read_page(PAGE).text == "Read"
    assert len(service.requests) == 7


def test_a_cold_start_ends_with_its_budget() -> None:
    service = Service([{"status": 503}])
    client, slept = client_of(service, warm=False, warm_up_seconds=60.0)
    with pytest.raises(ServiceError, match="SERVICE_ERROR"):
        client.read_page(PAGE)
    assert sum(slept) >= 60


def test_pauses_grow_and_retry_after_is_honoured() -> None:
    client, slept = client_of(Service([{"status": 500}]))
    with pytest.raises(ServiceError):
        client.read_page(PAGE)
    assert slept == [1.0, 2.0]
    client, slept = client_of(Service([{"status": 429, "headers": {"retry-after": "20"}}]))
    with pytest.raises(ServiceError):
        client.read_page(PAGE)
    assert slept == [20.0, 20.0]


def test_the_breaker_opens_after_three_failures_and_closes_after_an_answer() -> None:
    service = Service([{"status": 500}] * 3 + [{"text": "Read"}])
    client, slept = client_of(service)
    with pytest.raises(ServiceError, match="SERVICE_ERROR"):
        client.read_page(PAGE)
    with pytest.raises(ServiceError, match="CIRCUIT_OPEN"):
        client.read_page(PAGE)
    assert len(service.requests) == 3
    slept.append(30.0)
    assert client.read_page(PAGE).text == "Read"


def test_wait_until_ready_polls_through_a_start_and_names_another_model() -> None:
    models = {"body": json.dumps({"data": [{"id": "lightonai/LightOnOCR-2-1B"}]})}
    service = Service([{"status": 503}, {"fault": "reset"}, models])
    client, _ = client_of(service, warm=False)
    client.wait_until_ready()
    assert len(service.requests) == 3
    other, _ = client_of(Service([{"body": json.dumps({"data": [{"id": "other"}]})}]))
    with pytest.raises(ServiceError, match="MODEL_NOT_SERVED"):
        other.wait_until_ready()
    late, _ = client_of(Service([{"status": 503}]), warm=False)
    with pytest.raises(ServiceError, match="COLD_START_OVER_BUDGET"):
        late.wait_until_ready(budget_seconds=10)


def test_no_error_holds_the_page_or_the_token() -> None:
    for case in CASES:
        client, _ = client_of(Service(case["answers"]))
        try:
            client.read_page(PAGE)
        except ServiceError as error:
            assert "token" not in error.observed and "YSBwYWdl" not in repr(error)
