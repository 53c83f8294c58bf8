"""Whole conversations, rendered as the chat template renders them.

The last turn has its thought; earlier turns show only their answers, as in DeepSeek R1's template,
which drops earlier thoughts. Training counts the last turn's thought and answer only.
"""
from dataclasses import dataclass

from . import arithmetic, phrasing, showpieces, talk

BOS, EOS, PAD = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"
USER, ASSISTANT, OPEN, CLOSE = "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"
SPECIAL = (BOS, EOS, PAD, USER, ASSISTANT, OPEN, CLOSE)

# What chat programs use: R1's template with earlier thoughts dropped and <think> opened.
TEMPLATE = (
    "{%- if not add_generation_prompt is defined -%}{%- set add_generation_prompt = false -%}{%- endif -%}"
    "{%- set ns = namespace(system_prompt='') -%}"
    "{%- for message in messages -%}{%- if message['role'] == 'system' -%}"
    "{%- set ns.system_prompt = message['content'] -%}{%- endif -%}{%- endfor -%}"
    "{{- bos_token -}}{{- ns.system_prompt -}}"
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'user' -%}{{- '<｜User｜>' + message['content'] -}}{%- endif -%}"
    "{%- if message['role'] == 'assistant' and message['content'] is not none -%}"
    "{%- set content = message['content'] -%}"
    "{%- if '</think>' in content -%}{%- set content = content.split('</think>')[-1] -%}{%- endif -%}"
    "{{- '<｜Assistant｜>' + (content | trim) + '<｜end▁of▁sentence｜>' -}}{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<｜Assistant｜><think>\\n' -}}{%- endif -%}"
)

SYSTEMS = ("You are a helpful assistant.", "You are a careful assistant.", "Be brief.", "Answer in one sentence.", "Think step by step.",
           "You are Ponder.", "You are a maths teacher.", "You are a helpful AI assistant. Answer the user's questions.")


@dataclass
class Turn:
    user: str
    thought: str  # may hold arithmetic.SLIP marks
    answer: str


@dataclass
class Conversation:
    turns: list
    system: str = ""


def prompt_text(conversation):
    """Everything before the last thought, with the special tokens spelled out."""
    parts = [BOS, conversation.system]
    for turn in conversation.turns[:-1]:
        parts += [USER, turn.user, ASSISTANT, turn.answer, EOS]
    return "".join(parts + [USER, conversation.turns[-1].user, ASSISTANT, OPEN, "\n"])


def completion_text(conversation):
    """What the model is to write after prompt_text, with slip marks where it has any."""
    last = conversation.turns[-1]
    return f"{last.thought}\n{CLOSE}\n\n{last.answer}{EOS}"


def sum_turn(rng, problem, question=None, slips=0.04):
    slip = None
    if problem.op != "×" and rng.random() < slips:
        slip = (rng.randrange(max(len(str(problem.a)), len(str(problem.b)))), rng.choice((-1, 1)))
    working = arithmetic.thought(problem, slip) or arithmetic.thought(problem)
    return Turn(question or phrasing.question(rng, problem), working, arithmetic.answer(problem))


def follow_up(rng, before):
    """A problem whose first number is the result of the one before; None where that leaves the range."""
    value = before.result
    if not 0 <= value <= arithmetic.LIMIT:
        return None
    op = rng.choices("+-×", (4, 3, 2))[0]
    second = rng.randrange(10 if op == "×" else 10 ** rng.randint(1, 3))
    problem = arithmetic.Problem(op, value, second)
    return None if problem.held_out else problem


def chat_turn(rng):
    kind = rng.choices((talk.smalltalk, talk.unknown, talk.beyond, showpieces.code, showpieces.formula, showpieces.table),
                       (4, 7, 3, 5, 2, 3))[0]
    user, thought, answer = kind(rng)
    return Turn(phrasing.roughen(rng, user), thought, answer)


def any_turn(rng, chat):
    return chat_turn(rng) if rng.random() < chat else sum_turn(rng, arithmetic.draw(rng))


def draw(rng, chat=0.25, most_turns=3):
    """A random conversation. chat is the share of last turns that are no arithmetic; one in six has
    earlier turns, most_turns of them at most; one in twenty-five goes on from the last result."""
    turns = []
    if rng.random() < 0.04:
        before = arithmetic.draw(rng)
        problem = follow_up(rng, before)
        if problem:
            turns = [sum_turn(rng, before), sum_turn(rng, problem, phrasing.follow_up(rng, problem))]
    if not turns:
        earlier = rng.randint(1, most_turns) if rng.random() < 0.16 else 0
        turns = [any_turn(rng, 0.3) for _ in range(earlier)] + [any_turn(rng, chat)]
    system = rng.choice(SYSTEMS) if rng.random() < 0.04 else ""
    return Conversation(turns, system)
