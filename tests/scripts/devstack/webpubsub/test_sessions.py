import json

from scripts.devstack.webpubsub.sessions import AckIds, ReplayBuffer
from scripts.devstack.webpubsub.settings import Limits


def sequence_ids(buffer: ReplayBuffer) -> list[int]:
    return [json.loads(frame.data)["sequenceId"] for frame in buffer.unacknowledged()]


def test_messages_are_numbered_from_one_and_kept_until_acknowledged() -> None:
    buffer = ReplayBuffer(Limits())
    for _ in range(4):
        buffer.append(b'{"type":"message"}', None)

    buffer.acknowledge(2)

    assert sequence_ids(buffer) == [3, 4]


def test_an_acknowledgement_of_what_was_never_sent_forgets_what_was() -> None:
    buffer = ReplayBuffer(Limits())
    buffer.append(b'{"a":1}', None)

    buffer.acknowledge(1000)
    buffer.append(b'{"a":2}', None)

    assert sequence_ids(buffer) == [2]


def test_a_buffer_is_full_by_number() -> None:
    buffer = ReplayBuffer(Limits(messages=2))

    assert [buffer.append(b'{"a":1}', None) is None for _ in range(3)] == [False, False, True]


def test_a_buffer_is_full_by_size_and_has_room_again_after_an_acknowledgement() -> None:
    buffer = ReplayBuffer(Limits(size=60))

    assert [buffer.append(b'{"a":1}', None) is None for _ in range(3)] == [False, False, True]
    buffer.acknowledge(1)
    assert buffer.append(b'{"a":1}', None) is not None


def test_only_the_last_operations_are_remembered() -> None:
    done = AckIds(capacity=2)
    for ack_id in (1, 2, 3):
        done.add(ack_id)

    assert [ack_id in done for ack_id in (1, 2, 3)] == [False, True, True]
