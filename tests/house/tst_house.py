#!/usr/bin/env python3
"""The rules of the house that a reader of the tree relies on, held against the tree itself.

usage: tst_house.py SOURCE_DIR TARGETS_FILE [unittest arguments]
TARGETS_FILE is written by CMake: a line a target, "folder|target|linked;linked;...".
"""

import io
import json
import re
import shutil
import subprocess
import sys
import tokenize
import unittest
from pathlib import Path

SOURCE = Path(sys.argv[1])
TARGETS = Path(sys.argv[2])

# Which folder may know which: app -> ui -> storage, ui -> engine -> kernels.
ARROWS = {
    "kernels": {"kernels"},
    "engine": {"engine", "kernels"},
    "storage": {"storage"},
    "ui": {"ui", "storage", "engine"},
    "app": {"app", "ui", "storage", "engine", "kernels"},
}
# Within the engine: from the file upwards.
ENGINE_ARROWS = {
    "base": {"base"},
    "file": {"file", "base"},
    "reasoning": {"reasoning", "base"},
    "text": {"text", "reasoning", "file", "base"},
    "model": {"model", "file", "base"},
    "plan": {"plan", "model", "file", "base"},
    "backend": {"backend", "plan", "model", "file", "base"},
    "generate": {"generate", "backend", "plan", "model", "reasoning", "text", "file", "base"},
}
# Within the storage: a database knows no conversations. The files of no folder put the folders together.
STORAGE_ARROWS = {
    "database": {"database"},
    "search": {"search", "database"},
    "conversations": {"conversations", "search", "database"},
}
# Within the window: a folder knows those before it, in C++ and in QML. The chat and the library do not know each other.
UI_ORDER = ["theme", "text", "markdown", "thought", "settings", "worker", "models", "composer", "chat"]
UI_ARROWS = {folder: set(UI_ORDER[: place + 1]) for place, folder in enumerate(UI_ORDER)}
UI_ARROWS["library"] = set(UI_ORDER[: UI_ORDER.index("chat")]) | {"library"}
# Within the kernels: no kernel for GPUs knows one for processors. The self-check compares both.
KERNEL_ARROWS = {
    "types": {"types"},
    "cpu": {"cpu", "types"},
    "cuda": {"cuda", "types"},
    "selfcheck": {"selfcheck", "cpu", "cuda", "types"},
}
WITHOUT_QT = ("kernels/", "engine/", "app/cli", "app/offline")
# Folders whose comments still have words that PRIVATE_WORDS refuses. Remove a folder once it is clean.
NOT_YET_PLAIN = ()
# Words of no standard meaning, and what to write instead (docs/architecture.md has the glossary).
PRIVATE_WORDS = {
    r"\bbehind\b": "after",
    r"\bmeets\b": "is multiplied by",
    r"\bis told\b": "receives",
}
LONGEST = {".cpp": 600, ".h": 600, ".cu": 600, ".cuh": 600, ".qml": 300, ".js": 600}

C_LIKE = (".cpp", ".h", ".cu", ".cuh", ".qml", ".js")
# Strings and characters are matched first, so that "//" in one begins no comment. A comment of several lines is one match.
STRING_OR_COMMENT = re.compile(
    r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])*\''
    r'|(?P<comment>//[^\n]*(?:\n[ \t]*//[^\n]*)*|/\*.*?\*/)', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
QML_IMPORT = re.compile(r"^\s*import Ponder\.(\w+)", re.MULTILINE)
QT_HEADER = re.compile(r"^(Q[A-Z]\w*|Qt\w*/.*|q\w+\.h|KSyntaxHighlighting/.*|KF6/.*)$")


def files():
    """Everything that is, or is about to be, in the repository; what others wrote left out."""
    listed = shutil.which("git") and subprocess.run(
        ["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed and listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        names = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file()]
        names = [name for name in names if not re.match(r"(build|\.git|\.cache)\b", name)]
    return [name for name in names if (SOURCE / name).is_file()]


FILES = files()
OWN = [name for name in FILES if "third_party/" not in name]


def text(name):
    return (SOURCE / name).read_text(encoding="utf-8", errors="replace")


def comments(whole, is_python):
    """(line, text) of every comment of a source, and in Python of every docstring; a text has no line ends."""
    if is_python:
        found, before = [], None
        for token in tokenize.generate_tokens(io.StringIO(whole).readline):
            is_docstring = token.type == tokenize.STRING and before in (
                None, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            if token.type == tokenize.COMMENT or is_docstring:
                found.append((token.start[0], token.string))
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                before = token.type
    else:
        found = [(whole.count("\n", 0, match.start()) + 1, match["comment"])
                 for match in STRING_OR_COMMENT.finditer(whole) if match["comment"]]
    return [(line, re.sub(r"\s*\n[\s/*#]*", " ", words)) for line, words in found]


def sources(folder):
    return [name for name in OWN
            if name.startswith(folder + "/") and Path(name).suffix in (".cpp", ".h", ".cu", ".cuh")]


class Arrows(unittest.TestCase):
    def test_the_tree_is_seen(self):
        self.assertIn("app/offline.h", OWN)
        self.assertTrue(sources("engine"))

    def test_includes_run_one_way(self):
        wrong = []
        for folder, allowed in ARROWS.items():
            for name in sources(folder):
                for _, header in INCLUDE.findall(text(name)):
                    top = header.split("/")[0]
                    if "/" in header and top in ARROWS and top not in allowed:
                        wrong.append(f"{name} includes {header}")
        self.assertEqual(wrong, [])

    def test_the_engine_is_built_from_the_file_upwards(self):
        wrong = []
        for name in sources("engine"):
            part = name.split("/")[1]
            for _, header in INCLUDE.findall(text(name)):
                pieces = header.split("/")
                if part in ENGINE_ARROWS and pieces[0] == "engine" and len(pieces) > 2 \
                        and pieces[1] not in ENGINE_ARROWS[part]:
                    wrong.append(f"{name} includes {header}")
        self.assertEqual(wrong, [])

    def test_the_storage_is_built_from_the_database_upwards(self):
        wrong, seen = [], set()
        for name in sources("storage"):
            part = name.split("/")[1]
            if part not in STORAGE_ARROWS:
                continue
            seen.add(part)
            for _, header in INCLUDE.findall(text(name)):
                pieces = header.split("/")
                if pieces[0] == "storage" and (len(pieces) < 3 or pieces[1] not in STORAGE_ARROWS[part]):
                    wrong.append(f"{name} includes {header}")
        self.assertEqual(wrong, [])
        self.assertEqual(seen, set(STORAGE_ARROWS))

    def test_the_window_is_built_from_the_theme_upwards(self):
        wrong, seen = [], set()
        for name in OWN:
            if not re.match(r"ui/\w+/.*\.(cpp|h|qml)$", name):
                continue
            folder = name.split("/")[1]
            seen.add(folder)
            known = [header.split("/")[1] for _, header in INCLUDE.findall(text(name))
                     if header.startswith("ui/")]
            if name.endswith(".qml"):
                known += [module.lower() for module in QML_IMPORT.findall(text(name))]
            wrong += [f"{name} knows ui/{other}" for other in known
                      if other not in UI_ARROWS.get(folder, ())]
        self.assertEqual(wrong, [])
        self.assertEqual(seen, set(UI_ARROWS))

    def test_gpu_and_processor_kernels_share_types_alone(self):
        wrong = []
        for name in sources("kernels"):
            part = name.split("/")[1]
            self.assertIn(part, KERNEL_ARROWS, f"{name}: a folder without an arrow")
            for _, header in INCLUDE.findall(text(name)):
                pieces = header.split("/")
                if pieces[0] == "kernels" and pieces[1] not in KERNEL_ARROWS[part]:
                    wrong.append(f"{name} includes {header}")
        self.assertEqual(wrong, [])

    def test_includes_within_the_project_start_at_its_root(self):
        wrong = [f"{name} includes {header}" for folder in ARROWS for name in sources(folder)
                 for _, header in INCLUDE.findall(text(name)) if header.startswith("..")]
        self.assertEqual(wrong, [])

    def test_no_qt_in_engine_kernels_and_terminal(self):
        wrong = []
        for name in OWN:
            if name.startswith(WITHOUT_QT) and Path(name).suffix in (".cpp", ".h", ".cu", ".cuh"):
                wrong += [f"{name} includes {header}" for _, header in INCLUDE.findall(text(name))
                          if QT_HEADER.match(header) or header.startswith(("ui/", "storage/"))]
        self.assertEqual(wrong, [])

    def test_targets_link_one_way(self):
        folder_of, links = {}, []
        for line in TARGETS.read_text().splitlines():
            folder, target, linked = line.split("|", 2)
            top = folder.split("/")[0]
            if top in ARROWS:
                folder_of[target] = top
                links += [(target, library) for library in linked.split(";") if library]
        self.assertIn("ponder_offline", folder_of)
        wrong = []
        for target, library in links:
            here = folder_of[target]
            there = folder_of.get(re.sub(r"^.*:(\w+)>$", r"\1", library))
            if there and there not in ARROWS[here]:
                wrong.append(f"{target} ({here}) links {library} ({there})")
            if here in ("engine", "kernels") and re.search(r"\b(Qt6|KF6)::", library):
                wrong.append(f"{target} ({here}) links {library}")
            if re.search(r"Network|WebSockets|CURL|OpenSSL", library):
                wrong.append(f"{target} links {library}: Ponder is closed to the network")
        self.assertEqual(wrong, [])


class Words(unittest.TestCase):
    def plain(self):
        return [name for name in OWN if not name.startswith(NOT_YET_PLAIN)]

    def test_comments_have_the_words_of_the_field(self):
        wrong = []
        for name in self.plain():
            if Path(name).suffix in (*C_LIKE, ".py"):
                wrong += [f'{name}:{line}: "{found.group()}": write "{better}"' for line, words in comments(text(name), name.endswith(".py"))
                          for word, better in PRIVATE_WORDS.items() if (found := re.search(word, words, re.IGNORECASE))]
        self.assertEqual(wrong, [])

    def test_a_limit_is_a_maximum(self):
        wrong = [f"{name}: {found.group()}: a limit is kMax…" for name in self.plain()
                 if Path(name).suffix in C_LIKE and (found := re.search(r"\bkMost\w*", text(name)))]
        self.assertEqual(wrong, [])

    def test_folders_that_are_not_yet_plain_exist(self):
        self.assertEqual([folder for folder in NOT_YET_PLAIN if not (SOURCE / folder).is_dir()], [])

    def test_comments_are_found(self):
        cpp = ('const char* const kText = "no // comment"; /* one */\n/// two\n/// lines\n'
               "const char kSlash = '/'; const int kNumber = 1'000; ///< after '/' and 1'000\n"
               'const char* const kRaw = R"(no // comment, "either)"; // last\n')
        self.assertEqual(comments(cpp, False), [
            (1, "/* one */"), (2, "/// two lines"), (4, "///< after '/' and 1'000"), (5, "// last")])
        python = 'def f():\n    """Two\n    lines."""\n    return "# no comment"  # last\n'
        self.assertEqual(comments(python, True), [(2, '"""Two lines."""'), (4, "# last")])


class Files(unittest.TestCase):
    def test_none_is_too_long(self):
        wrong = []
        for name in OWN:
            longest = LONGEST.get(Path(name).suffix)
            if longest and (lines := text(name).count("\n")) > longest:
                wrong.append(f"{name}: {lines} lines, {longest} at most")
        self.assertEqual(wrong, [])

    def test_names_say_the_kind(self):
        wrong = []
        for name in OWN:
            path = Path(name)
            if name.startswith(tuple(folder + "/" for folder in ARROWS)):
                if path.suffix in (".cpp", ".h") and not re.fullmatch(r"[a-z0-9_]+", path.stem):
                    wrong.append(f"{name}: C++ files are snake_case")
                if path.suffix == ".qml" and not re.fullmatch(r"[A-Z]\w*", path.stem):
                    wrong.append(f"{name}: QML files are PascalCase")
                if re.search(r"(manager|helper|utils)$", path.stem, re.IGNORECASE):
                    wrong.append(f"{name}: a name that says the role, please")
        self.assertEqual(wrong, [])

    def test_no_name_is_used_by_storage_and_ui(self):
        named = {}
        for name in OWN:
            if name.startswith(("storage/", "ui/")) and Path(name).suffix in (".cpp", ".h"):
                named.setdefault(Path(name).name, []).append(name)
        self.assertEqual([names for names in named.values() if len(names) > 1], [])

    def test_headers_are_included_once(self):
        wrong = [name for name in OWN if name.endswith(".h") and "#pragma once" not in text(name)]
        self.assertEqual(wrong, [])

    def test_every_test_program_is_registered(self):
        known = json.loads(subprocess.run(["ctest", "--test-dir", TARGETS.parent, "--show-only=json-v1"],
                                          capture_output=True, text=True, check=True).stdout)
        registered = {test["name"] for test in known["tests"]}
        self.assertIn("tst_house", registered)
        # Those of a part that is not in this build are in its lists by name.
        lists = "".join(text(name) for name in OWN if re.match(r"tests/.*(CMakeLists\.txt|\.cmake)$", name))
        wrong = [name for name in OWN
                 if re.match(r"tests/.*/tst_\w+\.(cpp|py)$", name)
                 and Path(name).stem not in registered and Path(name).stem not in lists]
        self.assertEqual(wrong, [])

    def test_nothing_points_at_one_machine(self):
        patterns = re.compile(
            r"(?<![\w.$}])/(work|root|home)/\w|deb\.debian\.org|registry\.npmjs|pypi\.org/simple"
            r"|files\.pythonhosted|snapshot\.debian\.org")
        wrong = []
        for name in OWN:
            if Path(name).suffix in (".png", ".gguf", ".ttf", ".otf", ".woff2", ".bin", ".f32"):
                continue
            for number, line in enumerate(text(name).splitlines(), 1):
                if patterns.search(line):
                    wrong.append(f"{name}:{number}: {line.strip()[:80]}")
        self.assertEqual(wrong, [])

    def test_nothing_fetches(self):
        patterns = re.compile(r"\bXMLHttpRequest\b|\bQNetwork\w+|\bQTcpSocket\b|import QtNetwork"
                              r"|import QtWebSockets|import QtWebEngine|Qt6?::Network")
        wrong = [f"{name}: {found.group()}" for name in OWN
                 if name.startswith(tuple(folder + "/" for folder in ARROWS))
                 and Path(name).suffix in (".cpp", ".h", ".qml", ".js", ".txt", ".cmake")
                 and (found := patterns.search(text(name)))]
        self.assertEqual(wrong, [])

    def test_what_others_wrote_has_its_licence_beside_it(self):
        folders = {"/".join(Path(name).parts[: Path(name).parts.index("third_party") + 2])
                   for name in FILES if "third_party" in Path(name).parts[:-2]}
        folders |= {str(Path(name).parent) for name in FILES if name.endswith((".ttf", ".otf", ".woff2"))}
        wrong = [folder for folder in sorted(folders)
                 if not any(name.startswith(folder + "/")
                            and re.search(r"(LICEN[CS]E|COPYING|OFL|COPYRIGHT)", Path(name).name.upper())
                            for name in FILES)]
        self.assertEqual(wrong, [])
        self.assertIn("LICENSE", FILES)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
