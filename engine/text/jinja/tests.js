// Jinja's tests: what may follow `is`.

const kIsLess = (value, [other]) => less(value, other, "<");
const kIsMore = (value, [other]) => less(other, value, ">");
const kEqual = [1, (value, [other]) => equals(value, other)];
const kUnequal = [1, (value, [other]) => !equals(value, other)];
const kAtMost = [1, (value, [other]) => kComparisons["<="](value, other)];
const kAtLeast = [1, (value, [other]) => kComparisons[">="](value, other)];

// Each: [how many arguments it takes, what it tells of (value, arguments)].
const kTests = {
  "!=": kUnequal, "<": [1, kIsLess], "<=": kAtMost, "==": kEqual, ">": [1, kIsMore], ">=": kAtLeast,
  boolean: [0, (value) => typeof value === "boolean"],
  callable: [0, (value) => value instanceof Callable],
  defined: [0, (value) => !(value instanceof Undefined)],
  divisibleby: [1, (value, [by]) => equals(binary("%", value, by), 0)],
  eq: kEqual,
  equalto: kEqual,
  escaped: [0, (value) => value instanceof Markup],
  even: [0, (value) => equals(binary("%", value, 2), 0)],
  false: [0, (value) => value === false],
  filter: [0, (value) => own(kFilters, textOf(value)) || own(kCallingFilters, textOf(value))],
  float: [0, (value) => value instanceof Float],
  ge: kAtLeast,
  greaterthan: [1, kIsMore],
  gt: [1, kIsMore],
  in: [1, (value, [container]) => contains(container, value)],
  integer: [0, (value) => typeof value === "number"],
  iterable: [0, (value) => value instanceof Generator || itemsOrNull(value) !== null],
  le: kAtMost,
  lessthan: [1, kIsLess],
  lower: [0, (value) => hasCase(textOf(value)) && textOf(value) === textOf(value).toLowerCase()],
  lt: [1, kIsLess],
  mapping: [0, (value) => value instanceof Dict],
  ne: kUnequal,
  none: [0, (value) => value === null],
  number: [0, (value) => isNumber(value)],
  odd: [0, (value) => equals(binary("%", value, 2), 1)],
  sameas: [1, (value, [other]) => value === other
    || (value instanceof Float && other instanceof Float && value.value === other.value)],
  sequence: [0, (value) => isText(value) || value instanceof Array || value instanceof Dict || value instanceof Range
    || value instanceof Undefined],
  string: [0, (value) => isText(value)],
  test: [0, (value) => own(kTests, textOf(value))],
  true: [0, (value) => value === true],
  undefined: [0, (value) => value instanceof Undefined],
  upper: [0, (value) => hasCase(textOf(value)) && textOf(value) === textOf(value).toUpperCase()],
};

function applyTest(name, value, args, keywords) {
  if (!own(kTests, name)) fail(`No test named '${name}'.`);
  const [count, holds] = kTests[name];
  const given = [...args, ...keywords.values()];
  if (given.length !== count) fail(`the test ${name} takes ${count} argument(s), not ${given.length}`);
  return Boolean(holds(value, given));
}
