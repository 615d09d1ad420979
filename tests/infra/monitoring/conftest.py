import pytest

from scripts.devstack.monitoring import PROGRAMS
from scripts.devstack.monitoring_packages import MonitoringMissing, Programs, find_programs


@pytest.fixture(scope="session")
def programs() -> Programs:
    try:
        return find_programs(PROGRAMS)
    except MonitoringMissing as missing:
        pytest.skip(str(missing))
