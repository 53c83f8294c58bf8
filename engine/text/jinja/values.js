// Python's values as a template sees them, in JavaScript's: null is None, booleans are bool, whole numbers are int, Float is
// float, strings are str, arrays are list. What Python prints, compares and iterates, these functions do alike.

const fail = (message) => { throw new Error(message); };

class Float { constructor(value) { this.value = value; } }

class Tuple extends Array { static get [Symbol.species]() { return Array; } }
const tupleOf = (items) => Tuple.from(items);

/// What groupby makes: a pair that also has names.
class Group extends Tuple {}

/// A str that is already escaped for HTML: what the filters safe and e make.
class Markup { constructor(value) { this.value = value; } }

/// A name or an attribute that does not exist. It prints as nothing; most uses of it fail with `hint`.
class Undefined {
  constructor(hint) { this.hint = hint; }
  refuse() { fail(this.hint); }
}
const undefinedName = (name) => new Undefined(`'${name}' is undefined`);

class Range {
  constructor(start, stop, step) {
    if (step === 0) fail("range() arg 3 must not be zero");
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
    if (this.length > 100000) fail("Range too big. The sandbox blocks ranges larger than 100000.");
  }
  items() {
    const items = [];
    for (let i = 0; i < this.length; ++i) items.push(this.start + i * this.step);
    return items;
  }
}

/// What can be read once: the result of map, select, reversed and their like.
class Generator {
  constructor(items, kind) { this.items = items; this.kind = kind || "generator"; }
  take() {
    const items = this.items;
    this.items = [];
    return items;
  }
}

class Namespace { constructor(dict) { this.dict = dict; } }

/// call(positional, keywords): keywords is a Map.
class Callable { constructor(name, call) { this.name = name; this.call = call; } }

/// 1, 1.0 and true are one key, as in Python.
function keyOf(key) {
  if (typeof key === "string") return "s" + key;
  if (key instanceof Markup) return "s" + key.value;
  if (typeof key === "number" || typeof key === "boolean") return "n" + Number(key);
  if (key instanceof Float) return "n" + key.value;
  if (key instanceof Tuple) return "t" + JSON.stringify(Array.from(key, keyOf));
  if (key === null) return "None";
  if (key instanceof Array || key instanceof Dict) fail(`unhashable type: '${typeName(key)}'`);
  return key instanceof Undefined ? "undefined" : key;
}

class Dict {
  constructor() { this.map = new Map(); }
  get size() { return this.map.size; }
  has(key) { return this.map.has(keyOf(key)); }
  get(key) {
    const entry = this.map.get(keyOf(key));
    return entry === undefined ? undefined : entry[1];
  }
  set(key, value) {
    const token = keyOf(key);
    const entry = this.map.get(token);
    if (entry === undefined) this.map.set(token, tupleOf([key, value]));
    else entry[1] = value;
  }
  entries() { return Array.from(this.map.values(), (entry) => tupleOf(entry)); }
  keys() { return Array.from(this.map.values(), (entry) => entry[0]); }
  values() { return Array.from(this.map.values(), (entry) => entry[1]); }
}

/// dict.keys(), dict.values(), dict.items()
class View {
  constructor(kind, dict) { this.kind = kind; this.dict = dict; }
  items() {
    return this.kind === "keys" ? this.dict.keys()
      : this.kind === "values" ? this.dict.values() : this.dict.entries();
  }
}

function fromJson(value) {
  if (value instanceof Array) return value.map(fromJson);
  if (value !== null && typeof value === "object") {
    const dict = new Dict();
    for (const key of Object.keys(value)) dict.set(key, fromJson(value[key]));
    return dict;
  }
  return typeof value === "number" && !Number.isInteger(value) ? new Float(value) : value;
}

const isText = (value) => typeof value === "string" || value instanceof Markup;
const isNumber = (value) => typeof value === "number" || typeof value === "boolean" || value instanceof Float;
const numberOf = (value) => value instanceof Float ? value.value : Number(value);
const isWhole = (value) => typeof value === "number" || typeof value === "boolean";

function typeName(value) {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (value instanceof Float) return "float";
  if (typeof value === "string") return "str";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof Array) return "list";
  if (value instanceof Dict) return "dict";
  if (value instanceof Range) return "range";
  if (value instanceof View) return "dict_" + value.kind;
  if (value instanceof Generator) return value.kind;
  if (value instanceof Callable) return value.typeName || "function";
  return value.constructor.name;
}

// Strings count in code points. Most have no character beyond the first plane and need no splitting.
const kSurrogate = /[\ud800-\udfff]/;
const charsOf = (text) => kSurrogate.test(text) ? Array.from(text) : text;
const lengthOf = (text) => charsOf(text).length;
const joined = (chars) => typeof chars === "string" ? chars : chars.join("");

function floatText(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e");
    return digits + "e" + exponent[0] + exponent.slice(1).padStart(2, "0");
  }
  const text = String(value);
  return text.includes(".") ? text : text + ".0";
}

// Private-use characters stand for others while a template runs (engine/text/chat_template.cpp): they are never escaped.
const kUnprintable = /[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/\\/g, "\\\\").replace(mark === "'" ? /'/g : /"/g, "\\" + mark)
    .replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")
    .replace(kUnprintable, (char) => {
      const code = char.codePointAt(0);
      if (code < 0x100) return "\\x" + code.toString(16).padStart(2, "0");
      return code < 0x10000 ? "\\u" + code.toString(16).padStart(4, "0") : "\\U" + code.toString(16).padStart(8, "0");
    });
  return mark + escaped + mark;
}

/// repr(value)
function repr(value) {
  if (typeof value === "string") return quoted(value);
  if (value instanceof Markup) return `Markup(${quoted(value.value)})`;
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Tuple)
    return value.length === 1 ? `(${repr(value[0])},)` : `(${Array.from(value, repr).join(", ")})`;
  if (value instanceof Array) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Dict)
    return `{${value.entries().map(([key, item]) => repr(key) + ": " + repr(item)).join(", ")}}`;
  if (value instanceof View) return `dict_${value.kind}([${value.items().map(repr).join(", ")}])`;
  if (value instanceof Range)
    return `range(${value.start}, ${value.stop}${value.step === 1 ? "" : ", " + value.step})`;
  if (value instanceof Namespace) return `<Namespace ${repr(value.dict)}>`;
  if (value instanceof Generator) return `<${value.kind} object>`;
  if (value instanceof Callable) return value.shown || `<function ${value.name}>`;
  return textOf(value);
}

/// str(value)
function textOf(value) {
  if (typeof value === "string") return value;
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Markup) return value.value;
  if (value instanceof Undefined) return "";
  if (value.describe) return value.describe();
  return repr(value);
}

const escapeHtml = (text) => text.replace(/&/g, "&amp;").replace(/>/g, "&gt;").replace(/</g, "&lt;")
  .replace(/'/g, "&#39;").replace(/"/g, "&#34;");
const escaped = (value) => value instanceof Markup ? value : new Markup(escapeHtml(textOf(value)));

function truth(value) {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === "string" || value instanceof Array || value instanceof Range) return value.length > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Markup) return value.value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof View) return value.dict.size > 0;
  return typeof value === "object" ? true : Boolean(value);
}

/// Of what can be iterated, its items; null of anything else.
function itemsOrNull(value) {
  if (value instanceof Array) return value;
  if (isText(value)) return Array.from(textOf(value));
  if (value instanceof Dict) return value.keys();
  if (value instanceof View || value instanceof Range) return value.items();
  if (value instanceof Generator) return value.take();
  return value instanceof Undefined ? [] : null;
}

function itemsOf(value) {
  const items = itemsOrNull(value);
  return items === null ? fail(`'${typeName(value)}' object is not iterable`) : items;
}

function sizeOf(value) {
  if (isText(value)) return lengthOf(textOf(value));
  if (value instanceof Array || value instanceof Range) return value.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof View) return value.dict.size;
  if (value instanceof Undefined) return 0;
  return fail(`object of type '${typeName(value)}' has no len()`);
}

function equals(a, b) {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (isText(a) && isText(b)) return textOf(a) === textOf(b);
  if (a instanceof Undefined && b instanceof Undefined) return true;
  if (a instanceof Array && b instanceof Array)
    return a instanceof Tuple === b instanceof Tuple && a.length === b.length && a.every((item, i) => equals(item, b[i]));
  if (a instanceof Dict && b instanceof Dict)
    return a.size === b.size && a.entries().every(([key, value]) => b.has(key) && equals(value, b.get(key)));
  if (a instanceof Range && b instanceof Range) return equals(a.items(), b.items());
  return a === b;
}

function textLess(a, b) {
  if (!kSurrogate.test(a) && !kSurrogate.test(b)) return a < b;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; ++i)
    if (left[i] !== right[i]) return left[i].codePointAt(0) < right[i].codePointAt(0);
  return left.length < right.length;
}

/// a < b, as Python orders them; `sign` is for the error.
function less(a, b, sign = "<") {
  if (isNumber(a) && isNumber(b)) return numberOf(a) < numberOf(b);
  if (isText(a) && isText(b)) return textLess(textOf(a), textOf(b));
  if (a instanceof Array && b instanceof Array && a instanceof Tuple === b instanceof Tuple) {
    for (let i = 0; i < a.length && i < b.length; ++i)
      if (!equals(a[i], b[i])) return less(a[i], b[i], sign);
    return a.length < b.length;
  }
  for (const value of [a, b]) if (value instanceof Undefined) value.refuse();
  return fail(`'${sign}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function contains(container, item) {
  if (isText(container)) {
    if (!isText(item)) {
      if (item instanceof Undefined) item.refuse();
      fail(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    }
    return textOf(container).includes(textOf(item));
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof View && container.kind === "keys") return container.dict.has(item);
  const items = itemsOrNull(container);
  if (items === null) fail(`argument of type '${typeName(container)}' is not iterable`);
  return items.some((other) => other === item || equals(other, item));
}

/// The items of a slice, by Python's rules for ends that lie outside.
function sliced(value, start, stop, step) {
  for (const bound of [start, stop, step])
    if (bound !== null && !isWhole(bound)) {
      if (bound instanceof Undefined) bound.refuse();
      fail("slice indices must be integers or None or have an __index__ method");
    }
  const by = step === null ? 1 : Number(step);
  if (by === 0) fail("slice step cannot be zero");
  const text = isText(value);
  const items = text ? charsOf(textOf(value)) : value instanceof Range ? value.items() : value;
  const size = items.length;
  const low = by > 0 ? 0 : -1;
  const high = by > 0 ? size : size - 1;
  const clamp = (bound, missing) => bound === null ? missing
    : Math.min(Math.max(Number(bound) < 0 ? Number(bound) + size : Number(bound), low), high);
  const begin = clamp(start, by > 0 ? low : high);
  const end = clamp(stop, by > 0 ? high : low);
  if (text && by === 1) {
    const part = joined(items.slice(begin, Math.max(begin, end)));
    return value instanceof Markup ? new Markup(part) : part;
  }
  const part = [];
  for (let i = begin; by > 0 ? i < end : i > end; i += by) part.push(items[i]);
  if (text) return value instanceof Markup ? new Markup(part.join("")) : part.join("");
  return value instanceof Tuple ? tupleOf(part) : part;
}

/// Sorts the same objects as Python's sorted(): equal items keep their order, also in reverse.
function sortedBy(items, key, reverse) {
  const keyed = items.map((item, index) => ({ item, index, key: key(item) }));
  const before = reverse ? (a, b) => less(b.key, a.key) : (a, b) => less(a.key, b.key);
  keyed.sort((a, b) => before(a, b) ? -1 : before(b, a) ? 1 : a.index - b.index);
  return keyed.map((entry) => entry.item);
}

/// The arguments of a function with Python's way of naming them. parameters: [name] or [name, default] each.
function bound(name, positional, keywords, parameters) {
  if (positional.length > parameters.length)
    fail(`${name}() takes at most ${parameters.length} arguments (${positional.length} given)`);
  const known = new Set();
  const values = parameters.map((parameter, i) => {
    known.add(parameter[0]);
    if (i < positional.length) {
      if (keywords.has(parameter[0])) fail(`${name}() got multiple values for argument '${parameter[0]}'`);
      return positional[i];
    }
    if (keywords.has(parameter[0])) return keywords.get(parameter[0]);
    return parameter.length > 1 ? parameter[1] : fail(`${name}() missing required argument: '${parameter[0]}'`);
  });
  for (const key of keywords.keys())
    if (!known.has(key)) fail(`${name}() got an unexpected keyword argument '${key}'`);
  return values;
}

const asText = (name, value) => {
  if (value instanceof Undefined) value.refuse();
  return isText(value) ? textOf(value) : fail(`${name}: a str is wanted, not '${typeName(value)}'`);
};
const asWhole = (value) => {
  if (value instanceof Undefined) value.refuse();
  return isWhole(value) ? Number(value) : fail(`'${typeName(value)}' object cannot be interpreted as an integer`);
};
