"""A membership is one person's in one project."""

import pytest

from shared.kernel.values import Role
from shared.platform.runtime import Runtime
from tests.shared.access.members import CHANGES, roles_after


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_in_one_project_leaves_the_person_s_others_alone(runtime: Runtime, name: str) -> None:
    change, role = CHANGES[name]
    assert await roles_after(runtime, change) == [Role.ENGINEER, role]
