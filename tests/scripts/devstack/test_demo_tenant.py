import json
import shlex
from datetime import UTC, datetime, timedelta, timezone

from scripts.devstack.demo_tenant import DemoTenant, curl_list_incidents, curl_post_alert

TENANT = DemoTenant(
    email="demo@example.com", password="p", project_id="1", ingest_token="ingest-token", api_key="api-key"
)
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_the_printed_alert_is_one_shell_command_with_a_firing_alert_begun_now() -> None:
    words = shlex.split(curl_post_alert("http://127.0.0.1:7071/api", TENANT, NOW))

    (alert,) = json.loads(words[words.index("-d") + 1])["alerts"]
    assert words[:3] == ["curl", "-sS", "http://127.0.0.1:7071/api/webhooks/alertmanager"]
    assert "Authorization: Bearer ingest-token" in words
    assert alert["status"] == "firing"
    assert alert["startsAt"] == "2026-11-21T12:00:00Z"
    assert datetime.fromisoformat(alert["startsAt"]) == NOW.astimezone(UTC)


def test_the_printed_list_is_one_shell_command() -> None:
    words = shlex.split(curl_list_incidents("http://127.0.0.1:7071/api", TENANT))

    assert words[2:] == ["http://127.0.0.1:7071/api/incidents", "-H", "Authorization: Bearer api-key"]
