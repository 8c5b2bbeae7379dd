"""A mail server that does as it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from live.processes import free_port


class MailServer:
    """Takes mail, keeps whoever delivers it waiting, or turns it away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.attempts: list[tuple[str, float]] = []
        """The Message-ID of each mail that anybody tried to deliver, and when (monotonic)."""
        self.taken: list[str] = []
        """The Message-ID of each mail that was taken, as often as it was."""
        self._closed = self._refuses = False
        self._seconds = 0.0
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Whoever delivers meanwhile waits for an answer until the end of the block."""
        self._closed = True
        try:
            yield
        finally:
            self._closed = False

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self._refuses = True
        try:
            yield
        finally:
            self._refuses = False

    @contextmanager
    def taking(self, seconds: float) -> Iterator[None]:
        """Meanwhile it takes so long to take a mail."""
        self._seconds = seconds
        try:
            yield
        finally:
            self._seconds = 0.0

    def is_taking(self) -> bool:
        return len(self.attempts) > len(self.taken)

    def attempts_at(self, order_id: str) -> list[float]:
        return [when for message_id, when in self.attempts if order_id in message_id]

    def mails_about(self, order_id: str) -> int:
        return sum(order_id in message_id for message_id in self.taken)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message_id = message_from_bytes(envelope.content)["Message-ID"]
        self.attempts.append((message_id, time.monotonic()))
        if self._refuses:
            return "451 Try again later"
        await asyncio.sleep(self._seconds)  # cancelled when the other side goes away, as below
        while self._closed:
            await asyncio.sleep(0.01)
        self.taken.append(message_id)
        return "250 OK"
