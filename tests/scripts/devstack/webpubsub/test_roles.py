import pytest

from scripts.devstack.webpubsub.roles import Permission, allows, grant, revoke

JOIN = Permission.JOIN_LEAVE_GROUP
SEND = Permission.SEND_TO_GROUP


@pytest.mark.parametrize(
    ("role", "group", "allowed"),
    [
        ("webpubsub.joinLeaveGroup", "any.group", True),
        ("webpubsub.joinLeaveGroup", None, True),
        ("webpubsub.joinLeaveGroup.a.b", "a.b", True),
        ("webpubsub.joinLeaveGroup.a.b", "a.c", False),
        ("webpubsub.joinLeaveGroup.a.b", None, False),
        ("webpubsub.joinLeaveGroup.a*", "a*", True),
        ("webpubsub.joinLeaveGroup.a*", "ab", False),
        ("webpubsub.sendToGroup", "a", False),
        ("webpubsub.joinLeaveGroups.a.*", "a.b", True),
        ("webpubsub.joinLeaveGroups.a.*", "a.b.c", False),
        ("webpubsub.joinLeaveGroups.a.*", "axb", False),
        ("webpubsub.joinLeaveGroups.a.**", "a.b.c", True),
        ("webpubsub.joinLeaveGroups.a.?", "a.b", True),
        ("webpubsub.joinLeaveGroups.a?b", "a.b", False),
        ("webpubsub.joinLeaveGroups.**", None, False),
        (r"webpubsub.joinLeaveGroups.a\*", "a*", True),
        (r"webpubsub.joinLeaveGroups.a\*", "ab", False),
        (r"webpubsub.joinLeaveGroups.a\b", "ab", False),
        ("webpubsub.joinLeaveGroups.a\\", "a\\", False),
        ("webpubsub.joinLeaveGroups.*.*.*.*.*", "a.b.c.d.e", True),
        ("webpubsub.joinLeaveGroups.*.*.*.*.*.*", "a.b.c.d.e.f", False),
        ("webpubsub.joinLeaveGroups.", "", False),
    ],
)
def test_a_role_allows(role: str, group: str | None, allowed: bool) -> None:
    assert allows({role}, JOIN, group) is allowed


def test_a_grant_for_one_group_is_for_that_one() -> None:
    roles = grant((), SEND, "a")

    assert allows(roles, SEND, "a")
    assert not allows(roles, SEND, "b")
    assert not allows(roles, JOIN, "a")


def test_a_group_can_be_taken_out_of_a_wider_role_and_given_back() -> None:
    without = revoke({"webpubsub.sendToGroup"}, SEND, "a")
    again = grant(without, SEND, "a")

    assert not allows(without, SEND, "a")
    assert allows(without, SEND, "b")
    assert allows(again, SEND, "a")


def test_revoking_for_all_groups_leaves_the_other_permission() -> None:
    roles = {"webpubsub.sendToGroup.a", "webpubsub.sendToGroups.b.*", "webpubsub.joinLeaveGroup.a"}

    assert revoke(roles, SEND, None) == {"webpubsub.joinLeaveGroup.a"}


def test_granting_for_all_groups_ends_every_exception() -> None:
    exception = revoke({"webpubsub.sendToGroup"}, SEND, "a")

    assert allows(grant(exception, SEND, None), SEND, "a")
