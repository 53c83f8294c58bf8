#!/usr/bin/env python3
"""Files whose chat template or token types are missing or broken, in ponder-cli. usage: tst_template.py build/bin"""

import json
import os
import pty
import subprocess
import tempfile
import unittest
from pathlib import Path

from gguf_patch import Places, patched
from harness import main, program, run, starter

CLI = program("ponder-cli")
SUM = "What is 12 + 30?"


def without(data, key):
    """The same file in which that key has another name."""
    assert data.count(key) == 1, key
    return data.replace(key, key[:-1] + b"X")


def answer(model, *arguments):
    done = run(CLI, "chat", "-m", model, "--temp", "0", "-p", SUM, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def inspected(model, *arguments):
    done = run(CLI, "inspect", model, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def said_on_a_terminal(*command):
    """What stands on stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0, text
    return text.decode()


class Templates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="ponder-template-")
        cls.data = starter().read_bytes()
        cls.whole = answer(starter())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def file(self, name, content):
        path = Path(self.folder.name) / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    def test_without_token_types_it_still_adds(self):
        model = self.file("types.gguf", without(self.data, b"tokenizer.ggml.token_type"))
        done = answer(model)
        self.assertEqual(done["content"], self.whole["content"])
        self.assertEqual(done["usage"], self.whole["usage"])
        self.assertIn("does not say which of its tokens are special", " ".join(inspected(model)["lacks"]))
        self.assertIn("special", said_on_a_terminal(CLI, "chat", "-m", model, "-p", SUM, "-n", 1))

    def test_without_a_template_the_form_is_told_and_said(self):
        model = self.file("none.gguf", without(self.data, b"tokenizer.chat_template"))
        report = inspected(model)
        self.assertIn("brings no chat template", " ".join(report["lacks"]))
        self.assertIn(report["text"]["chat_template"], report_words(model))
        self.assertIn("chat template", said_on_a_terminal(CLI, "chat", "-m", model, "-p", SUM, "-n", 1))

    def test_a_broken_or_blank_template_does_not_keep_the_model_shut(self):
        start, source = Places(self.data).values["tokenizer.chat_template"]
        broken = patched(self.data, start, b"{% if %}")
        blank = patched(self.data, start, b" " * len(source.encode()))
        for name, data in (("broken.gguf", broken), ("blank.gguf", blank)):
            model = self.file(name, data)
            self.assertTrue(answer(model)["usage"]["completion_tokens"] > 0)
            report = inspected(model)
            self.assertNotEqual(report["text"]["chat_template"], "the model's own")
            self.assertIn("chat template", " ".join(report["lacks"]))

    def test_a_template_of_ones_own_mends_it(self):
        start, source = Places(self.data).values["tokenizer.chat_template"]
        model = self.file("mended.gguf", patched(self.data, start, b"{% if %}"))
        own = self.file("own.jinja", source)
        self.assertEqual(answer(model, "--template", own)["content"], self.whole["content"])
        report = inspected(model, "--template", own)
        self.assertEqual(report["text"]["chat_template"], "a template of your own")

    def test_what_template_takes(self):
        short = self.file("short.jinja", "{{ messages[-1].content }}")
        self.assertLess(answer(starter(), "--template", short, "-n", 1)["usage"]["prompt_tokens"],
                        self.whole["usage"]["prompt_tokens"])
        self.assertEqual(inspected(starter(), "--template", "chatml")["text"]["chat_template"], "the ChatML form")
        for wrong, words in ((self.file("wrong.jinja", "{% if %}"), "cannot be read"),
                             (self.file("blank.jinja", " \n"), "empty"),
                             (Path(self.folder.name) / "none.jinja", "chatml")):
            for command in (("chat", "-m", starter(), "-p", SUM), ("inspect", starter())):
                done = run(CLI, *command, "--template", wrong)
                if command[0] == "inspect" and words == "cannot be read":
                    self.assertIn(words, done.stdout)
                else:
                    self.assertEqual(done.returncode, 1, done.stdout)
                    self.assertIn(words, done.stderr)


def report_words(model):
    return run(CLI, "inspect", model).stdout


if __name__ == "__main__":
    main()
