"""What the documents say of the code is so."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from functions.openapi import endpoints
from shared.platform.settings import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONFIGURATION = ROOT / "docs/configuration.md"
OF_TODAY = sorted([README, ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
DOCUMENTS = sorted([*OF_TODAY, *(ROOT / "docs/decisions").glob("*.md")])  # a decision speaks of the day it was made

SETTING = re.compile(r"^\| `(\w+)` \| (?:`([^`]+)`|(required)|) \| .+ \|$", re.MULTILINE)
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) ([^`]+)`")
PATH = re.compile(r"`((?:docs|functions|infra|scripts|shared|tests)/[^`*<]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_the_table_lists_every_setting_with_its_default() -> None:
    stated = [(name, default or required) for name, default, required in SETTING.findall(CONFIGURATION.read_text())]
    assert stated == [(field.alias, default_of(name)) for name, field in Settings.model_fields.items()]


def default_of(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        return "required"
    default = "" if field.default is None else field.default
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)


@pytest.mark.parametrize("document", OF_TODAY, ids=lambda path: path.name)
def test_calls_that_are_named_exist(document: Path) -> None:
    declared = {(one.method, one.route) for one in endpoints()}
    assert {*CALL.findall(document.read_text())} <= declared


@pytest.mark.parametrize("document", OF_TODAY, ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    assert [path for path in PATH.findall(document.read_text()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    assert [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()] == []
