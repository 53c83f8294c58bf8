#!/usr/bin/env python3
"""The real window where displays and drivers are missing or broken. usage: tst_display.py build/bin"""

import os
import re
import tempfile
import time
import unittest
from pathlib import Path

from harness import Display, Window, main, program, run, wait_for

WORKS_ELSEWHERE = "ponder-cli chat -m MODEL.gguf"


def threads(process):
    return Path(f"/proc/{process.pid}/task").iterdir()


def sleeps(process):
    """How often all threads together have gone to sleep."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (thread / "status").read_text(), re.M)[1])
               for thread in threads(process))


class WithoutADisplay(unittest.TestCase):
    def start(self, *arguments, **variables):
        with tempfile.TemporaryDirectory() as data:
            environment = {name: value for name, value in os.environ.items()
                           if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XAUTHORITY")}
            environment.update(PONDER_DATA_DIR=data, LANG="C.UTF-8", **variables)
            return run(program("ponder"), *arguments, env=environment)

    def explained(self, done):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("ponder: "), done.stderr)
        self.assertIn(WORKS_ELSEWHERE, done.stderr)
        self.assertNotRegex(done.stderr, r"(?i)abort|core dumped|qt\.qpa|plugin could not be")
        self.assertLessEqual(done.stderr.count("\n"), 3)
        return done.stderr

    def test_no_display_is_named(self):
        self.assertIn("neither DISPLAY nor WAYLAND_DISPLAY is set", self.explained(self.start()))

    def test_a_display_over_the_network_is_closed_by_the_seal(self):
        for display in ("localhost:10.0", "127.0.0.1:0"):
            with self.subTest(display):
                said = self.explained(self.start(DISPLAY=display))
                self.assertIn(f"The display {display} is reached over the network (ssh -X)", said)

    def test_a_display_that_is_not_there_is_named(self):
        self.assertIn("on the display :4242", self.explained(self.start(DISPLAY=":4242")))
        self.assertIn("on the display wayland-42",
                      self.explained(self.start(WAYLAND_DISPLAY="wayland-42", XDG_RUNTIME_DIR="/nonexistent")))

    def test_a_platform_that_is_not_there_is_named(self):
        self.assertIn("nonsense", self.explained(self.start(QT_QPA_PLATFORM="nonsense")))
        self.assertIn("nonsense", self.explained(self.start("-platform", "nonsense")))

    def test_words_need_no_display(self):
        version = self.start("--version")
        self.assertEqual(version.returncode, 0, version.stderr)
        self.assertRegex(version.stdout, r"^ponder \d")
        usage = self.start("--help")
        self.assertEqual(usage.returncode, 0, usage.stderr)
        self.assertIn("MODEL.gguf", usage.stdout)


class OnADisplay(unittest.TestCase):
    def open(self, size="1280x860", **variables):
        display = Display(size)
        self.addCleanup(display.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        window = Window(display, folder.name, **variables)
        self.addCleanup(window.kill)
        return display, window

    def is_drawn_by_program(self, window):
        """Without OpenGL, of which nothing is loaded then."""
        maps = Path(f"/proc/{window.process.pid}/maps").read_text()
        return not re.search(r"libgallium|swrast_dri|libLLVM|libnvidia-glcore", maps)

    def test_the_window_opens_whatever_the_driver(self):
        for broken in ({}, {"LIBGL_DRIVERS_PATH": "/nonexistent"}, {"QT_XCB_GL_INTEGRATION": "none"},
                       {"LIBGL_ALWAYS_SOFTWARE": "1"}):
            with self.subTest(broken):
                display, window = self.open(QT_QUICK_BACKEND=None, **broken)
                display.wait_to_read("Ready", 30)
                if not Path("/dev/dri").exists():
                    self.assertTrue(self.is_drawn_by_program(window))
                self.assertEqual(window.close(), 0, window.said())

    def test_what_the_person_asks_for_holds_and_its_failure_is_survived(self):
        display, window = self.open(QT_QUICK_BACKEND=None, QSG_RHI_BACKEND="opengl", QT_XCB_GL_INTEGRATION="none")
        display.window = "root"  # one window goes and another comes
        display.wait_to_read(r"draws without it now", 30)
        window.id = display.window = wait_for("the window that came after", 10, window._find)
        display.wait_to_read("Ready", 30)
        self.assertIn("The window cannot be drawn", window.said())
        self.assertTrue(self.is_drawn_by_program(window))
        self.assertEqual(window.close(), 0, window.said())

    def test_the_first_start_fits_the_screen(self):
        for size, scale in (("1280x720", 1), ("1280x720", 1.25), ("1920x1080", 1.5), ("1920x1080", 2),
                            ("1024x600", 1)):
            with self.subTest(size=size, scale=scale):
                display, window = self.open(size, QT_SCALE_FACTOR=str(scale))
                said = dict(line.split("=") for line in
                            display.tool("getwindowgeometry", "--shell", window.id).stdout.split())
                x, y, width, height = (int(said[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))
                across, down = map(int, size.split("x"))
                self.assertGreaterEqual(x, 0)
                self.assertGreaterEqual(y, 0)
                self.assertLessEqual(x + width, across)
                self.assertLessEqual(y + height, down)
                self.assertGreater(width, 0.6 * across)
                display.wait_to_read("Ready", 30)  # the line at the very bottom
                self.assertEqual(window.close(), 0, window.said())

    def test_nothing_wakes_it_when_nobody_does_anything(self):
        display, window = self.open()
        display.wait_to_read("Ready", 30)
        window.type("x")
        time.sleep(12)
        before = sleeps(window.process)
        time.sleep(4)
        self.assertEqual(sleeps(window.process) - before, 0)
        window.type("y")
        time.sleep(2)
        self.assertGreater(sleeps(window.process) - before, 3)  # the cursor blinks again
        self.assertEqual(window.close(), 0, window.said())


if __name__ == "__main__":
    main()
