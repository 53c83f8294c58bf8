"""What a GPU program costs, read from its machine code: registers, shared memory, stack, instructions by class, loops.

NVIDIA's disassembler is not part of every toolkit, so the opcodes that matter here are known by number. An instruction
of compute capability 7.0 and later has 128 bits. The low nine say what it does; the three above them mostly where its
operands come from, so they are left out. tst_gpu_resources.py compiles kernels of known instructions and holds the table
against them. Python's standard library alone.
"""

import struct
import subprocess
from collections import Counter, namedtuple

CLASSES = {
    "dot": (0x26,),  # IDP: __dp4a
    "mma": (0x37, 0x3A, 0x3C, 0x3D, 0x3F, 0x7A),  # IMMA, MOVM, HMMA, BMMA, DMMA, QMMA
    "float": (0x08, 0x09, 0x0A, 0x0B, 0x20, 0x21, 0x22, 0x23, 0x102, 0x108),
    "double": (0x28, 0x29, 0x2A, 0x2B),
    "half": (0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x40),
    # ISETP, VHMNMX, IADD3, LEA, LOP3, IABS, VABSDIFF, PRMT, IMNMX, SHF, SGXT, BMSK, PLOP3, IMAD, VIADD, FLO, BREV, POPC
    "integer": (0x0C, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x19, 0x1A, 0x1B, 0x1C, 0x24, 0x25, 0x27, 0x36,
                0x46, 0x48, 0x100, 0x101, 0x109),
    "convert": (0x38, 0x39, 0x3E, 0x43, 0x45, 0x104, 0x105, 0x106, 0x107, 0x110, 0x111, 0x112, 0x113),
    "move": (0x02, 0x03, 0x04, 0x05, 0x07, 0x119, 0x11C, 0xCA, 0x1C2, 0x1C3),
    "constant": (0x182, 0xB9, 0xBB, 0x1AC),  # LDC, ULDC, LDCU
    "uniform": (0x82, 0x83, 0x86, 0x87, 0x8C, 0x90, 0x91, 0x92, 0x96, 0x97, 0x99, 0x9A, 0x9C, 0xA4, 0xA5, 0xBD, 0xBE, 0xBF),
    "global_load": (0x181,),
    "global_store": (0x186,),
    "shared_load": (0x184,),
    "matrix_load": (0x3B,),  # LDSM: ldmatrix
    "shared_store": (0x188,),
    "generic_load": (0x180,),  # whose address may lie anywhere: slower, and its wait is longer
    "generic_store": (0x185,),
    "local_load": (0x183,),  # of spilled registers, or arrays that are none
    "local_store": (0x187,),
    "copy": (0x1AE,),  # LDGSTS: cp.async
    "copy_wait": (0x11A, 0x1AF, 0x1B0),  # DEPBAR, LDGDEPBAR, ARRIVES
    "atomic": (0x18A, 0x18B, 0x18C, 0x18D, 0x18E, 0x1A8, 0x1A9),
    "warp": (0x06, 0x189, 0x1A1, 0x1C4),  # VOTE, SHFL, MATCH, REDUX
    "barrier": (0x2D, 0x2E, 0x11B, 0x11D, 0x148, 0x18F, 0x192, 0x1AB),
    "branch": (0x141, 0x142, 0x143, 0x144, 0x145, 0x146, 0x147, 0x149, 0x14D, 0x14E, 0x150, 0x155, 0x156, 0x158, 0x15D),
}
CLASS_OF = {opcode: name for name, opcodes in CLASSES.items() for opcode in opcodes}
NOP, BRANCH, JUMP_TABLE, EXIT, RETURN = 0x118, 0x147, 0x149, 0x14D, 0x150

Kernel = namedtuple("Kernel", "name code registers shared stack threads architecture")


def class_of(word, architecture):
    opcode = word & 0x1FF
    if opcode == 0x35 and architecture >= 100:
        return "integer"  # IADD took the number of HFMA2's second form
    return CLASS_OF.get(opcode, "other")


def _sections(elf):
    offset, = struct.unpack_from("<Q", elf, 40)
    count, names = struct.unpack_from("<HH", elf, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, offset + 64 * i) for i in range(count)]
    start = headers[names][4]
    for name, kind, _, _, at, size, link, info, _, entry in headers:
        end = elf.index(b"\0", start + name)
        yield elf[start + name:end].decode(), kind, at, size, link, info, entry


def _attributes(elf, at, size):
    """The (number, value) of a .nv.info section: a byte of format, one of number, then the value or its size."""
    end = at + size
    while at + 4 <= end:
        kind, number, value = struct.unpack_from("<BBH", elf, at)
        at += 4
        if kind == 4:
            yield number, elf[at:at + value]
            at += value
        else:
            yield number, value


_FRAME_SIZE, _REGISTERS, _MAX_THREADS = 0x11, 0x2F, 0x05


def kernels(elf):
    """All kernels of one cubin (or of the ELF that a fat binary holds uncompressed)."""
    sections = {name: rest for name, *rest in _sections(elf)}
    flags, = struct.unpack_from("<I", elf, 48)
    architecture = flags >> 8 & 0xFF if elf[8] >= 8 else flags & 0xFF  # the ABI moved it in CUDA 13
    _, at, size, link, _, entry = sections[".symtab"]
    strings = sections[".strtab"][1]
    symbols = []
    for i in range(size // entry):
        name, = struct.unpack_from("<I", elf, at + i * entry)
        symbols.append(elf[strings + name:elf.index(b"\0", strings + name)].decode())
    registers, stack = {}, {}
    for number, value in _attributes(elf, *sections[".nv.info"][1:3]):
        if number in (_FRAME_SIZE, _REGISTERS):
            symbol, amount = struct.unpack("<II", value)
            (stack if number == _FRAME_SIZE else registers)[symbols[symbol]] = amount
    found = []
    for section, (_, at, size, _, _, _) in sections.items():
        if not section.startswith(".text."):
            continue
        name = section[len(".text."):]
        shared = sections.get(f".nv.shared.{name}", (0, 0, 0))[2]
        threads = 0
        for number, value in _attributes(elf, *sections.get(f".nv.info.{name}", (0, 0, 0))[1:3]):
            if number == _MAX_THREADS:
                x, y, z = struct.unpack("<III", value)
                threads = x * y * z
        code = [low | high << 64 for low, high in struct.iter_unpack("<QQ", elf[at:at + size])]
        found.append(Kernel(name, code, registers.get(name, 0), shared, stack.get(name, 0), threads, architecture))
    return found


def cubins(data):
    """The ELF files of GPUs in an object file that nvcc made with -no-compress; a cubin is its own."""
    machine = struct.pack("<H", 190)
    at = 0
    while (at := data.find(b"\x7fELF\x02\x01", at)) >= 0:
        if data[at + 18:at + 20] == machine:
            yield data[at:]
        at += 4


def counts(words, architecture):
    """Instructions by class, and their total; what only fills the end of a kernel is none."""
    by = Counter(class_of(word, architecture) for word in words if word & 0x1FF != NOP)
    return {"all": sum(by.values()), **{name: by[name] for name in [*CLASSES, "other"] if by[name]}}


def branch_target(word, index, architecture):
    """The index of the instruction that a branch leads to. Its distance is in words of 32 bits, from the next one."""
    distance = word >> 34 & (1 << 48) - 1
    distance -= (distance >> 47) << 48
    if architecture >= 90:
        distance = distance << 8 | word >> 16 & 0xFF
    return index + 1 + distance // 4


def _always(word):
    return word >> 12 & 15 == 7 and word >> 87 & 31 == 7 and word & 0xFFF == 0x947


def _graph(code, architecture):
    """Blocks of instructions that run one after the other: their first instructions, and where each leads to."""
    leads = {}
    for i, word in enumerate(code):
        opcode = word & 0x1FF
        if opcode == BRANCH:
            leads[i] = [branch_target(word, i, architecture)] + ([] if _always(word) else [i + 1])
        elif opcode == JUMP_TABLE or opcode in (EXIT, RETURN) and word >> 12 & 15 == 7:
            leads[i] = []
        elif opcode in (EXIT, RETURN):
            leads[i] = [i + 1]
    starts = {0} | {i + 1 for i in leads} | {to for targets in leads.values() for to in targets}
    starts = sorted(i for i in starts if 0 <= i < len(code))
    blocks = {}
    for start, end in zip(starts, [*starts[1:], len(code)]):
        to = leads.get(end - 1, [end])
        blocks[start] = (end, [i for i in to if 0 <= i < len(code)])
    reached = {to for _, targets in blocks.values() for to in targets}
    orphans = [start for start in blocks if start not in reached and start > 0]
    for start, (end, to) in blocks.items():
        if code[end - 1] & 0x1FF == JUMP_TABLE:
            to.extend(orphans)  # the table lies elsewhere: those to which no other leads
    return blocks


def _dominators(blocks):
    """Of each block that is reached, the nearest one that is always passed before it."""
    order, seen, stack = [], {0}, [(0, iter(blocks[0][1]))]
    while stack:
        block, rest = stack[-1]
        following = next((to for to in rest if to not in seen), None)
        if following is None:
            order.append(stack.pop()[0])
        else:
            seen.add(following)
            stack.append((following, iter(blocks[following][1])))
    order.reverse()
    place = {block: i for i, block in enumerate(order)}
    before = {block: [] for block in order}
    for block in order:
        for to in blocks[block][1]:
            before[to].append(block)
    nearest = {0: 0}

    def common(a, b):
        while a != b:
            while place[a] > place[b]:
                a = nearest[a]
            while place[b] > place[a]:
                b = nearest[b]
        return a

    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            known = [b for b in before[block] if b in nearest]
            new = known[0]
            for other in known[1:]:
                new = common(new, other)
            if nearest.get(block) != new:
                nearest[block] = new
                changed = True
    return nearest, before


def loops(code, architecture):
    """The loops of a kernel, as sorted lists of indices of instructions; inner ones are part of outer ones too."""
    blocks = _graph(code, architecture)
    nearest, before = _dominators(blocks)

    def dominates(head, block):
        while block != head and block != 0:
            block = nearest[block]
        return block == head

    bodies = {}
    for block in nearest:
        for head in blocks[block][1]:
            if dominates(head, block):
                body, work = bodies.setdefault(head, {head}), [block]
                while work:
                    at = work.pop()
                    if at not in body:
                        body.add(at)
                        work.extend(before[at])
    return [sorted(i for start in body for i in range(start, blocks[start][0])) for body in bodies.values()]


def core_loops(kernel, classes=("dot", "mma")):
    """The counts of the innermost loops that do the arithmetic of these classes, the largest first."""
    kinds = [class_of(word, kernel.architecture) for word in kernel.code]
    doing = [set(body) for body in loops(kernel.code, kernel.architecture) if any(kinds[i] in classes for i in body)]
    inner = [body for body in doing if not any(other < body for other in doing)]
    found = [counts([kernel.code[i] for i in sorted(body)], kernel.architecture) for body in inner]
    return sorted(found, key=lambda c: (-c["all"], sorted(c.items())))


def plain_names(mangled):
    """C++ names as they are written, without namespaces, what they return and their parameters."""
    shown = subprocess.run(["c++filt"], input="\n".join(mangled), capture_output=True, text=True, check=True).stdout
    return dict(zip(mangled, map(plain_name, shown.splitlines())))


def plain_name(shown):
    shown = shown.replace("(anonymous namespace)::", "").replace("ponder::kernels::cuda::", "")
    shown = shown.replace("ponder::kernels::", "")
    depth, end = 0, len(shown)
    for i, letter in enumerate(shown):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            end = i
            break
    shown = shown[:end]
    return shown.removeprefix("void ")
