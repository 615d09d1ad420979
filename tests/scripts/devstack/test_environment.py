import pytest

from scripts.devstack.environment import Addresses, app_settings, as_role, migration_settings, preferences
from shared.platform.settings import Settings

ADDRESSES = Addresses(
    owner_database="postgresql://postgres:owner@127.0.0.1:5433/srecopilot?sslmode=disable",
    redis="redis://:pw@127.0.0.1:6380/0",
    storage="DefaultEndpointsProtocol=http;AccountName=a;AccountKey=b;",
    webpubsub="Endpoint=http://127.0.0.1:8080;AccessKey=c;Version=1.0;",
)


def secret(name: str) -> str:
    return f"{name}-".ljust(43, "x")


def test_the_application_accepts_its_settings() -> None:
    settings = Settings.read(app_settings(ADDRESSES, port=7071, secret=secret))

    assert settings.api_base_url == "http://127.0.0.1:7071/api"


def test_the_application_never_gets_the_owners_password() -> None:
    assert not any(":owner@" in value for value in app_settings(ADDRESSES, port=7071, secret=secret).values())


def test_one_machine_gets_higher_limits_unless_it_is_told_others() -> None:
    assert preferences({})["RATE_LIMIT_PER_MINUTE"] == "6000"
    assert preferences({"RATE_LIMIT_PER_MINUTE": "7"})["RATE_LIMIT_PER_MINUTE"] == "7"


def test_the_migration_gives_the_roles_the_passwords_that_the_application_uses() -> None:
    app = app_settings(ADDRESSES, port=7071, secret=secret)
    migration = migration_settings(ADDRESSES, secret=secret)

    assert f"srecopilot_app:{migration['APP_ROLE_PASSWORD']}@" in app["DATABASE_URL"]
    assert f"srecopilot_system:{migration['SYSTEM_ROLE_PASSWORD']}@" in app["SYSTEM_DATABASE_URL"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://owner:secret@host:5432/db", "postgresql://app:p%40ss@host:5432/db"),
        ("postgresql://host/db", "postgresql://app:p%40ss@host/db"),
        ("postgresql://o:s%40@host/db?sslmode=require", "postgresql://app:p%40ss@host/db?sslmode=require"),
    ],
)
def test_a_role_signs_in_to_the_same_database(url: str, expected: str) -> None:
    assert as_role(url, "app", "p@ss") == expected
