"""Column arithmetic in words: the working that the starter model learns to write.

Every problem gets a thought of short paragraphs (one a column, worked from the right, with its
carry or borrow) that ends with a check. Sums are checked by subtracting back, differences by adding
back, products by bounds. A working may hold a deliberate slip: the wrong digits are preceded by
SLIP, so that training leaves them out of its loss, the check finds them, and the columns are worked
once more. Numbers keep the width of the longer one (007 + 586), which makes columns easy to find.
"""
import zlib
from dataclasses import dataclass

SLIP = "\ue000"  # stands before a digit that is wrong on purpose; never part of a text
PLACES = ("Ones", "Tens", "Hundreds")
LIMIT = 999


@dataclass(frozen=True)
class Problem:
    """a op b with op one of + - ×; for × one of the two has a single digit."""

    op: str
    a: int
    b: int

    @property
    def result(self):
        return {"+": self.a + self.b, "-": self.a - self.b, "×": self.a * self.b}[self.op]

    @property
    def family(self):
        """What must not be seen in training when this problem is held out: a + b, b + a and both
        differences belong together, since each is the other's check."""
        if self.op == "×":
            return ("×", min(self.a, self.b), max(self.a, self.b))
        low, high = sorted((self.a, self.b))
        parts = (low, high) if self.op == "+" else (low, high - low)
        return ("+", min(parts), max(parts))

    @property
    def held_out(self):
        """Whether the problem is kept for evaluation: one family in twenty, the smallest excepted
        (there are too few of those to leave any out)."""
        kind, low, high = self.family
        small = high < 20 if kind == "+" else high < 13
        return not small and zlib.crc32(f"{kind}{low},{high}".encode()) % 20 == 0


def digits(value, width):
    """The digits of value from the right, filled with zeros to width; the last takes what is left."""
    out = []
    for _ in range(width - 1):
        out.append(value % 10)
        value //= 10
    return out + [value]


def join(parts):
    """The number whose digits from the right are parts (the last may have two digits)."""
    return "".join(str(p) for p in reversed(parts))


def _slipped(value, at, slip, low, high):
    """value, or a neighbour of it within [low, high] when slip names this column, and its text."""
    if slip is None or slip[0] != at:
        return value, str(value)
    wrong = value + slip[1] if low <= value + slip[1] <= high else value - slip[1]
    return wrong, "".join(SLIP + d for d in str(wrong))


def _add(x, y, slip=None):
    """Columns of x + y: [(expression with result, digit written, carry)]."""
    carry, out = 0, []
    for i, (p, q) in enumerate(zip(x, y)):
        last = i == len(x) - 1
        total, text = _slipped(p + q + carry, i, slip, 0, 19)
        expression = f"{p}+{q}" + ("+1" if carry else "") + f"={text}"
        carry = 0 if last else total // 10
        out.append((expression, total if last else total % 10, carry))
    return out


def _subtract(x, y, slip=None, full=False):
    """Columns of x - y for x >= y, in the same form; a carry is a borrow here. full shows why it is needed."""
    borrow, out = 0, []
    for i, (p, q) in enumerate(zip(x, y)):
        need = int(p - q - borrow < 0)
        top = p + 10 * need
        value, text = _slipped(top - q - borrow, i, slip, 0, 9)
        less = f"-{q}" + ("-1" if borrow else "")
        expression = (f"{p}{less} < 0, " if full and need else "") + f"{top}{less}={text}"
        borrow = need
        out.append((expression, value, need))
    return out


def _columns(columns, word, write):
    """One paragraph a column."""
    steps = []
    for place, (expression, digit, carry) in zip(PLACES, columns):
        step = f"{place}: {expression}"
        if write:
            step += f", write {digit}"
        if carry:
            step += f", {word} {carry}"
        steps.append(step + ".")
    return steps


def _together(text):
    plain = str(int(text))
    return f"Together: {text}." if plain == text else f"Together: {text}, that is {plain}."


def _sum_or_difference(problem, slip):
    """Steps for + and -; slip is None or (column, +1 or -1)."""
    width = max(len(str(problem.a)), len(str(problem.b)))
    a, b = problem.a, problem.b
    pad = lambda n: str(n).zfill(width)
    plus = problem.op == "+"
    steps = []
    if plus:
        steps.append(f"Line up {pad(a)} + {pad(b)}.")
    else:
        sign = "<" if a < b else ">" if a > b else "="
        line = f"Line up {pad(a)} - {pad(b)}: {pad(a)} {sign} {pad(b)}"
        if a < b:
            a, b = b, a
            line += f", so I turn it round: {pad(a)} - {pad(b)}, and the answer is negative"
        steps.append(line + ".")
    top, bottom = digits(a, width), digits(b, width)
    for attempt in (slip, None) if slip else (None,):
        columns = _add(top, bottom, attempt) if plus else _subtract(top, bottom, attempt, full=True)
        found = join([c[1] for c in columns])
        steps += _columns(columns, "carry" if plus else "borrow", plus)
        steps.append(_together(found))
        if plus:
            if int(found) < b:  # a slip that cannot be checked by subtracting
                return None
            back = _subtract(digits(int(found), width), bottom)
            line = f"Check {found}-{pad(b)}: "
        else:
            back = _add(digits(int(found), width), bottom)
            line = f"Check {found}+{pad(b)}: "
        again = join([c[1] for c in back])
        line += ", ".join(c[0] for c in back) + f", so {again}, "
        right = again == pad(a)
        assert right == (attempt is None), (problem, attempt)
        steps.append(line + ("right." if right else f"not {pad(a)}. A slip, so once more."))
    return steps


def _product(problem):
    """Steps for ×: the single digit times every column."""
    number, factor = problem.a, problem.b
    if number < 10 <= factor:
        number, factor = factor, number
    width, carry, written = len(str(number)), 0, []
    steps = [f"Line up {number} × {factor}."]
    for i, d in enumerate(digits(number, width)):
        total = d * factor
        step = f"{PLACES[i]}: {d}×{factor}={total}"
        if carry:
            step += f", {total}+{carry}={total + carry}"
        total += carry
        last = i == width - 1
        written.append(total if last else total % 10)
        carry = 0 if last else total // 10
        steps.append(step + f", write {written[-1]}" + (f", carry {carry}" if carry else "") + ".")
    steps.append(_together(join(written)))
    result = number * factor
    if width == 1:
        return steps + [f"Check {factor}×{number}={result}, the same."]
    unit = 10 ** (width - 1)
    low = number // unit * unit
    high = low + unit
    return steps + [f"Check: between {low}×{factor}={low * factor} and {high}×{factor}={high * factor}, right."]


def thought(problem, slip=None):
    """The working as text, paragraphs apart; None where this slip cannot be made."""
    steps = _product(problem) if problem.op == "×" else _sum_or_difference(problem, slip)
    return None if steps is None else "\n\n".join(steps)


def answer(problem):
    return f"{problem.a} {problem.op} {problem.b} = {problem.result}."


def draw(rng, op=None, held_out=False):
    """A random problem that is (or is not) kept for evaluation."""
    while True:
        kind = op or rng.choices("+-×", (3, 5, 4))[0]
        if kind == "×":
            number = rng.randrange(10 ** rng.choices((1, 2, 3), (1, 2, 5))[0])
            pair = [number, rng.randrange(10)]
            rng.shuffle(pair)
        elif rng.random() < 0.6:
            pair = [rng.randrange(LIMIT + 1) for _ in range(2)]
        else:
            pair = [rng.randrange(10 ** rng.choices((1, 2, 3), (2, 3, 3))[0]) for _ in range(2)]
        if kind == "-" and pair[0] < pair[1] and rng.random() < 0.5:
            pair.reverse()
        problem = Problem(kind, *pair)
        if problem.held_out == held_out:
            return problem
