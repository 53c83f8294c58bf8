"""The many ways people ask for a sum, a difference or a product, typos included."""

SYMBOLS = {"+": ("+", "+", "+", "plus"), "-": ("-", "-", "-", "minus", "−", "–"),
           "×": ("×", "x", "*", "times", "·", "multiplied by", "X")}
INFIX = (
    "What is {e}?", "What is {e}?", "What is {e}?", "what is {e}", "{e}", "{e}", "{e}", "{e} =", "{e} = ?", "{e}=?", "{e}?",
    "How much is {e}?", "how much is {e}", "Please compute {e}.", "Compute {e}", "Calculate {e}", "calculate {e} please",
    "Can you calculate {e}?", "Could you work out {e}?", "Work out {e}.", "What does {e} equal?", "what's {e}?", "Whats {e}",
    "Solve {e}", "Solve: {e}", "Tell me {e}.", "Please tell me what {e} is.", "I need {e}.", "Do you know what {e} is?",
    "{e}, please.", "Evaluate {e}", "Find {e}.", "Can you tell me {e}?", "What do you get for {e}?", "Hi, what is {e}?",
    "Hello! How much is {e}?", "Think about {e}.", "Give me the result of {e}.", "What would {e} be?", "The result of {e}?",
    "Let's do {e}", "Quick: {e}", "math: {e}", "How much does {e} make?", "what is the answer to {e}", "Explain {e} step by step.",
    "What is {e}? Show your work.", "Next: {e}", "And {e}?", "and what is {e}?", "Now {e}", "ok, {e}", "So what is {e}?",
)
SPELLED = {
    "+": ("Add {a} and {b}.", "Add {a} to {b}", "add {a} and {b}", "What is the sum of {a} and {b}?", "Sum of {a} and {b}",
          "{a} and {b} together?", "How much do {a} and {b} make?", "If I have {a} and get {b} more, how many do I have?",
          "What do you get when you add {b} to {a}?", "Please add up {a} and {b}.", "sum {a} {b}", "Add up {a}, {b}",
          "I have {a} apples and buy {b} more. How many apples do I have?", "What is {a} increased by {b}?"),
    "-": ("Subtract {b} from {a}.", "subtract {b} from {a}", "What is the difference between {a} and {b}?",
          "Take {b} away from {a}.", "Take {b} from {a}", "What is left when I take {b} from {a}?", "{a} less {b}?",
          "What is {a} decreased by {b}?", "I have {a} and give away {b}. How many are left?", "{a} take away {b}",
          "What remains of {a} after removing {b}?", "How much is {a} reduced by {b}?"),
    "×": ("Multiply {a} by {b}.", "Multiply {a} and {b}", "multiply {a} by {b}", "What is the product of {a} and {b}?",
          "Product of {a} and {b}", "What is {a} multiplied by {b}?", "How much is {a} times {b}?", "{a} times {b}",
          "There are {a} boxes with {b} pens each. How many pens are there?", "What do you get when you multiply {a} by {b}?"),
}
WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
         "eighteen nineteen twenty").split()
FOLLOW_UP = {
    "+": ("And plus {b}?", "plus {b}?", "Add {b} to that.", "Now add {b}.", "add {b}", "And {b} more?", "+ {b}", "+{b}",
          "What if I add {b}?", "Add another {b}."),
    "-": ("And minus {b}?", "minus {b}?", "Subtract {b} from that.", "Now take away {b}.", "subtract {b}", "- {b}", "And {b} less?",
          "What if I take away {b}?"),
    "×": ("And times {b}?", "times {b}", "Multiply that by {b}.", "Now multiply it by {b}.", "× {b}", "* {b}", "What is that times {b}?"),
}


def typo(rng, text):
    """text with one slip of the keyboard in a word; digits and signs stay."""
    spots = [i for i in range(len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if len(spots) < 5:
        return text
    i = rng.choice(spots)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:i] + text[i + 1] + text[i] + text[i + 2:]
    if kind == 1:
        return text[:i] + text[i + 1:]
    return text[:i] + text[i] + text[i:]


def roughen(rng, text):
    """Small carelessness in one text of five or so: case, punctuation, spaces, a typo."""
    r = rng.random()
    if r < 0.06:
        text = text.lower()
    elif r < 0.08:
        text = text.upper()
    elif r < 0.13:
        text = typo(rng, text)
    elif r < 0.16:
        text = text.rstrip("?.!")
    elif r < 0.18:
        text = text.rstrip("?.!") + rng.choice(("??", "!", " ?", "...", " please", "?!", " pls"))
    elif r < 0.19:
        text = " " + text
    elif r < 0.20:
        text = text + " "
    elif r < 0.21:
        text = text[:1].lower() + text[1:]
    return text


def question(rng, problem):
    """A question for the problem; small numbers are at times spelled out."""
    a, b = problem.a, problem.b
    if max(a, b) < len(WORDS) and rng.random() < 0.3:
        a, b = WORDS[a], WORDS[b]
        return rng.choice(INFIX).format(e=f"{a} {rng.choice([s for s in SYMBOLS[problem.op] if len(s) > 1])} {b}")
    if rng.random() < 0.25:
        form = rng.choice(SPELLED[problem.op])
        if "difference" in form and problem.a < problem.b:  # people mean b - a then
            form = "{a} minus {b}"
        return roughen(rng, form.format(a=a, b=b))
    sign = rng.choice(SYMBOLS[problem.op])
    gap = "" if rng.random() < 0.3 and not sign.isalpha() and " " not in sign else " "
    return roughen(rng, rng.choice(INFIX).format(e=f"{a}{gap}{sign}{gap}{b}"))


def follow_up(rng, problem):
    """A question that goes on from the last answer, which was problem.a."""
    return roughen(rng, rng.choice(FOLLOW_UP[problem.op]).format(b=problem.b))
