"""Facts as msgpack, in which they travel between processes and are kept. They are data: decoding
them runs no code, whoever wrote them. A decoder for so many types takes a while to make, so none is
before it is needed."""

from __future__ import annotations

from functools import cache

import msgspec

from celerylint.read.syntax import Body, FileFacts, Unread

encode = msgspec.msgpack.Encoder().encode


def decode_facts(data: bytes) -> FileFacts:
    """Raises `msgspec.MsgspecError` for what `encode` did not make."""
    return _facts().decode(data)


def decode_body(data: bytes) -> Body:
    """Raises `msgspec.MsgspecError` for what `encode` did not make."""
    return _body().decode(data)


def decode_unread(data: bytes) -> Unread:
    return _unread().decode(data)


@cache
def _facts() -> msgspec.msgpack.Decoder[FileFacts]:
    return msgspec.msgpack.Decoder(FileFacts)


@cache
def _body() -> msgspec.msgpack.Decoder[Body]:
    return msgspec.msgpack.Decoder(Body)


@cache
def _unread() -> msgspec.msgpack.Decoder[Unread]:
    return msgspec.msgpack.Decoder(Unread)
