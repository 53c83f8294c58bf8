// What + - * / // % ** ~ do with Python's values.

const isFloat = (...values) => values.some((value) => value instanceof Float);

function unsupported(sign, a, b) {
  for (const value of [a, b]) if (value instanceof Undefined) value.refuse();
  return fail(`unsupported operand type(s) for ${sign}: '${typeName(a)}' and '${typeName(b)}'`);
}

function repeated(value, times) {
  const count = Math.max(0, Number(times));
  if (isText(value)) {
    const text = textOf(value).repeat(count);
    return value instanceof Markup ? new Markup(text) : text;
  }
  const items = [];
  for (let i = 0; i < count; ++i) for (const item of value) items.push(item);
  return value instanceof Tuple ? tupleOf(items) : items;
}

/// Two texts one after the other. Where one is escaped, the other is escaped, too.
function concatenated(a, b) {
  if (a instanceof Markup || b instanceof Markup) return new Markup(escaped(a).value + escaped(b).value);
  return textOf(a) + textOf(b);
}

const kArithmetic = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => b === 0 ? fail("integer division or modulo by zero") : Math.floor(a / b),
  "%": (a, b) => b === 0 ? fail("integer modulo by zero") : a - b * Math.floor(a / b),
};

function power(a, b) {
  const base = numberOf(a);
  const exponent = numberOf(b);
  if (base === 0 && exponent < 0) fail("0.0 cannot be raised to a negative power");
  const result = base ** exponent;
  return isFloat(a, b) || exponent < 0 ? new Float(result) : result;
}

function binary(sign, a, b) {
  if (sign === "+") {
    if (isText(a) && isText(b)) return concatenated(a, b);
    if (a instanceof Array && b instanceof Array && a instanceof Tuple === b instanceof Tuple) {
      const items = Array.from(a).concat(Array.from(b));
      return a instanceof Tuple ? tupleOf(items) : items;
    }
    if (isText(a) && !(b instanceof Undefined))
      fail(`can only concatenate str (not "${typeName(b)}") to str`);
    if (a instanceof Array && !(b instanceof Undefined))
      fail(`can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`);
  } else if (sign === "*") {
    if ((isText(a) || a instanceof Array) && isWhole(b)) return repeated(a, b);
    if ((isText(b) || b instanceof Array) && isWhole(a)) return repeated(b, a);
  } else if (sign === "%" && isText(a)) {
    return a instanceof Markup ? new Markup(percentFormat(a.value, b)) : percentFormat(a, b);
  }
  if (!isNumber(a) || !isNumber(b)) return unsupported(sign === "**" ? "** or pow()" : sign, a, b);
  if (sign === "**") return power(a, b);
  const left = numberOf(a);
  const right = numberOf(b);
  if (sign === "/") return right === 0 ? fail("division by zero") : new Float(left / right);
  const result = kArithmetic[sign](left, right);
  return isFloat(a, b) ? new Float(result) : result;
}

function negative(value) {
  if (value instanceof Undefined) value.refuse();
  if (!isNumber(value)) fail(`bad operand type for unary -: '${typeName(value)}'`);
  return value instanceof Float ? new Float(-value.value) : 0 - Number(value);
}

function positive(value) {
  if (value instanceof Undefined) value.refuse();
  if (!isNumber(value)) fail(`bad operand type for unary +: '${typeName(value)}'`);
  return value instanceof Float ? value : Number(value);
}

const kComparisons = {
  "==": equals,
  "!=": (a, b) => !equals(a, b),
  "<": (a, b) => less(a, b, "<"),
  ">": (a, b) => less(b, a, ">"),
  "<=": (a, b) => !nan(a, b) && !less(b, a, "<="),
  ">=": (a, b) => !nan(a, b) && !less(a, b, ">="),
  "in": (a, b) => contains(b, a),
  "not in": (a, b) => !contains(b, a),
};
const nan = (...values) => values.some((value) => value instanceof Float && Number.isNaN(value.value));
