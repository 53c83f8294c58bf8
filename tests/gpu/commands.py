"""Programs that may crash, hang, or never end: what they said is kept whatever happens to them."""

import os
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

alive = set()
over = threading.Event()
NOT_BEGUN = "no time was left"
GRACE = 5  # seconds that a killed program may take to be gone; one that hangs in a driver may never be


@dataclass
class Outcome:
    code: int | None  # None: it never began, or was ended
    out: str = ""
    err: str = ""
    ended: str = ""  # why it has no code
    late: bool = False  # the time of the whole run ended it, which says nothing of the program

    @property
    def well(self):
        return self.code == 0

    @property
    def reason(self):
        """Why it was not well, in a line."""
        last = last_line(self.err)
        if self.code is not None and self.code >= 0:
            return last or last_line(self.out) or f"it ended with code {self.code}"
        how = self.ended if self.code is None else f"it crashed ({signal_name(-self.code)})"
        return f"{how}; last it said: {last}" if last else how


def last_line(text):
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def run(words, limit, environment=None, watch=None, log=None, stall=None):
    """Runs a program for at most limit seconds, and at most stall seconds without a line. Each line of its standard
    output is given to watch, whose True ends the program, and each line of both to log as it comes, so that nothing
    is lost when it crashes."""
    if limit <= 0 or over.is_set():
        return Outcome(None, ended=NOT_BEGUN)
    try:
        # A group of its own, so that what it starts ends with it.
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment, process_group=0)
    except OSError as error:
        return Outcome(None, ended=str(error))
    alive.add(process)
    seen = threading.Event()
    began = time.monotonic()
    spoke = [began]
    kept = {process.stdout: [], process.stderr: []}

    def read(stream):
        for raw in stream:
            line = raw.decode(errors="replace").rstrip("\n")
            kept[stream].append(line)
            spoke[0] = time.monotonic()
            if log:
                log(line)
            if watch and stream is process.stdout and not seen.is_set() and watch(line):
                seen.set()
                kill(process)

    readers = [threading.Thread(target=read, args=(stream,), daemon=True) for stream in kept]
    for reader in readers:
        reader.start()
    ended = ""
    while process.returncode is None and not ended:
        ends = began + limit
        if stall and spoke[0] + stall < ends:
            ends = spoke[0] + stall
        try:
            process.wait(max(0.01, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if now >= began + limit:
                ended = f"time ended it after {limit:.0f} s"
            elif stall and now >= spoke[0] + stall:
                ended = f"it hung: no line came for {stall:.0f} s"
    code = process.returncode
    alive.discard(process)
    if ended:
        kill(process)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            ended += ", and it is still there"
    for reader in readers:
        reader.join(2)  # a grandchild may hold the pipe open
    if seen.is_set():
        code, ended = None, "enough was seen"
    return Outcome(code, "\n".join(kept[process.stdout]), "\n".join(kept[process.stderr]), ended)


def end_all():
    """Ends what runs; nothing is begun any more."""
    over.set()
    for process in list(alive):
        kill(process)


def kill(process):
    """The program and all that it started, and nothing else: it leads a group of its own until it is waited for."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass


class Background:
    """A shell command that runs while the script goes on."""

    def __init__(self, command, log, environment=None):
        self.outcome = None
        self.done = threading.Event()
        self.process = subprocess.Popen(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=environment, process_group=0)

        def read():
            lines = []
            for raw in self.process.stdout:
                lines.append(raw.decode(errors="replace").rstrip("\n"))
                log(lines[-1])
            self.outcome = Outcome(self.process.wait(), "\n".join(lines))
            self.done.set()

        threading.Thread(target=read, daemon=True).start()

    def wait(self, limit):
        """Its outcome, or none where it goes on longer."""
        self.done.wait(max(0, limit))
        return self.outcome

    def stop(self):
        if not self.done.is_set():
            kill(self.process)
            self.done.wait(GRACE)


def tool(name, *places):
    """A program's path: on the PATH, or the last of the places that match; None where it is nowhere."""
    found = shutil.which(name)
    if found:
        return found
    for place in places:
        matching = sorted(Path("/").glob(place.lstrip("/")))
        if matching:
            return str(matching[-1])
    return None


def environment_for(programs, stand_in=False):
    """The environment in which packed programs find the libraries that came with them, and the driver's. A module
    that stands in for the GPU's is named, since it needs no driver."""
    environment = dict(os.environ)
    if stand_in:
        environment.setdefault("PONDER_CUDA_MODULE", str(programs / "libponder-cuda.so"))
    folders = [str(folder) for folder in (programs / "lib",) if folder.is_dir()]
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    listed = run([ldconfig, "-p"], 10)
    if "libcuda.so.1" not in listed.out:
        folders.append("/usr/local/nvidia/lib64")
    folders += [environment["LD_LIBRARY_PATH"]] if environment.get("LD_LIBRARY_PATH") else []
    environment["LD_LIBRARY_PATH"] = ":".join(folders)
    return environment
