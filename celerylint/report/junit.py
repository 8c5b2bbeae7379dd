"""JUnit XML, which most CI servers can show.

There is no standard. GitLab tells tests apart by class, name and file, ignores a second one that
has the same, and compares the failures of two branches; Jenkins calls a report without any test
broken. Hence a failed test for each finding, with a name that does not change when lines move,
and a passed one for each rule without a finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from celerylint.checks.rule import Rule
from celerylint.engine import Result
from celerylint.model.finding import Finding
from celerylint.report.checkout import checkout_path
from celerylint.report.fingerprint import numbered, subject
from celerylint.report.plain import advice, trail
from celerylint.report.style import printable

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets; most are gone already from what is printable."""


def render(result: Result) -> str:
    """One XML document, ending in a newline."""
    found = {finding.code for finding in result.findings}
    clean = [rule for rule in result.rules if rule.code not in found]
    suites = ElementTree.Element("testsuites")
    suites.append(_suite(result.findings, clean))
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(findings: Sequence[Finding], clean: Sequence[Rule]) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name="celerylint",
        tests=str(len(findings) + len(clean)),
        failures=str(len(findings)),
        errors="0",
        skipped="0",
    )
    for finding, number in numbered(findings):
        suite.append(_failed(finding, number))
    for rule in clean:
        suite.append(_test(rule.code, rule.name, "no findings"))
    return suite


def _test(code: str, rule_name: str, name: str) -> ElementTree.Element:
    # Jenkins takes what is before the last dot for the package.
    classname = f"celerylint.{code}-{rule_name}"
    return ElementTree.Element("testcase", classname=_xml(classname), name=_xml(name))


def _failed(finding: Finding, number: int) -> ElementTree.Element:
    name = subject(finding) if number == 1 else f"{subject(finding)} ({number})"
    test = _test(finding.code, finding.name, printable(name))
    test.set("file", _xml(checkout_path(finding.place.path)))
    test.set("line", str(finding.place.line))
    message = printable(finding.message)
    failure = ElementTree.SubElement(
        test, "failure", type=finding.severity.value, message=_xml(message)
    )
    head = f"{printable(str(finding.place))}: {message}"
    failure.text = _xml("\n".join([head, *trail(finding), *advice(finding)]))
    return test


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
