"""Go-back-N: everything arrives, in order, within the credit, whatever the line does."""

import numpy as np
import pytest

from hostctl.protocol import ToDevice, decode_frame
from hostctl.stream.window import Window


class Receiver:
    """The device's side of the rules, and a line that loses frames both ways."""

    def __init__(self, loss=0.0, seed=0):
        self.random = np.random.default_rng(seed)
        self.loss = loss
        self.expected = 0
        self.taken = []
        self.answers = []

    def hear(self, data):
        for piece in data.split(b"\0")[:-1]:
            if self.random.random() < self.loss:
                continue
            frame = decode_frame(piece)
            if frame.type != ToDevice.PING and frame.sequence == self.expected % 65536:
                self.taken.append(frame.payload)
                self.expected += 1
            if self.random.random() >= self.loss:
                self.answers.append(self.expected % 65536)


def flight(window):
    return sum(size for _, size, _ in window._log)


def drive(window, receiver, rounds=100_000):
    """Send until all is acknowledged; PING when nothing moves. Returns the number of PINGs."""
    pings = 0
    for _ in range(rounds):
        data = window.take()
        assert flight(window) <= window._credit or len(window._log) == 1
        receiver.hear(data)
        if not receiver.answers:
            if not window.waiting and not window.backlog:
                return pings
            pings += 1
            receiver.hear(window.ping())
        while receiver.answers:
            assert window.acknowledge(receiver.answers.pop(0))
    raise AssertionError("never done")


@pytest.mark.parametrize("loss", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("credit", [40, 500, 5000])
def test_all_arrive_in_order(loss, credit):
    window, receiver = Window(credit), Receiver(loss, seed=credit)
    sent = [bytes([i % 251]) * (i % 60) for i in range(400)]
    for payload in sent:
        window.add(ToDevice.EVENTS, payload)
    drive(window, receiver)
    assert receiver.taken == sent
    assert window.base == window.end == len(sent)
    assert (window.resent == 0) == (loss == 0)


def test_a_perfect_line_needs_no_second_sending_even_after_a_ping():
    window, receiver = Window(10_000), Receiver()
    for _ in range(6):
        window.add(ToDevice.EVENTS, b"x")
    first = window.take()
    ping = window.ping()  # The device was merely slow: it answers all of them late.
    receiver.hear(first + ping)
    for _ in range(3):
        window.add(ToDevice.EVENTS, b"y")
    for answer in receiver.answers[:-1]:
        assert window.acknowledge(answer)
    receiver.hear(window.take())
    for answer in receiver.answers[6:]:
        assert window.acknowledge(answer)
    assert window.resent == 0
    assert window.base == 9


def test_one_lost_frame_causes_one_going_back():
    window, receiver = Window(10_000), Receiver()
    for i in range(10):
        window.add(ToDevice.EVENTS, bytes([i]))
    pieces = window.take().split(b"\0")[:-1]
    receiver.hear(b"".join(p + b"\0" for i, p in enumerate(pieces) if i != 3))
    drive(window, receiver)
    assert receiver.taken == [bytes([i]) for i in range(10)]
    assert window.resent == 7
    assert window.pings == 0


def test_numbers_wrap():
    window, receiver = Window(4000), Receiver(0.01)
    for _ in range(66_500):
        window.add(ToDevice.EVENTS)
        if window.backlog > 2000:
            drive(window, receiver)
    drive(window, receiver)
    assert receiver.expected == window.base == 66_500


def test_an_acknowledgement_of_what_was_never_sent():
    window = Window(100)
    window.add(ToDevice.EVENTS)
    window.take()
    assert not window.acknowledge(2)
    assert window.acknowledge(1)
    assert not window.acknowledge(0), "an older number is one beyond, too"


def test_a_frame_longer_than_the_credit_goes_alone():
    window = Window(10)
    window.add(ToDevice.EVENTS, b"x" * 50)
    window.add(ToDevice.EVENTS, b"y")
    assert window.take().count(b"\0") == 1
    assert window.take() == b""
    assert window.acknowledge(1)
    assert window.take().count(b"\0") == 1
