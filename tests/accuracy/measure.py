#!/usr/bin/env python3
"""How near Ponder's logits are to the exact ones, for every quantisation and family, and how near llama.cpp's are.

    measure.py --ponder build/bin/ponder-cli --work FOLDER [--doc docs/accuracy.md] [--peer-root DIR] FAMILY=FOLDER …

Each family's folder holds a small model in F32 and Hugging Face's logits for some tokens: model.gguf, and golden.npz with
tokens (int32 [T]) and logits (float32 [T, vocab]); optionally hf/, the same model as a Hugging Face folder.

For every type llama-quantize writes a file in it (with an importance matrix of random text) and turns this back to F32. The exact
logits are those of the F32 file, which llama.cpp computes, unless its F32 logits of model.gguf itself are not Hugging Face's; then
Ponder does. Both engines' logits of the quantised file are held against them. Results are kept in the work folder, so a run that was
stopped goes on; --again measures anew. Exits 1 where Ponder is further from the truth than llama.cpp.

The peer's tools are llama-quantize, llama-imatrix and llama_logits (MODEL TOKENS.i32 LOGITS.f32, a few lines over its library). With --peer-root
they are those of a tree that they are run in with chroot; the work folder and the families' must then lie in the tree.
"""

import argparse
import array
import json
import math
import os
import random
import shlex
import statistics
import struct
import subprocess
import sys
import zipfile

# As llama-quantize calls them; IQ2_M is the one whose matrices are IQ2_S.
TYPES = ["F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_1", "Q5_0", "Q4_K_M", "Q4_1", "Q4_0", "Q3_K_M", "Q2_K", "IQ4_NL", "IQ4_XS",
         "IQ3_S", "IQ3_XXS", "IQ2_M", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "TQ2_0", "TQ1_0", "MXFP4_MOE"]
SAME_AS_HUGGING_FACE = 1e-4  # relative error of an F32 evaluation in another order


class Failed(Exception):
    pass


def read_golden(path):
    """The tokens and logits of an .npz, without numpy: arrays in C order, little endian."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name, code in (("tokens", "i"), ("logits", "f")):
            data = archive.read(name + ".npy")
            length = struct.unpack("<H", data[8:10])[0] if data[6] == 1 else struct.unpack("<I", data[8:12])[0]
            values = array.array(code)
            values.frombytes(data[(10 if data[6] == 1 else 12) + length:])
            arrays[name] = values
    return arrays["tokens"], arrays["logits"]


def read_floats(path, count):
    values = array.array("f")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    if len(values) != count:
        raise Failed(f"{path} holds {len(values)} numbers, {count} expected")
    return values


def compare(got, truth, tokens):
    """Relative error of all tokens and the middle one's, mean KL divergence from the truth in nats, share of tokens with
    the same best."""
    vocabulary = len(truth) // tokens
    errors, sizes = [], []
    divergence = 0.0
    same = 0
    for t in range(tokens):
        p = truth[t * vocabulary:(t + 1) * vocabulary]
        q = got[t * vocabulary:(t + 1) * vocabulary]
        if not all(map(math.isfinite, q)):
            raise Failed("the logits are not finite")
        errors.append(sum((a - b) ** 2 for a, b in zip(p, q)))
        sizes.append(sum(a * a for a in p))
        log_p, log_q = (math.log(sum(math.exp(v - max(x)) for v in x)) + max(x) for x in (p, q))
        divergence += sum(math.exp(a - log_p) * ((a - log_p) - (b - log_q)) for a, b in zip(p, q))
        same += p.index(max(p)) == q.index(max(q))
    return {"error": math.sqrt(sum(errors) / sum(sizes)),
            "median": math.sqrt(statistics.median(e / s for e, s in zip(errors, sizes))), "kl": max(divergence / tokens, 0.0), "same": same / tokens}


class Family:
    def __init__(self, name, folder, args):
        self.name, self.folder, self.args = name, os.path.abspath(folder), args
        self.work = os.path.join(os.path.abspath(args.work), name)
        os.makedirs(self.work, exist_ok=True)
        tokens, self.golden = read_golden(os.path.join(folder, "golden.npz"))
        self.count = len(tokens)
        with open(self.path("tokens.i32"), "wb") as file:
            tokens.tofile(file)
        self.model = os.path.join(self.folder, "model.gguf")

    def path(self, name):
        return os.path.join(self.work, name)

    def peer(self, *command):
        root = self.args.peer_root
        inside = lambda p: "/" + os.path.relpath(p, root) if root and p.startswith(root) else p
        self.run((["chroot", root] if root else []) + [inside(part) for part in command])

    def run(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if done.returncode != 0:
            raise Failed(f"{shlex.join(command)} failed:\n{done.stdout[-800:]}")

    def ponder(self, model):
        out = self.path("ponder.f32")
        self.run([self.args.ponder, "logits", "-m", model, "--tokens", self.path("tokens.i32"), "--out", out,
                  "--device", "cpu"])
        return read_floats(out, len(self.golden))

    def llama(self, model):
        out = self.path("llama.f32")
        self.peer(self.args.llama_logits, model, self.path("tokens.i32"), out)
        return read_floats(out, len(self.golden))

    def importance(self):
        out, text = self.path("importance.gguf"), self.path("text")
        if not os.path.exists(out):
            letters = random.Random(7)
            with open(text, "w", encoding="ascii") as file:
                file.write("".join(chr(letters.randrange(33, 126)) for _ in range(16000)))
            self.peer("llama-imatrix", "-m", self.model, "-f", text, "-o", out, "-c", "128", "--chunks", "40", "-ngl", "0")
        return out

    def quantise(self, kind):
        """One type for all matrices that it fits; the embedding and the head stay finer, as in published files."""
        out = self.path("Q.gguf")
        command = ["llama-quantize", "--imatrix", self.importance(), "--token-embedding-type", "q8_0",
                   "--output-tensor-type", "q6_K", "--pure", self.model, out, kind]
        self.peer(*command)
        return out

    def measure(self, kind):
        if kind == "F32":
            row = {"ponder": compare(self.ponder(self.model), self.golden, self.count)}
            try:
                row["llama"] = compare(self.llama(self.model), self.golden, self.count)
            except Failed as why:
                print(f"{self.name}: llama.cpp cannot run model.gguf: {why}", file=sys.stderr)
            return row
        if kind == "folder":
            return {"ponder": compare(self.ponder(os.path.join(self.folder, "hf")), self.golden, self.count)}
        quantised, exact = self.quantise(kind), self.path("exact.gguf")
        self.peer("llama-quantize", "--allow-requantize", quantised, exact, "F32")
        truth = self.llama(exact) if self.llama_is_exact() else self.ponder(exact)
        row = {"ponder": compare(self.ponder(quantised), truth, self.count),
               "llama": compare(self.llama(quantised), truth, self.count)}
        os.remove(quantised)
        os.remove(exact)
        return row

    def llama_is_exact(self):
        return self.result("F32").get("llama", {"error": 1})["error"] < SAME_AS_HUGGING_FACE

    def result(self, kind):
        kept = self.path(kind + ".json")
        if kind in self.args.fresh or not os.path.exists(kept):
            row = self.measure(kind)
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(row, file)
            self.args.fresh.discard(kind)
        with open(kept, encoding="utf-8") as file:
            return json.load(file)


def table(family, rows):
    """Markdown; a dash where there is nothing to say."""
    number = lambda row, who, key, form: format(row[who][key], form) if key in row.get(who, {}) else "–"
    lines = [f"### {family.name}", "", "| | error: Ponder | llama.cpp | middle token: Ponder | llama.cpp | KL: Ponder | llama.cpp | same best: Ponder | llama.cpp |",
             "|---|---|---|---|---|---|---|---|---|"]
    names = {"Q5_K_M": "Q5_K", "Q4_K_M": "Q4_K", "Q3_K_M": "Q3_K", "IQ2_M": "IQ2_S", "MXFP4_MOE": "MXFP4",
             "F32": "F32, against Hugging Face", "folder": "the Hugging Face folder, against Hugging Face"}
    for kind, row in rows.items():
        cells = [number(row, who, key, form) for key, form in (("error", ".1e"), ("median", ".1e"), ("kl", ".1e"), ("same", ".1%"))
                 for who in ("ponder", "llama")]
        lines.append(f"| {names.get(kind, kind)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_doc(path, command, tables, tokens):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""# How exact the logits are

What was measured:

- Small random models of every family were quantised by llama.cpp to every type.
- Both engines' logits were compared with the exact ones of the same file: the file turned back to F32 and evaluated in F32.
- A file has one type for all matrices that it fits, with the embedding in Q8_0 and the head in Q6_K. llama.cpp takes another type where rows are no multiple of 256.

The columns:

- The first line of each table compares F32 logits with Hugging Face's for the same weights.
- Error is the relative error over all tokens.
- Middle token is the median of the single tokens' errors.
- KL is the mean divergence from the exact distribution, in nats.
- Same best is how often the most likely token is the same.

How to read them:

- Sometimes a rounding error changes which expert a router chooses, where two scores are nearly equal. Random models have more such scores than trained ones.
- One such token among the {tokens} makes an error of some hundredths. The median does not show it.
- Ponder's activations have 15 bits (`kernels/cpu/matmul/README.md`). llama.cpp's have 8 where weights are quantised.
- gpt-oss is the only family whose F32 logits llama.cpp does not compute as Hugging Face does: it rounds the range that YaRN stretches, and Hugging Face does not. So its
  exact logits are Ponder's of the F32 file. That is most of llama.cpp's error there.

One command wrote all of it. Its own text says what a FOLDER has. The models are of the families' own classes in Hugging Face's
transformers, with random weights:

    {command}

""")
        file.write("\n\n".join(tables) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="+", metavar="FAMILY=FOLDER")
    parser.add_argument("--ponder", required=True, help="ponder-cli")
    parser.add_argument("--work", required=True, help="where files and results are kept")
    parser.add_argument("--doc", help="the Markdown file to write")
    parser.add_argument("--peer-root", default="", help="the tree that the peer's tools are run in")
    parser.add_argument("--llama-logits", default="llama_logits", help="as seen in that tree")
    parser.add_argument("--types", default=",".join(TYPES))
    parser.add_argument("--again", action="store_true", help="measure what has been measured before")
    args = parser.parse_args()
    args.peer_root = os.path.abspath(args.peer_root) if args.peer_root else ""
    worse, tables = 0, []
    for item in args.families:
        name, folder = item.split("=", 1)
        family = Family(name, folder, args)
        kinds = ["F32"] + (["folder"] if os.path.isdir(os.path.join(folder, "hf")) else []) + args.types.split(",")
        args.fresh = set(kinds) if args.again else set()
        rows = {}
        for kind in kinds:
            try:
                rows[kind] = row = family.result(kind)
            except Failed as why:
                print(f"{name} {kind}: {why}", file=sys.stderr)
                worse += kind != "folder"
                continue
            print(name, kind, json.dumps(row), flush=True)
            if kind != "F32" and "llama" in row and row["ponder"]["error"] > max(row["llama"]["error"], 1e-5):
                print(f"{name} {kind}: Ponder is further from the exact logits than llama.cpp", file=sys.stderr)
                worse += 1
        tables.append(table(family, rows))
    if args.doc:
        shown = ["tests/accuracy/measure.py", "--ponder", "build/bin/ponder-cli", "--work", "WORK", "--doc", "docs/accuracy.md"]
        write_doc(args.doc, " ".join(shown + [item.split("=", 1)[0] + "=FOLDER" for item in args.families]), tables, family.count)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
