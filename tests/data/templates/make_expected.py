#!/usr/bin/env python3
"""Writes expected.json: what Python's Jinja makes of the conversations with every template.

    python3 tests/data/templates/make_expected.py [FOLDER WITH PUBLISHED *.jinja]

The environment is the one in which transformers renders chat templates (trim_blocks, lstrip_blocks, loop controls,
its own tojson), with the clock at 2025-03-04 05:06. Needs Python's jinja2. Without a folder the entries of the
published templates are kept as they are. A published template is named by its SHA-256, so that a test knows
whether it holds the same one.
"""
import datetime
import hashlib
import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2025, 3, 4, 5, 6)
BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"


def environment():
    def raise_exception(message):
        raise TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(source, conversation):
    variables = {"tools": None, "documents": None, "bos_token": BOS, "eos_token": EOS}
    variables |= conversation.get("variables", {})
    try:
        return environment().from_string(source).render(
            messages=conversation["messages"],
            add_generation_prompt=conversation.get("add_generation_prompt", True), **variables)
    except Exception as error:  # a refusal is a result too
        return {"error": str(error)}


def main():
    conversations = json.loads((HERE / "conversations.json").read_text())
    path = HERE / "expected.json"
    expected = json.loads(path.read_text()) if path.exists() else {}
    files = sorted(HERE.glob("*.jinja"))
    if len(sys.argv) > 1:
        files += sorted(pathlib.Path(sys.argv[1]).glob("*.jinja"))
    for file in files:
        source = file.read_text()
        expected[file.name] = {
            "sha256": hashlib.sha256(source.encode()).hexdigest(),
            "rendered": {name: render(source, c) for name, c in conversations.items()},
        }
    path.write_text(json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


main()
