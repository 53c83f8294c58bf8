#!/usr/bin/env python3
"""ponder-cli's chat as a person has it, and what it makes of odd answers. usage: tst_terminal.py build/bin"""

import json
import os
import pty
import select
import signal
import subprocess
import tempfile
import termios
import time
import unittest
from pathlib import Path

from harness import main, program, run
from puppet import make

CLI = program("ponder-cli")
FOLDER = tempfile.TemporaryDirectory()


def model(*script, **options):
    path = Path(FOLDER.name) / f"{abs(hash((script, str(options))))}.gguf"
    if not path.is_file():
        make(path, script, **options)
    return path


def answer(*script, arguments=(), **options):
    """What a puppet's answer is in a pipe: stdout, and stderr."""
    result = run(CLI, "chat", "-m", model(*script, **options), "--temp", "0", "-p", "Hi", *arguments)
    return result.stdout, result.stderr


def done(*script, arguments=(), **options):
    lines = answer(*script, arguments=["--json", *arguments], **options)[0].splitlines()
    return json.loads(lines[-1])


class Terminal:
    """A chat in a terminal of its own."""

    def __init__(self, path, *arguments, wait=True):
        self.keyboard, self.screen = pty.openpty()
        self.before = termios.tcgetattr(self.screen)
        self.process = subprocess.Popen(
            [CLI, "chat", "-m", str(path), "--temp", "0", *arguments],
            stdin=self.screen, stdout=self.screen, stderr=self.screen)
        self.shown = b""
        if wait:
            self.read_until(b"> ")

    def read_until(self, words, seconds=30):
        end = time.monotonic() + seconds
        while words not in self.shown:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.keyboard], [], [], left)[0]:
                raise AssertionError(f"never shown: {words!r}; shown: {self.shown[-2000:]!r}")
            self.shown += os.read(self.keyboard, 65536)
        at = self.shown.index(words) + len(words)
        before, self.shown = self.shown[:at], self.shown[at:]
        return before

    def write(self, data):
        while data:
            readable, writable, _ = select.select([self.keyboard], [self.keyboard], [], 30)
            if readable:
                self.shown += os.read(self.keyboard, 65536)
            if writable:
                data = data[os.write(self.keyboard, data[:1024]):]

    def ask(self, data, seconds=30):
        """What the terminal shows from the question on until the next prompt."""
        self.write(data)
        return self.read_until(b"\n> ", seconds)

    def close(self):
        self.write(b"\x04")
        code = self.process.wait(30)
        after = termios.tcgetattr(self.screen)
        os.close(self.keyboard)
        os.close(self.screen)
        return code, after


def prompt_tokens(lines):
    """Of every answer in what a terminal showed."""
    return [json.loads(line)["usage"]["prompt_tokens"] for line in lines.decode().split("\r\n")
            if line.startswith('{"type":"done"')]


class Typing(unittest.TestCase):
    def setUp(self):
        self.terminal = Terminal(model("Fi", "ne"), "--json")
        self.tokens(b"x\r")  # the first has another beginning; from here on a byte is a token

    def tearDown(self):
        if self.terminal.process.poll() is None:
            self.terminal.close()

    def tokens(self, keys):
        """Of the conversation's new part: what was typed, and what stands around it."""
        self.terminal.write(keys)
        shown = self.terminal.read_until(b'"type":"done"') + self.terminal.read_until(b"\n> ")
        total = prompt_tokens(shown)[-1]
        new, self.total = total - getattr(self, "total", 0), total
        return new

    def length(self, keys):
        """How many bytes the question had that these keys make."""
        first = not hasattr(self, "around")
        if first:
            self.around = self.tokens(b"y\r") - 1
        return self.tokens(keys) - self.around

    def test_keys_edit(self):
        self.assertEqual(self.length(b"abc\r"), 3)
        self.assertEqual(self.length(b"abc\x7f\r"), 2)
        self.assertEqual(self.length("aé世\x7f\x7f\r".encode()), 1)
        self.assertEqual(self.length("aé世\r".encode()), 6)
        self.assertEqual(self.length(b"one two\x17\r"), 4)
        self.assertEqual(self.length(b"one two\x15three\r"), 5)
        self.assertEqual(self.length(b"one\x03three\r"), 5)
        self.assertEqual(self.length(b"a\x1b[Ab\x1b[3~c\x1bOPd\r"), 4)  # keys that do nothing
        self.assertEqual(self.length(b"one\\\rtwo\r"), 7)
        self.assertEqual(self.length(b"one\x1b\rtwo\r"), 7)

    def test_what_is_pasted_is_one_question(self):
        self.assertEqual(self.length(b"\x1b[200~one\rtwo\r\nthree\n\tfour\x1b[201~\r"), 19)
        self.assertEqual(self.length(b"see: \x1b[200~a\x7f\x03\x04b\x1b[201~\r"), 10)

    def test_a_paste_ends_though_its_end_comes_slowly(self):
        self.assertEqual(self.length(b"abc\r"), 3)
        self.terminal.write(b"\x1b[200~one\rtwo\x1b")
        time.sleep(0.5)
        self.assertEqual(self.length(b"[201~\r"), 7)

    def test_ctrl_c_ends_a_paste_that_has_no_end(self):
        self.assertEqual(self.length(b"abc\r"), 3)
        self.terminal.write(b"\x1b[200~one\rtwo")
        time.sleep(0.2)
        self.terminal.write(b"\x03")
        time.sleep(0.2)
        self.assertEqual(self.length(b"three\r"), 5)

    def test_the_terminal_is_put_back(self):
        self.assertEqual(self.length(b"abc\r"), 3)
        code, after = self.terminal.close()
        self.assertEqual(code, 0)
        self.assertEqual(after, self.terminal.before)

    def test_the_terminal_is_put_back_by_a_signal(self):
        self.terminal.process.terminate()
        self.terminal.process.wait(30)
        self.assertEqual(termios.tcgetattr(self.terminal.screen), self.terminal.before)


class LongLines(unittest.TestCase):
    def test_twenty_thousand_letters_are_taken_whole(self):
        for letters in ("abcdefghi " * 2000, "é世🙂 " * 2000):
            with self.subTest(letters=letters[:4]):
                terminal = Terminal(model("Fi", "ne", context=1024))
                bare = run(CLI, "chat", "-m", model("Fi", "ne", context=1024), "-p", letters).stderr
                shown = terminal.ask(letters.encode() + b"\r")
                length = bare.split("conversation is ")[1].split(" tokens")[0]
                self.assertGreater(int(length), 20000)
                self.assertIn(f"conversation is {length} tokens".encode(), shown)
                terminal.close()

    def test_what_is_typed_while_the_model_is_read_is_kept(self):
        terminal = Terminal(model("Fi", "ne"), "--json", wait=False)
        terminal.write(b"one\rtwo\r")
        terminal.read_until(b'"type":"done"')
        terminal.read_until(b'"type":"done"')
        terminal.read_until(b"> ")
        terminal.close()


class Thoughts(unittest.TestCase):
    NOBODY = ("I should", " plan", "</think>", "\n\n", "Done.")

    def test_a_thought_that_nobody_opened(self):
        last = done(*self.NOBODY)
        self.assertEqual(last["reasoning_content"], "I should plan")
        self.assertEqual(last["content"], "Done.")
        self.assertEqual(last["usage"]["reasoning_tokens"], 3)
        self.assertEqual(answer(*self.NOBODY)[0], "I should plan\n</think>\n\nDone.\n")
        terminal = Terminal(model(*self.NOBODY))
        shown = terminal.ask(b"Hi\r")
        self.assertIn(b"(What stands above was the thought.)", shown)
        self.assertNotIn(b"think>", shown)
        terminal.close()

    def test_a_second_thought(self):
        script = ("Sure.\n", "<think>", "plan", "</think>", "Done")
        self.assertEqual(done(*script)["content"], "Sure.\n\nDone")
        self.assertEqual(done(*script)["reasoning_content"], "plan")
        self.assertEqual(answer(*script)[0], "Sure.\n\n<think>\nplan\n</think>\n\nDone\n")

    def test_a_closing_tag_in_letters(self):
        script = ("<think>", "plan\n", "</", "think", ">", "\n\n", "Done.")
        self.assertEqual(done(*script)["content"], "Done.")
        self.assertEqual(done(*script)["reasoning_content"], "plan")
        self.assertEqual(answer(*script)[0], "<think>\nplan\n</think>\n\nDone.\n")

    def test_an_answer_that_stays_empty_says_so(self):
        script = ("<think>", "I wonder")
        last = done(*script)
        self.assertEqual((last["content"], last["finish_reason"], last["ended_in_thought"]), ("", "stop", True))
        out, err = answer(*script)
        self.assertEqual(out, "<think>\nI wonder\n")
        self.assertIn("ended inside its thought", err)
        self.assertIn("gave no answer", answer("<think>", "I wonder", "</think>")[1])
        self.assertNotIn("no answer", answer("<think>", "I", "</think>", "4")[1])

    def test_a_thought_that_is_cut_is_not_closed(self):
        script = ("<think>", "I wonder", "</think>", "4")
        self.assertEqual(answer(*script, arguments=["-n", "2"])[0], "<think>\nI wonder\n")
        self.assertEqual(answer(*script)[0], "<think>\nI wonder\n</think>\n\n4\n")

    def test_other_spellings(self):
        for opening, closing in (("[THINK]", "[/THINK]"), ("<thinking>", "</thinking>"),
                                 ("<|begin_of_thought|>", "<|end_of_thought|>"), ("◁think▷", "◁/think▷")):
            with self.subTest(opening=opening):
                last = done(opening, "plan", closing, "\n\nDone.")
                self.assertEqual((last["reasoning_content"], last["content"]), ("plan", "Done."))
                last = done(opening, "plan", closing, "\n\nDone.",
                            special=("<|im_start|>", "<|im_end|>", opening, closing))
                self.assertEqual((last["reasoning_content"], last["content"]), ("plan", "Done."))


class Conversations(unittest.TestCase):
    REFUSING = ("{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
                "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
                "{{ raise_exception('Roles must alternate') }}{% endif %}[{{ m.role }}]{{ m.content }}\n{% endfor %}")

    def test_a_system_prompt_that_the_template_refuses(self):
        self.assertEqual(done("Fine", template=self.REFUSING, arguments=["--system", "Be brief."])["content"], "Fine")
        plain = done("Fine", template=self.REFUSING)["usage"]["prompt_tokens"]
        folded = done("Fine", template=self.REFUSING, arguments=["--system", "Be brief."])["usage"]["prompt_tokens"]
        self.assertEqual(folded, plain + len("Be brief.\n\n"))

    def test_an_empty_answer_does_not_end_the_conversation(self):
        terminal = Terminal(model("<think>", "Hm", template=self.REFUSING))
        for _ in range(3):
            self.assertIn(b"ended inside its thought", terminal.ask(b"Hi\r"))
        terminal.close()


    def test_an_interrupt_while_the_terminal_takes_nothing_ends_that_answer_only(self):
        terminal = Terminal(model(*(f"{n} " for n in range(500))), "--json")
        os.write(terminal.keyboard, b"Hi\r")
        time.sleep(2)  # until what the terminal holds back is full
        terminal.process.send_signal(signal.SIGINT)
        terminal.read_until(b"\n> ")
        self.assertIn(b'" 499"', terminal.ask(b"Hi\r"))
        terminal.close()


class Characters(unittest.TestCase):
    ODD = ("a\x1b[31m", "red\x07", "\x9b", "\u202e", "b\x7f", "\u2066c")

    def test_no_control_character_reaches_a_terminal(self):
        terminal = Terminal(model(*self.ODD))
        shown = terminal.ask(b"Hi\r").decode()
        for odd in ("\x1b[31m", "\x07", "\x9b", "\u202e", "\x7f", "\u2066"):
            self.assertNotIn(odd, shown)
        self.assertIn("a\ufffd[31mred\ufffd\ufffd\ufffdb\ufffd\ufffdc", shown)
        terminal.close()
        terminal = Terminal(model(*self.ODD), "--json")
        shown = terminal.ask(b"Hi\r").decode()
        for odd in ("\x1b[31m", "\x07", "\x9b", "\u202e", "\x7f", "\u2066"):
            self.assertNotIn(odd, shown)
        terminal.close()

    def test_into_a_pipe_the_answer_comes_as_it_is(self):
        self.assertEqual(answer(*self.ODD)[0], "".join(self.ODD) + "\n")

    def test_errors_are_safe(self):
        for arguments in (["-m", "no\x1b[31m\u202e.gguf"], ["-m", "x", "--temp", "\x1b[31m"], ["-m", "x", "\x1b[31m"]):
            result = run(CLI, "chat", "-p", "Hi", *arguments)
            self.assertNotIn("\x1b", result.stderr)
            self.assertNotIn("\u202e", result.stderr)
            self.assertIn("[31m", result.stderr)


class Options(unittest.TestCase):
    def code(self, *arguments):
        return run(CLI, "chat", "-m", model("Fi", "ne"), "-p", "Hi", *arguments).returncode

    def test_numbers(self):
        for wrong in (["--temp", "nan"], ["--temp", "-nan"], ["--temp", "-1"], ["--temp", "inf"], ["--temp", "11"],
                      ["--temp", ""], ["--temp", "1x"], ["--top-p", "nan"], ["--top-p", "2"], ["--top-p", "-0.1"],
                      ["--seed", "-2"], ["--seed", "x"], ["--seed", "1.5"], ["--seed", "18446744073709551616"],
                      ["-n", "0"], ["-n", "-2"], ["-n", "x"], ["-n", "1.5"], ["-t", "-1"]):
            with self.subTest(wrong=wrong):
                self.assertEqual(self.code(*wrong), 2)
        for right in (["--temp", "0"], ["--temp", "10"], ["--temp", "1e-30"], ["--top-p", "0"], ["--top-p", "1"],
                      ["--seed", "-1"], ["--seed", "18446744073709551615"], ["-n", "-1"], ["-n", "1"]):
            with self.subTest(right=right):
                self.assertEqual(self.code(*right), 0)

    def test_no_question(self):
        for blank in ("", "  ", "\n"):
            result = run(CLI, "chat", "-m", model("Fi", "ne"), "-p", blank)
            self.assertEqual(result.returncode, 1)
            self.assertIn("no question", result.stderr)


if __name__ == "__main__":
    main()
