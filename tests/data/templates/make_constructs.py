#!/usr/bin/env python3
"""Writes constructs.json: small templates, and what Python's Jinja makes of each.

    python3 tests/data/templates/make_constructs.py

constructs.txt holds the templates, one a line; "\\n" in it is a line end, "\\\\" a backslash. Lines that begin with "## " are
headings. Every template is rendered with the same messages, as transformers renders chat templates (make_expected.py), with
the clock at 2025-03-04 05:06:07. Where Python refuses a template, the fixture holds null. Needs Python's jinja2.
"""
import datetime
import json
import pathlib

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2025, 3, 4, 5, 6, 7)
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello, World!\n  What is 2 + 2?"},
    {"role": "assistant", "content": "It is 4.", "reasoning_content": "Two and two."},
    {"role": "user", "content": "\t naïve café 🙂 "},
]


class Generation(Extension):
    """The tag of transformers that marks what the assistant wrote."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_generation"), [], [], body).set_lineno(line)

    def _generation(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(source):
    try:
        return environment().from_string(source).render(
            messages=MESSAGES, add_generation_prompt=True, tools=None, documents=None, bos_token="<s>",
            eos_token="</s>", enable_thinking=False)
    except Exception:
        return None


def main():
    cases = []
    for line in (HERE / "constructs.txt").read_text().split("\n"):
        if line and not line.startswith("## "):
            source = line.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
            cases.append({"template": source, "rendered": render(source)})
    text = ",\n".join(" " + json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / "constructs.json").write_text(f"[\n{text}\n]\n")


main()
