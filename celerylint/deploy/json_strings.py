"""The strings of JSON, with their places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from celerylint.deploy.text import Text

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def strings(text: Text) -> Iterator[Text]:
    """Every string, in order. One with escapes is all at the place where it starts."""
    for match in _STRING.finditer(text.value):
        inner = text.slice(match.start() + 1, match.end() - 1)
        if "\\" not in inner.value:
            yield inner
            continue
        try:
            value = json.loads(match[0])
        except ValueError:
            value = inner.value
        yield Text(value, inner.runs[:1])
