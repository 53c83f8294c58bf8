#!/usr/bin/env python3
"""kill -9 while an answer is written: at most a second of it is lost, and nothing else. usage: tst_kill.py build/bin"""

import json
import re
import sqlite3
import tempfile
import time
import unittest
from pathlib import Path

from harness import Display, Slowed, Window, database, main, program, rows, run, starter, wait_for

# What the answer in progress has on the disk by now: its beginning, and what has been added since.
STREAMED = """
    SELECT m.id, m.state, m.reasoning || coalesce((SELECT group_concat(reasoning, '') FROM
                    (SELECT reasoning FROM chunks WHERE message = m.id ORDER BY id)), ''),
           m.text || coalesce((SELECT group_concat(text, '') FROM
                    (SELECT text FROM chunks WHERE message = m.id ORDER BY id)), '')
    FROM messages m WHERE m.role = 'assistant' ORDER BY m.id DESC LIMIT 1"""

# Tokens that are counted and are no text yet: the tag, and the whitespace that may turn out to be the end.
UNSAVED = 4


class Killed(unittest.TestCase):
    def setUp(self):
        self.display = Display()
        self.addCleanup(self.display.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = Path(self.folder.name)

    def open(self, **variables):
        window = Window(self.display, self.data, **variables)
        self.addCleanup(window.kill)
        return window

    def streamed(self):
        found = rows(self.data, STREAMED)
        return found[0] if found else (0, "", "", "")

    def cut_off(self, window, share):
        """Asks, and kills the window a second after a picture was taken: that, or None where it was done by then."""
        with Slowed(window.process, share):
            before = self.streamed()[0]
            window.ask("What is 347 + 586?")
            wait_for("text on the disk", 60, lambda: self.streamed()[0] > before
                     and "".join(self.streamed()[2:]), 0.02)
            picture = self.display.picture()
            time.sleep(1)
            if self.streamed()[1] != "streaming":
                return None
            window.kill()
            return picture

    def test_at_most_a_second_is_lost_and_the_conversation_is_intact(self):
        window = self.open(PONDER_CPU="reference")  # the slowest way to the same answer
        self.display.wait_to_read("Ready", 30)
        # How fast it writes is the machine's business: slower and slower, until it can be cut off.
        picture = next(filter(None, (self.cut_off(window, 1 / part) for part in (20, 40, 80, 160))), None)
        self.assertTrue(picture, "every answer was over too soon to be cut off")
        kept = "".join(self.streamed()[2:])
        shown = re.search(r"Thinking\W.*?(\d+) tokens", self.display.words(picture))
        self.assertTrue(shown, "the live count of the thought's tokens")
        tokens = json.loads(run(program("ponder-cli"), "tokenize", "-m", starter(), input=kept).stdout)
        self.assertGreaterEqual(len(tokens), int(shown[1]) - UNSAVED,
                                f"shown a second before the end, and lost; kept: {kept!r}")
        connection = database(self.data)
        # Table by table: of all together SQLite 3.44 and newer ask the search index, whose tokenizer is the program's own.
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        for name, in tables.fetchall():
            self.assertEqual(connection.execute(f"PRAGMA integrity_check('{name}')").fetchall(), [("ok",)], name)
        connection.close()

        again = self.open()
        self.display.wait_to_read("Ready", 30)
        wait_for("the answer marked as cut off", 20, lambda: self.streamed()[1] == "interrupted")
        self.assertEqual("".join(self.streamed()[2:]), kept)
        (asked,), = rows(self.data, "SELECT count(*) FROM messages WHERE role = 'user'")
        again.ask("What is 21 + 13?")
        self.display.wait_to_read(r"\b34\b", 60)
        self.assertEqual(rows(self.data, "SELECT count(*) FROM messages WHERE role = 'user'"),
                         [(asked + 1,)])
        self.assertEqual(again.close(), 0, again.said())

    def test_a_damaged_database_is_kept_and_explained(self):
        window = self.open()
        self.display.wait_to_read("Ready", 30)
        window.ask("What is 2 + 3?")
        wait_for("an answer in the database", 60, lambda: self.streamed()[1] == "complete")
        self.assertEqual(window.close(), 0, window.said())
        file = self.data / "ponder.db"
        before = file.read_bytes()
        file.write_bytes(b"this was a database " * 20 + before[400:])
        with self.assertRaises(sqlite3.DatabaseError):
            sqlite3.connect(file).execute("SELECT * FROM messages").fetchall()

        again = self.open()
        self.display.wait_to_read("damaged|corrupt|could not be read|backup", 30)
        self.assertIsNone(again.process.poll())
        kept = [path for path in self.data.iterdir() if path.name.startswith("ponder.db.damaged")]
        self.assertEqual(len(kept), 1, "the damaged file is kept")
        self.assertTrue(kept[0].read_bytes().startswith(b"this was a database"))


if __name__ == "__main__":
    main()
