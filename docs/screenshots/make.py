#!/usr/bin/env python3
"""Makes the pictures of this folder from the real program: python3 docs/screenshots/make.py build/bin

Needs what the tests of the window need (./dev deps): Xvfb, xdotool, ImageMagick, tesseract. The starter
model thinks for less than a second, so the program takes its slow, plain kernels and is halted again and
again to be caught at it.
"""
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "app"))
from harness import Display, Window, rows, run, wait_for  # noqa: E402

EARLIER = ("Thanks!", "Write a Python function that reverses a string.")
SUM = "What is 347 + 586?"
LIGHT, DARK = 1, 2  # as the settings store them


def answers(data):
    return len(rows(data, "SELECT id FROM messages WHERE role = 'assistant' AND state = 'complete'"))


def complete(data, count):
    wait_for(f"{count} answers", 120, lambda: answers(data) == count)


def frames(display, window, data, count):
    """The window every few milliseconds of its own time, until `count` answers are there."""
    while answers(data) < count:
        time.sleep(0.01)
        window.process.send_signal(signal.SIGSTOP)
        yield display.picture()
        window.process.send_signal(signal.SIGCONT)


def keep(display, name):
    shutil.copy(display.picture(), HERE / f"{name}.png")


def prepare(display, data, theme):
    """A few conversations to stand in the list, and the theme."""
    window = Window(display, data)
    display.wait_to_read("Ready", 60)
    for i, question in enumerate(EARLIER):
        if i:
            window.press("ctrl+n")
            time.sleep(1)
        window.ask(question)
        complete(data, i + 1)
    time.sleep(1)
    window.close()
    with sqlite3.connect(data / "ponder.db") as database:
        database.execute("INSERT OR REPLACE INTO settings (key, value_json) VALUES ('theme', ?)", (str(theme),))


def take(theme, name):
    display = Display("1280x820")
    data = Path(tempfile.mkdtemp(prefix="ponder-pictures-"))
    try:
        prepare(display, data, theme)
        window = Window(display, data, PONDER_CPU="reference")
        display.wait_to_read("Ready", 60)
        window.press("ctrl+n")
        time.sleep(1)
        window.ask(SUM)
        pictures = list(frames(display, window, data, len(EARLIER) + 1))
        latest = next(p for p in reversed(pictures) if "Thinking" in run("tesseract", p, "-").stdout)
        shutil.copy(latest, HERE / f"thinking-{name}.png")
        display.click_on("Thought")  # it folded itself when the answer began
        time.sleep(2)
        keep(display, f"done-{name}")
        display.click_on("Write", left_of=250)
        time.sleep(2)
        keep(display, f"code-{name}")
        window.close()
    finally:
        display.close()
        shutil.rmtree(data)


if __name__ == "__main__":
    take(LIGHT, "light")
    take(DARK, "dark")
