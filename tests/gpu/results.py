"""What a run finds out: rows for a document, lines for the terminal, and files that outlive a crash."""

import datetime
import threading
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 4 << 20  # of one file
MOST_FILES = 8  # at a time, the document among them
MOST_COLUMNS = 220  # of a line on the terminal
WORDS = {True: "ok", False: "FAIL", None: ""}


@dataclass
class Row:
    part: str
    what: str
    value: str
    well: bool | None
    beside: str


class Results:
    """Rows and files. `folder` takes the files, and there are none without it."""

    def __init__(self, folder, doc):
        self.folder = Path(folder) if folder else None
        self.doc = Path(doc)
        self.rows = []
        self.faults = []  # (what, lines that tell more)
        self.part = ""
        self.card = "?"
        self.commit = "?"
        self.files = {}
        self.lock = threading.Lock()
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
        self.before = self.doc.read_text() if self.doc.exists() else "# What a GPU showed\n\nWritten by `tests/gpu/run`.\n"

    # Files.

    def log(self, name):
        """A function that adds a line to a file of the folder at once."""
        def add(line):
            with self.lock:
                if not self.folder:
                    return
                if name not in self.files:
                    if len(self.files) + 1 >= MOST_FILES:
                        return
                    self.files[name] = [open(self.folder / name, "w", encoding="utf-8"), 0]
                file, size = self.files[name]
                if size <= MOST_BYTES:
                    file.write(line + "\n" if size + len(line) <= MOST_BYTES else "… and more, left out\n")
                    file.flush()
                self.files[name][1] += len(line.encode()) + 1
        return add

    def say(self, line=""):
        print(line if len(line) <= MOST_COLUMNS else line[:MOST_COLUMNS] + " …", flush=True)
        self.log("run.txt")(line)

    # Rows.

    def note(self, what, value, well=None, beside="", more=()):
        """A row; more are the lines that explain a fault."""
        row = Row(self.part, str(what), str(value), well, str(beside))
        self.rows.append(row)
        self.say(f"{WORDS[well]:5}{what}: {value}{'; ' + row.beside if beside else ''}")
        if well is False:
            self.faults.append((f"{what}: {value}", list(more)[-20:]))

    @property
    def failed(self):
        return [row.what for row in self.rows if row.well is False]

    def write(self):
        """The document as far as it is known; what stood in it before stays."""
        stamp = f"{datetime.date.today()}, {self.commit}, {self.card}"
        lines = [f"\n## {stamp}\n", "| what | value | beside | |", "|---|---|---|---|"]
        for row in self.rows:
            cells = (row.what, row.value, row.beside, WORDS[row.well])
            lines.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |")
        self.doc.parent.mkdir(parents=True, exist_ok=True)
        self.doc.write_text(self.before + "\n".join(lines) + "\n")

    def summarise(self, tables=()):
        """The faults first; the last line says how many there are."""
        if self.faults:
            self.say("== faults")
        for what, lines in self.faults[:5]:
            self.say(what)
            for line in lines:
                self.say(f"    {line}")
        if len(self.faults) > 5:
            self.say(f"and {len(self.faults) - 5} more")
        self.say("== summary")
        for part in dict.fromkeys(row.part for row in self.rows):
            rows = [row for row in self.rows if row.part == part]
            judged = [row for row in rows if row.well is not None]
            if judged:
                self.say(f"{part}: {sum(row.well for row in judged)} of {len(judged)} well")
            for row in rows:
                if row.well is None:
                    self.say(f"{part}: {row.what}: {row.value}{'; ' + row.beside if row.beside else ''}")
        for table in tables:
            for line in table:
                self.say(line)
        self.write()
        self.say(f"{len(self.rows)} rows added to {self.doc}")
        failed = self.failed
        self.say(f"{len(failed)} of {len(self.rows)} not well{': ' + ', '.join(failed) if failed else ''}")
