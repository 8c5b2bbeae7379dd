"""From bytes to facts: the only package (beside fixes) that knows libcst.

`read_python` is pure: it looks at no other file, so its result can be cached by content and
computed in another process. libcst is imported only when something has to be parsed.
"""

from celerylint.read.syntax import Body, FileFacts, ReadError, Unread

__all__ = ["FileFacts", "ReadError", "read_body", "read_python"]


def read_python(data: bytes) -> FileFacts:
    """Read one Python file. Never raises for bad content: `FileFacts.error` tells."""
    from celerylint.read.convert import convert

    return convert(data)


def read_body(unread: Unread) -> Body:
    """Read the body of a function that was left out. Never raises for bad content."""
    from celerylint.read.convert import convert_body

    return convert_body(unread)
