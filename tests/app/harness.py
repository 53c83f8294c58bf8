"""What the tests of the real programs share: finding them, starting them, seeing their screen.

Python's standard library and these programs: Xvfb, xdotool, ImageMagick's import and convert, tesseract.
"""

import ctypes
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
KEEP = os.environ.get("PONDER_TEST_PICTURES")  # a folder to leave every screenshot in


def skip(reason):
    """Ends the whole program as skipped, in CTest's eyes too."""
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def need(*programs):
    lacking = [program for program in programs if not shutil.which(program)]
    if lacking:
        skip(f"{', '.join(lacking)} not on this machine; ./dev deps installs it")


def inside(namespace):
    """Starts this test program again in a namespace of its own, "net" or "mount", unless it is in it."""
    if os.environ.get("PONDER_TEST_INSIDE") == namespace:
        return
    need("unshare")
    command = ["unshare", f"--{namespace}"] + (["--map-root-user"] if os.getuid() else [])
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        skip(f"this system lets nobody make a namespace of its own (unshare --{namespace})")
    os.environ["PONDER_TEST_INSIDE"] = namespace
    os.execvp("unshare", [*command, sys.executable, "-B", *sys.argv])


def starter():
    """The starter model's file."""
    found = sorted((SOURCE / "resources" / "starter").glob("*.gguf"))
    assert len(found) == 1, f"one starter model expected in resources/starter, found {found}"
    return found[0]


def main():
    """unittest's main, with the folder of the programs as the first argument."""
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)


def program(name):
    """build/bin, then the name; the folder is the first argument of every test program."""
    path = Path(sys.argv[1]) / name
    assert path.is_file(), f"{path} has not been built"
    return str(path)


def run(*command, **options):
    """Runs to the end, text in and out; a minute at most by default."""
    options = {"capture_output": True, "text": True, "timeout": 60, "check": False, **options}
    return subprocess.run([str(word) for word in command], **options)


def wait_for(what, seconds, condition, pause=0.1):
    """Polls until condition() is true and returns what it returned; fails with `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{seconds} s have passed without: {what}")
        time.sleep(pause)


class Display:
    """A screen of its own, in memory; no window manager."""

    def __init__(self, size="1280x860"):
        need("Xvfb", "xdotool", "import", "convert", "tesseract")
        read, write = os.pipe()
        # -noreset: else the server starts again when its last client leaves, as xdotool does while the
        # window is still on its way, and refuses connections in that moment.
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = f":{number.readline().strip()}"
        assert self.name != ":", "Xvfb did not start"
        self.folder = tempfile.mkdtemp(prefix="ponder-screen-")
        self.pictures = 0
        self.window = "root"  # what pictures are taken of: the window, once there is one

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)

    def tool(self, *arguments):
        return run("xdotool", *arguments, env={**os.environ, "DISPLAY": self.name})

    def picture(self):
        self.pictures += 1
        path = Path(KEEP or self.folder) / f"{Path(sys.argv[0]).stem}-{self.pictures:02}.png"
        done = run("import", "-display", self.name, "-window", self.window, path)
        assert done.returncode == 0, done.stderr
        return path

    def _recognised(self, picture, layout, *form):
        """tesseract over a picture at twice its size; layout is its page segmentation mode."""
        large = f"{self.folder}/large.png"
        run("convert", picture, "-colorspace", "Gray", "-resize", "200%", large)
        return run("tesseract", large, "-", "--psm", layout, *form,
                   env={**os.environ, "OMP_THREAD_LIMIT": "1"}).stdout

    def words(self, picture=None):
        """What a person reads on the screen, columns and then scattered words; spaces made single."""
        picture = picture or self.picture()
        return re.sub(r"\s+", " ", self._recognised(picture, 3) + self._recognised(picture, 11))

    def wait_to_read(self, pattern, seconds):
        """Reads the screen until the pattern is on it; returns all that was read then."""
        last = [""]

        def look():
            last[0] = self.words()
            return re.search(pattern, last[0], re.IGNORECASE)

        try:
            wait_for(pattern, seconds, look, pause=0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen says: {last[0]!r}") from None
        return last[0]

    def click_on(self, word, left_of=10_000, seconds=20):
        """Clicks in the middle of the first word on the screen that matches, left of that pixel."""
        def find():
            for line in self._recognised(self.picture(), 11, "tsv").splitlines()[1:]:
                left, top, width, height, _, text = line.split("\t")[6:]
                if re.fullmatch(word, text, re.IGNORECASE) and int(left) // 2 < left_of:
                    return [(int(left) + int(width) // 2) // 2, (int(top) + int(height) // 2) // 2]
            return None

        where = wait_for(f"{word} to click on", seconds, find)
        self.tool("mousemove", "--window", self.window, *where, "click", 1)


class _CloseRequest(ctypes.Structure):
    """Xlib's XClientMessageEvent, padded to the size of any event."""

    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong),
                ("message_type", ctypes.c_ulong), ("format", ctypes.c_int),
                ("data", ctypes.c_long * 5), ("padding", ctypes.c_long * 24)]


def request_close(display_name, window):
    """Sends what a window manager sends for a click on the cross; there is none on our displays."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(display_name.encode())
    event = _CloseRequest(type=33, window=window, format=32,
                          message_type=x11.XInternAtom(display, b"WM_PROTOCOLS", 0))
    event.data[0] = x11.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
    x11.XSendEvent(display, window, 0, 0, ctypes.byref(event))
    x11.XCloseDisplay(display)


class Window:
    """The real program on a display, with a data folder."""

    def __init__(self, display, data, *arguments, **variables):
        self.display = display
        environment = {
            **os.environ, "DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb",
            "QT_QUICK_BACKEND": "software", "PONDER_DATA_DIR": str(data), "HOME": str(data),
            "XDG_CONFIG_HOME": f"{data}/config", "XDG_CACHE_HOME": f"{data}/cache", "LANG": "C.UTF-8",
            **variables,
        }
        environment.pop("WAYLAND_DISPLAY", None)
        environment = {name: value for name, value in environment.items() if value is not None}
        self.log_file = tempfile.NamedTemporaryFile(mode="r")
        with open(self.log_file.name, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program("ponder"), *map(str, arguments)],
                                            env=environment, stdout=log, stderr=log)
        self.id = display.window = wait_for("the window", 30, self._find)
        display.tool("windowfocus", "--sync", self.id)

    def _find(self):
        assert self.process.poll() is None, f"ponder ended by itself: {self.said()}"
        found = self.display.tool("search", "--onlyvisible", "--pid", self.process.pid, "--name", ".")
        return found.stdout.split()[0] if found.stdout.split() else None

    def said(self):
        """Everything on its standard output and error so far."""
        self.log_file.seek(0)
        return self.log_file.read()

    def type(self, words):
        self.display.tool("type", "--delay", "20", words)

    def press(self, key):
        self.display.tool("key", key)

    def ask(self, question):
        self.type(question)
        self.press("Return")

    def close(self):
        """As a person closes it; the process ends by itself, with exit code 0."""
        if self.process.poll() is None:
            request_close(self.display.name, int(self.id))
            self.display.window = "root"
        return self.process.wait(timeout=15)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.display.window = "root"


class Slowed:
    """While it lasts a process runs for `share` of the time, in slices too short to upset its timers."""

    def __init__(self, process, share):
        self.process = process
        self.share = share
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._slow, daemon=True)

    def _slow(self):
        while not self.over.is_set() and self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
            time.sleep(0.06 * (1 - self.share))
            self.process.send_signal(signal.SIGCONT)
            time.sleep(0.06 * self.share)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def database(data):
    """The conversations' database in a data folder, for reading only; None while there is none."""
    file = Path(data) / "ponder.db"
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5) if file.exists() else None


def rows(data, query, *values):
    connection = database(data)
    if connection is None:
        return []
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError:
        return []  # the tables are not there yet
    finally:
        connection.close()
