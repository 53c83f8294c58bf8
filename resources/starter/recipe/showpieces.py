"""Answers that show what the window can render: code, formulas and tables."""

NAMES = {"python": ("Python", "python"), "cpp": ("C++", "c++", "cpp"), "js": ("JavaScript", "javascript", "JS")}
TITLES = {"python": "Python", "cpp": "C++", "js": "JavaScript"}

# task: (ways to ask, what it does, {language: code})
CODE = (
    (("print hello world", "print Hello, world", "hello world", "say hello"), "prints a greeting", {
        "python": 'print("Hello, world!")',
        "cpp": '#include <iostream>\n\nint main() {\n    std::cout << "Hello, world!\\n";\n}',
        "js": 'console.log("Hello, world!");'}),
    (("reverse a string", "reverse text", "turn a string around", "string reversal"), "reverses a string", {
        "python": "def reverse(text):\n    return text[::-1]",
        "cpp": "#include <string>\n\nstd::string reverse(const std::string& text) {\n    return {text.rbegin(), text.rend()};\n}",
        "js": 'function reverse(text) {\n    return [...text].reverse().join("");\n}'}),
    (("compute a factorial", "calculate the factorial of n", "get the factorial", "factorial"), "computes the factorial", {
        "python": "def factorial(n):\n    result = 1\n    for i in range(2, n + 1):\n        result *= i\n    return result",
        "cpp": "long factorial(int n) {\n    long result = 1;\n    for (int i = 2; i <= n; ++i)\n        result *= i;\n    return result;\n}",
        "js": "function factorial(n) {\n    let result = 1;\n    for (let i = 2; i <= n; i++)\n        result *= i;\n    return result;\n}"}),
    (("compute Fibonacci numbers", "get the n-th Fibonacci number", "calculate fibonacci", "fibonacci"), "computes the n-th Fibonacci number", {
        "python": "def fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
        "cpp": "long fibonacci(int n) {\n    long a = 0, b = 1;\n    while (n-- > 0) {\n        long next = a + b;\n        a = b;\n        b = next;\n    }\n    return a;\n}",
        "js": "function fibonacci(n) {\n    let a = 0, b = 1;\n    while (n-- > 0)\n        [a, b] = [b, a + b];\n    return a;\n}"}),
    (("find the largest number in a list", "get the maximum of a list", "find the max of an array", "maximum of a list"), "finds the largest number", {
        "python": "def largest(numbers):\n    best = numbers[0]\n    for n in numbers:\n        if n > best:\n            best = n\n    return best",
        "cpp": "#include <algorithm>\n#include <vector>\n\nint largest(const std::vector<int>& numbers) {\n    return *std::max_element(numbers.begin(), numbers.end());\n}",
        "js": "function largest(numbers) {\n    return Math.max(...numbers);\n}"}),
    (("sum a list", "add up all numbers in a list", "sum an array", "sum of a list"), "adds up a list", {
        "python": "def total(numbers):\n    result = 0\n    for n in numbers:\n        result += n\n    return result",
        "cpp": "#include <vector>\n\nint total(const std::vector<int>& numbers) {\n    int result = 0;\n    for (int n : numbers)\n        result += n;\n    return result;\n}",
        "js": "function total(numbers) {\n    let result = 0;\n    for (const n of numbers)\n        result += n;\n    return result;\n}"}),
    (("check whether a number is even", "test if a number is even", "is even"), "tells whether a number is even", {
        "python": "def is_even(n):\n    return n % 2 == 0",
        "cpp": "bool isEven(int n) {\n    return n % 2 == 0;\n}",
        "js": "function isEven(n) {\n    return n % 2 === 0;\n}"}),
    (("check whether a number is prime", "test for a prime number", "is prime", "prime test"), "tells whether a number is prime", {
        "python": "def is_prime(n):\n    if n < 2:\n        return False\n    for i in range(2, int(n ** 0.5) + 1):\n        if n % i == 0:\n            return False\n    return True",
        "cpp": "bool isPrime(int n) {\n    if (n < 2)\n        return false;\n    for (int i = 2; i * i <= n; ++i)\n        if (n % i == 0)\n            return false;\n    return true;\n}",
        "js": "function isPrime(n) {\n    if (n < 2)\n        return false;\n    for (let i = 2; i * i <= n; i++)\n        if (n % i === 0)\n            return false;\n    return true;\n}"}),
)
CODE_ASKING = ("Write a {l} function to {t}.", "Write a {l} program to {t}", "How do I {t} in {l}?", "{t} in {l}", "Show me {l} code to {t}.", "{l}: {t}",
               "Can you {t} in {l}?", "Write code to {t} in {l}", "I need {l} code to {t}", "Please write {l} code to {t}.", "write a function in {l} to {t}")
CODE_PLAIN = ("Write a function to {t}.", "How do I {t}?", "Write code to {t}", "Show me code to {t}.", "Write a program to {t}", "Can you write code to {t}?")

# (ways to ask, what it is, formula, where-clause)
FORMULAS = (
    (("area of a circle", "circle area", "area of a circle with radius r"), "area of a circle", r"A = \pi r^2", "$r$ is the radius"),
    (("circumference of a circle", "perimeter of a circle"), "circumference of a circle", r"C = 2 \pi r", "$r$ is the radius"),
    (("Pythagorean theorem", "theorem of Pythagoras", "Pythagoras"), "theorem of Pythagoras", r"a^2 + b^2 = c^2", "$c$ is the longest side"),
    (("quadratic formula", "solution of a quadratic equation", "roots of a quadratic"), "quadratic formula", r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
     "$a x^2 + b x + c = 0$"),
    (("volume of a sphere", "sphere volume"), "volume of a sphere", r"V = \frac{4}{3} \pi r^3", "$r$ is the radius"),
    (("area of a triangle", "triangle area"), "area of a triangle", r"A = \frac{1}{2} b h", "$b$ is the base and $h$ the height"),
    (("area of a rectangle", "rectangle area"), "area of a rectangle", r"A = a b", "$a$ and $b$ are the sides"),
    (("sum of the first n numbers", "Gauss sum", "sum from 1 to n"), "sum of the first $n$ numbers", r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}", "$n$ is a whole number"),
)
FORMULA_ASKING = ("What is the {f}?", "Show me the {f}", "formula for the {f}", "What is the formula for the {f}?", "Give me the formula for the {f}.", "{f}",
                  "Formula of the {f}?", "How do I compute the {f}?", "Write the {f} as a formula", "What is the equation of the {f}?", "the {f}, please")

TABLE_ASKING = ("Show the multiplication table of {n}.", "Multiplication table of {n}", "multiplication table for {n}", "Make a table of multiples of {n}",
                "times table of {n}", "Give me the {n} times table", "the {n} times table please", "Show me the times table for {n}.",
                "Write the multiplication table of {n} as a table")
SQUARES_ASKING = ("Show a table of squares.", "Table of squares", "List the squares to 10", "Make a table of the first ten squares", "squares table",
                  "Show me the square numbers", "Give me a table of squares")


def code(rng):
    """(question, thought, answer) with a code block."""
    tasks, does, by_language = rng.choice(CODE)
    if rng.random() < 0.3:
        language, question = "python", rng.choice(CODE_PLAIN).format(t=rng.choice(tasks[:-1]))
        thought = f"They want code that {does}.\n\nNo language is named, so I take Python."
    else:
        language = rng.choice(list(by_language))
        question = rng.choice(CODE_ASKING).format(l=rng.choice(NAMES[language]), t=rng.choice(tasks))
        thought = f"They want code that {does}.\n\nThe language is {TITLES[language]}."
    return question, thought, f"This {does}:\n\n```{language}\n{by_language[language]}\n```"


def formula(rng):
    """(question, thought, answer) with a formula in LaTeX."""
    names, title, tex, where = rng.choice(FORMULAS)
    question = rng.choice(FORMULA_ASKING).format(f=rng.choice(names))
    return question, f"They ask for the {title}. I know this formula.", f"The {title}:\n\n$$\n{tex}\n$$\n\nHere {where}."


def table(rng):
    """(question, thought, answer) with a Markdown table."""
    if rng.random() < 0.25:
        rows = [f"| {i} | {i * i} |" for i in range(1, 11)]
        return (rng.choice(SQUARES_ASKING), "A table of squares: each number times itself, from 1 to 10.",
                "| n | n² |\n|---|---|\n" + "\n".join(rows))
    n = rng.randint(1, 12)
    rows = [f"| {i} × {n} | {i * n} |" for i in range(1, 11)]
    return (rng.choice(TABLE_ASKING).format(n=n), f"A table of {n}: I add {n} from row to row, ten rows.",
            "| Product | Result |\n|---|---|\n" + "\n".join(rows))
