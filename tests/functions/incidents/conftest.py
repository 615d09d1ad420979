"""What the tests of incidents share."""

import pytest

from tests.fixtures import App, StoppedClock, Tenant
from tests.functions.incidents.board import Board


@pytest.fixture
def board(app: App, tenant: Tenant, clock: StoppedClock) -> Board:
    return Board(app, tenant, clock)
