"""From bytes to text, as Python does it."""

from __future__ import annotations

import codecs
import re

from celerylint.read.unreadable import Unreadable

# Emacs writes the kind of line ends behind the name of the encoding; Python ignores it too.
_COOKIE = re.compile(
    rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+?)(?:-(?:unix|dos|mac))?(?![-\w.])"
)
_BLANK = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?")
_LINE_END = re.compile(rb"\r\n?|\n")


def decode(data: bytes) -> str:
    """The text of a Python file, by its byte order mark or PEP 263 cookie, else UTF-8.

    Raises `Unreadable` where Python would refuse the bytes.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("", 0, "it is UTF-16 or UTF-32; save it as UTF-8")
    marked = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    cookie = _cookie(data)
    name = cookie[1].decode() if cookie is not None else "utf-8"
    text = _decode_as(name, data, cookie.start(1) if cookie is not None else 0, marked)
    if text.startswith("\ufeff"):
        raise Unreadable(text, 0, "it starts with two byte order marks; remove one")
    if "\0" in text:
        raise Unreadable(text, text.index("\0"), "it holds a NUL character; remove it")
    return text


def _decode_as(name: str, data: bytes, place: int, marked: bool) -> str:
    """The bytes as text; ``place`` is where they declare the encoding of this name."""

    def refused(reason: str) -> Unreadable:
        return Unreadable(data[:place].decode("latin-1"), place, reason)

    try:
        encoding = codecs.lookup(name).name
        if marked and not encoding.startswith("utf-8"):
            raise refused(f"it declares `{name}` but starts with a UTF-8 byte order mark")
        text = data.decode(name)
        text.encode()
        return text
    except LookupError:
        raise refused(f"its declared encoding `{name}` is unknown") from None
    except UnicodeDecodeError as error:
        start = error.start
    except UnicodeError:  # an encoding for other things than text, or one half of a surrogate pair
        raise refused(f"it cannot be decoded as `{name}`, which it declares") from None
    before = data[:start].decode("utf-8" if encoding == "utf-8" else "latin-1", "replace")
    remedy = "" if place else "; save it as UTF-8, or declare its encoding"
    reason = f"byte 0x{data[start : start + 1].hex()} is not {name}{remedy}"
    raise Unreadable(before, len(before), reason)


def _cookie(data: bytes) -> re.Match[bytes] | None:
    """Where the first line, or the second after a blank one or a comment, has its encoding."""
    first = _COOKIE.match(data)
    end = _LINE_END.search(data)
    if first is not None or end is None or not _BLANK.fullmatch(data, 0, end.start()):
        return first
    return _COOKIE.match(data, end.end())
