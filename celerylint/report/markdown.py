"""Rule pages on a terminal: the Markdown they use, and no more of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from celerylint.report.style import Style, printable, wrap
from celerylint.report.table import Cell, table

_FENCE = re.compile(r"(`{3,}|~{3,})\s*(?P<info>.*)")
_TITLE = re.compile(r'title="([^"]+)"')
_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*)")
_ITEM = re.compile(r"(?P<indent>\s*)(?P<bullet>[-*+]|\d+[.)])\s+(?P<text>.*)")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_LINK = re.compile(
    r"\[(?P<text>[^]]+)\]\((?P<target>[^)\s]+)\)|<(?P<address>https?://[^>]+)>", re.DOTALL
)
_PAINTED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*", re.DOTALL)
_CODE_INDENT = "    "


def render(text: str, style: Style, width: int) -> str:
    """Markdown as terminal text, with paragraphs wrapped to ``width`` columns.

    Knows headings, paragraphs, lists, tables, fenced code, and inline code, bold and links; what
    else there is stays as it is written.
    """
    return "\n\n".join(_blocks(text.splitlines(), style, width)) + "\n"


def _blocks(lines: Sequence[str], style: Style, width: int) -> Iterator[str]:
    index = 0
    while index < len(lines):
        if not lines[index].strip():
            index += 1
        elif fence := _FENCE.match(lines[index]):
            end = index + 1
            while end < len(lines) and not lines[end].startswith(fence[1]):
                end += 1
            yield _code(fence["info"], lines[index + 1 : end], style)
            index = end + 1
        elif heading := _HEADING.match(lines[index]):
            yield style(printable(heading["title"]), "bold", "cyan")
            index += 1
        else:
            end = index + 1
            while end < len(lines) and not _ends_paragraph(lines[end]):
                end += 1
            yield _paragraph(lines[index:end], style, width)
            index = end


def _ends_paragraph(line: str) -> bool:
    return not line.strip() or bool(_FENCE.match(line) or _HEADING.match(line))


def _code(info: str, lines: Sequence[str], style: Style) -> str:
    """Code as it is, under the title that its fence gives it."""
    title = _TITLE.search(info)
    head = [_CODE_INDENT + style(f"[{printable(title[1])}]", "dim")] if title else []
    # Tabs are the one control character that code needs.
    code = [_CODE_INDENT + printable(line.expandtabs(4)) for line in lines]
    return "\n".join(head + [line.rstrip() for line in code])


def _paragraph(lines: Sequence[str], style: Style, width: int) -> str:
    """Running text, or a list: a line that starts with a bullet begins a new entry of it."""
    if lines[0].startswith("|"):
        return _table(lines, style, width)
    entries: list[tuple[str, list[str]]] = []
    for line in lines:
        if item := _ITEM.match(line):
            entries.append((f"{item['indent']}{item['bullet']} ", [item["text"]]))
        elif entries:
            entries[-1][1].append(line)
        else:
            entries.append(("", [line]))
    return "\n".join(_entry(head, " ".join(text), style, width) for head, text in entries)


def _table(lines: Sequence[str], style: Style, width: int) -> str:
    headers, _, *rows = (
        [cell.strip() for cell in _CELL_BORDER.split(line.strip().strip("|"))] for line in lines
    )
    cells = [[Cell(cell) for cell in row] for row in rows]
    return "\n".join(table(headers, cells, style, width))


def _entry(head: str, text: str, style: Style, width: int) -> str:
    # Painted after it is wrapped: colours have no width, and what is painted may cross lines.
    lines = wrap(_LINK.sub(_link, printable(text)), width - len(head))
    wrapped = f"\n{' ' * len(head)}".join(lines)
    return head + _PAINTED.sub(lambda found: _paint(found, style), wrapped)


def _paint(found: re.Match[str], style: Style) -> str:
    if found["code"]:
        return style(found["code"], "cyan") if style.color else found[0]
    return style(found["strong"], "bold")


def _link(found: re.Match[str]) -> str:
    if found["address"]:
        return found["address"]
    is_elsewhere = found["target"].startswith(("http://", "https://"))
    if is_elsewhere and found["target"] != found["text"]:
        return f"{found['text']} ({found['target']})"
    return found["text"]
