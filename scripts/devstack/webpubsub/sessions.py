"""What a connection must remember: unacknowledged messages for replay, and the operations it has done."""

from collections import deque
from typing import NamedTuple

from scripts.devstack.webpubsub import protocol
from scripts.devstack.webpubsub.settings import Limits

REMEMBERED_ACKS = 1000


class Frame(NamedTuple):
    """A text frame for one client; not sent after `deadline` (seconds since the epoch)."""

    data: bytes
    deadline: float | None = None

    def is_live(self, now: float) -> bool:
        return self.deadline is None or now < self.deadline


class ReplayBuffer:
    """Numbers the messages of a reliable connection and keeps them until the client acknowledges."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._frames: deque[tuple[int, Frame]] = deque()
        self._size = 0
        self._sequence_id = 0

    def append(self, message: bytes, deadline: float | None) -> Frame | None:
        """The numbered frame; None when the buffer is full, after which the connection cannot be recovered."""
        frame = Frame(protocol.numbered(message, self._sequence_id + 1), deadline)
        if len(self._frames) >= self._limits.messages or self._size + len(frame.data) > self._limits.size:
            return None
        self._sequence_id += 1
        self._size += len(frame.data)
        self._frames.append((self._sequence_id, frame))
        return frame

    def acknowledge(self, sequence_id: int) -> None:
        """Forgets everything up to and including `sequence_id`."""
        while self._frames and self._frames[0][0] <= sequence_id:
            self._size -= len(self._frames.popleft()[1].data)

    def unacknowledged(self) -> list[Frame]:
        return [frame for _, frame in self._frames]


class AckIds:
    """The last operations that succeeded, so that a repeated one is not done twice."""

    def __init__(self, capacity: int = REMEMBERED_ACKS) -> None:
        self._capacity = capacity
        self._ids: dict[int, None] = {}

    def __contains__(self, ack_id: int) -> bool:
        return ack_id in self._ids

    def add(self, ack_id: int) -> None:
        self._ids[ack_id] = None
        if len(self._ids) > self._capacity:
            del self._ids[next(iter(self._ids))]
