// The methods of Python's str, list, tuple, dict, int and float that templates may call. Those that would change a list or a
// dictionary are refused, as Hugging Face's sandbox refuses them.

const kSpaces = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
  + "\u200a\u2028\u2029\u202f\u205f\u3000"; // what Python takes for whitespace
const kLineEnd = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/g;

function stripped(text, set, left, right) {
  const of = set === null ? kSpaces : Array.from(asText("strip", set));
  const chars = charsOf(text);
  let begin = 0;
  let end = chars.length;
  while (left && begin < end && of.includes(chars[begin])) ++begin;
  while (right && end > begin && of.includes(chars[end - 1])) --end;
  return joined(chars.slice(begin, end));
}

function splitAtSpaces(text, limit) {
  const parts = [];
  let at = 0;
  for (;;) {
    while (at < text.length && kSpaces.includes(text[at])) ++at;
    if (at >= text.length) return parts;
    if (limit >= 0 && parts.length >= limit) return [...parts, text.slice(at)];
    const begin = at;
    while (at < text.length && !kSpaces.includes(text[at])) ++at;
    parts.push(text.slice(begin, at));
  }
}

function splitFromRight(text, separator, limit) {
  const parts = [];
  let rest = text;
  while (limit < 0 || parts.length < limit) {
    if (separator === null) {
      rest = stripped(rest, null, false, true);
      if (rest === "") return parts.reverse();
      let begin = rest.length;
      while (begin > 0 && !kSpaces.includes(rest[begin - 1])) --begin;
      parts.push(rest.slice(begin));
      rest = rest.slice(0, begin);
    } else {
      const at = rest.lastIndexOf(separator);
      if (at < 0) break;
      parts.push(rest.slice(at + separator.length));
      rest = rest.slice(0, at);
    }
  }
  if (separator === null) rest = stripped(rest, null, false, true);
  if (separator !== null || rest !== "") parts.push(rest);
  return parts.reverse();
}

function splitText(self, [separator, limit], fromRight) {
  const most = asWhole(limit);
  if (separator !== null && asText("split", separator) === "") fail("empty separator");
  const by = separator === null ? null : textOf(separator);
  if (fromRight) return splitFromRight(self, by, most);
  if (by === null) return splitAtSpaces(self, most);
  const parts = self.split(by);
  return most >= 0 && parts.length > most + 1
    ? [...parts.slice(0, most), parts.slice(most).join(by)] : parts;
}

function splitLines(text, keepEnds) {
  const lines = [];
  let begin = 0;
  for (const match of text.matchAll(kLineEnd)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(begin, keepEnds ? end : match.index));
    begin = end;
  }
  if (begin < text.length) lines.push(text.slice(begin));
  return lines;
}

function replaced(text, from, to, count) {
  let left = count < 0 ? Infinity : count;
  if (from === "") {
    const chars = Array.from(text);
    let made = left-- > 0 ? to : "";
    for (const char of chars) made += char + (left-- > 0 ? to : "");
    return made;
  }
  if (left === Infinity) return text.split(from).join(to);
  let made = "";
  let at = 0;
  for (;;) {
    const next = left-- > 0 ? text.indexOf(from, at) : -1;
    if (next < 0) return made + text.slice(at);
    made += text.slice(at, next) + to;
    at = next + from.length;
  }
}

const upperFirst = (text) => {
  const chars = charsOf(text);
  return chars.length === 0 ? "" : chars[0].toUpperCase() + joined(chars.slice(1)).toLowerCase();
};
const titled = (text) => text.replace(/\p{L}+/gu, upperFirst);

/// The part of a text between start and end, and where it begins; null where start is after the end.
function window(text, start, end) {
  const size = lengthOf(text);
  const place = (bound, missing) => {
    if (bound === null) return missing;
    const at = asWhole(bound);
    return Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  };
  const begin = place(start, 0);
  const stop = place(end, size);
  if (begin > stop || (start !== null && asWhole(start) > size)) return null;
  return { text: sliced(text, begin, stop, null), begin };
}

function found(self, [what, start, end], last) {
  const part = window(self, start, end);
  if (part === null) return -1;
  const sought = asText("find", what);
  const at = last ? part.text.lastIndexOf(sought) : part.text.indexOf(sought);
  return at < 0 ? -1 : part.begin + lengthOf(part.text.slice(0, at));
}

function foundOrFail(self, args, last) {
  const at = found(self, args, last);
  return at < 0 ? fail("substring not found") : at;
}

function countIn(self, [what, start, end]) {
  const part = window(self, start, end);
  const sought = asText("count", what);
  if (part === null) return 0;
  return sought === "" ? lengthOf(part.text) + 1 : part.text.split(sought).length - 1;
}

function edge(name, self, [what, start, end], method) {
  const part = window(self, start, end);
  const options = what instanceof Tuple ? Array.from(what) : [what];
  return options.map((option) => isText(option) ? textOf(option)
    : fail(`${name} first arg must be str or a tuple of str, not ${typeName(option)}`))
    .some((option) => part !== null && part.text[method](option));
}

function padded(self, [width, fill], left, right) {
  const filler = asText("just", fill);
  if (lengthOf(filler) !== 1) fail("The fill character must be exactly one character long");
  const missing = asWhole(width) - lengthOf(self);
  if (missing <= 0) return self;
  if (!left) return self + filler.repeat(missing);
  if (!right) return filler.repeat(missing) + self;
  const before = Math.floor(missing / 2) + (missing & asWhole(width) & 1);
  return filler.repeat(before) + self + filler.repeat(missing - before);
}

function parted(self, separator, last) {
  const by = asText("partition", separator);
  if (by === "") fail("empty separator");
  const at = last ? self.lastIndexOf(by) : self.indexOf(by);
  if (at < 0) return tupleOf(last ? ["", "", self] : [self, "", ""]);
  return tupleOf([self.slice(0, at), by, self.slice(at + by.length)]);
}

function joinedBy(self, items) {
  return itemsOf(items).map((item, i) => isText(item) ? textOf(item)
    : item instanceof Undefined ? item.refuse()
      : fail(`sequence item ${i}: expected str instance, ${typeName(item)} found`)).join(self);
}

function expandedTabs(text, size) {
  let column = 0;
  let made = "";
  for (const char of text) {
    if (char === "\t") {
      const spaces = size > 0 ? size - column % size : 0;
      made += " ".repeat(spaces);
      column += spaces;
    } else {
      made += char;
      column = char === "\n" || char === "\r" ? 0 : column + 1;
    }
  }
  return made;
}

function translated(text, table) {
  return Array.from(text).map((char) => {
    const to = table instanceof Dict ? table.get(char.codePointAt(0)) : undefined;
    if (to === undefined) return char;
    return to === null ? "" : isText(to) ? textOf(to) : String.fromCodePoint(asWhole(to));
  }).join("");
}

const swapped = (text) => Array.from(text).map((char) =>
  char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()).join("");
const hasCase = (text) => text.toUpperCase() !== text.toLowerCase();
const isTitle = (text) => /\p{L}/u.test(text) && titled(text) === text;
const whole = (pattern) => (self) => pattern.test(self);

const kNone = [];
const kRange = [["sub"], ["start", null], ["end", null]];
const kChars = [["chars", null]];
const kSplit = [["sep", null], ["maxsplit", -1]];
const kPad = [["width"], ["fillchar", " "]];

// Each method: [its parameters, what it does with (self, arguments)].
const kTextMethods = {
  capitalize: [kNone, upperFirst],
  casefold: [kNone, (self) => self.toLowerCase().replace(/ß/g, "ss")],
  center: [kPad, (self, args) => padded(self, args, true, true)],
  count: [kRange, countIn],
  endswith: [kRange, (self, args) => edge("endswith", self, args, "endsWith")],
  expandtabs: [[["tabsize", 8]], (self, [size]) => expandedTabs(self, asWhole(size))],
  find: [kRange, (self, args) => found(self, args, false)],
  format_map: [[["mapping"]], (self, [mapping]) =>
    braceFormat(self, [], new Map(mapping.entries().map(([key, value]) => [textOf(key), value])), followed)],
  index: [kRange, (self, args) => foundOrFail(self, args, false)],
  isalnum: [kNone, whole(/^[\p{L}\p{N}]+$/u)],
  isalpha: [kNone, whole(/^\p{L}+$/u)],
  isascii: [kNone, whole(/^[\x00-\x7f]*$/)],
  isdecimal: [kNone, whole(/^\p{Nd}+$/u)],
  isdigit: [kNone, whole(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]+$/u)],
  isidentifier: [kNone, whole(/^[\p{L}_][\p{L}\p{N}_]*$/u)],
  islower: [kNone, (self) => hasCase(self) && self === self.toLowerCase()],
  isnumeric: [kNone, whole(/^\p{N}+$/u)],
  isprintable: [kNone, (self) => quoted(self.replace(/[\\'"]/g, "")).slice(1, -1) === self.replace(/[\\'"]/g, "")],
  isspace: [kNone, (self) => self !== "" && stripped(self, null, true, true) === ""],
  istitle: [kNone, isTitle],
  isupper: [kNone, (self) => hasCase(self) && self === self.toUpperCase()],
  join: [[["iterable"]], (self, [items]) => joinedBy(self, items)],
  ljust: [kPad, (self, args) => padded(self, args, false, true)],
  lower: [kNone, (self) => self.toLowerCase()],
  lstrip: [kChars, (self, [set]) => stripped(self, set, true, false)],
  partition: [[["sep"]], (self, [separator]) => parted(self, separator, false)],
  removeprefix: [[["prefix"]], (self, [text]) =>
    self.startsWith(asText("removeprefix", text)) ? self.slice(textOf(text).length) : self],
  removesuffix: [[["suffix"]], (self, [text]) =>
    asText("removesuffix", text) !== "" && self.endsWith(textOf(text)) ? self.slice(0, -textOf(text).length) : self],
  replace: [[["old"], ["new"], ["count", -1]], (self, [from, to, count]) =>
    replaced(self, asText("replace", from), asText("replace", to), asWhole(count))],
  rfind: [kRange, (self, args) => found(self, args, true)],
  rindex: [kRange, (self, args) => foundOrFail(self, args, true)],
  rjust: [kPad, (self, args) => padded(self, args, true, false)],
  rpartition: [[["sep"]], (self, [separator]) => parted(self, separator, true)],
  rsplit: [kSplit, (self, args) => splitText(self, args, true)],
  rstrip: [kChars, (self, [set]) => stripped(self, set, false, true)],
  split: [kSplit, (self, args) => splitText(self, args, false)],
  splitlines: [[["keepends", false]], (self, [keep]) => splitLines(self, truth(keep))],
  startswith: [kRange, (self, args) => edge("startswith", self, args, "startsWith")],
  strip: [kChars, (self, [set]) => stripped(self, set, true, true)],
  swapcase: [kNone, swapped],
  title: [kNone, titled],
  translate: [[["table"]], (self, [table]) => translated(self, table)],
  upper: [kNone, (self) => self.toUpperCase()],
  zfill: [[["width"]], (self, [width]) => {
    const [sign, body] = /^[+-]/.test(self) ? [self[0], self.slice(1)] : ["", self];
    return aligned(sign, body, "0", "=", asWhole(width));
  }],
};

const positionOf = (self, [what]) => {
  const at = Array.from(self).findIndex((item) => equals(item, what));
  return at < 0 ? fail(`${repr(what)} is not in list`) : at;
};
const kSequenceMethods = {
  count: [[["value"]], (self, [what]) => Array.from(self).filter((item) => equals(item, what)).length],
  index: [[["value"]], positionOf],
};
const kListMethods = Object.assign({ copy: [kNone, (self) => self.slice()] }, kSequenceMethods);

const copyOf = (dict) => {
  const copy = new Dict();
  for (const [key, value] of dict.entries()) copy.set(key, value);
  return copy;
};
const kDictMethods = {
  copy: [kNone, copyOf],
  get: [[["key"], ["default", null]], (self, [key, other]) => self.has(key) ? self.get(key) : other],
  items: [kNone, (self) => new View("items", self)],
  keys: [kNone, (self) => new View("keys", self)],
  values: [kNone, (self) => new View("values", self)],
};
const kWholeMethods = {
  bit_length: [kNone, (self) => self === 0 ? 0 : Math.abs(self).toString(2).length],
  conjugate: [kNone, (self) => self],
  is_integer: [kNone, () => true],
};
const kFloatMethods = {
  conjugate: [kNone, (self) => self],
  is_integer: [kNone, (self) => Number.isInteger(self.value)],
};
const kChanging = {
  list: ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"],
  dict: ["clear", "pop", "popitem", "setdefault", "update"],
};

function methodsOf(value) {
  if (isText(value)) return kTextMethods;
  if (value instanceof Tuple) return kSequenceMethods;
  if (value instanceof Array) return kListMethods;
  if (value instanceof Dict) return kDictMethods;
  if (isWhole(value)) return kWholeMethods;
  return value instanceof Float ? kFloatMethods : null;
}

/// value.name as Python's getattr has it; undefined where there is none.
function attributeOf(value, name) {
  const methods = methodsOf(value);
  const has = methods !== null && Object.prototype.hasOwnProperty.call(methods, name);
  if (isText(value) && name === "format")
    return new Callable("format", (args, keywords) => braceFormat(textOf(value), args, keywords, followed));
  if (has) {
    const [parameters, act] = methods[name];
    const self = isText(value) ? textOf(value) : value;
    return new Callable(name, (args, keywords) => {
      const made = act(self, bound(name, args, keywords, parameters));
      return value instanceof Markup && typeof made === "string" ? new Markup(made) : made;
    });
  }
  const changing = kChanging[typeName(value)];
  if (changing !== undefined && changing.includes(name))
    return new Undefined(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`);
  if (value instanceof Group && name === "grouper") return value[0];
  if (value instanceof Group && name === "list") return value[1];
  if (value instanceof Namespace) return value.dict.has(name) ? value.dict.get(name) : undefined;
  if (value instanceof Range && ["start", "stop", "step"].includes(name)) return value[name];
  if (isNumber(value) && name === "real") return value;
  if (isWhole(value) && (name === "imag" || name === "numerator" || name === "denominator"))
    return name === "imag" ? 0 : name === "denominator" ? 1 : Number(value);
  return value !== null && typeof value === "object" && value.attribute ? value.attribute(name) : undefined;
}

/// value[key]; undefined where there is none.
function itemAt(value, key) {
  if (value instanceof Dict) return value.has(key) ? value.get(key) : undefined;
  if (!(isText(value) || value instanceof Array || value instanceof Range) || !isWhole(key)) return undefined;
  const items = isText(value) ? charsOf(textOf(value)) : value instanceof Range ? value.items() : value;
  const at = Number(key) < 0 ? Number(key) + items.length : Number(key);
  return at >= 0 && at < items.length ? items[at] : undefined;
}

function missingHint(value, key) {
  if (isWhole(key) || !isText(key)) return `${typeName(value)} object has no element ${repr(key)}`;
  return value === null ? `'None' has no attribute ${repr(key)}`
    : `'${typeName(value)} object' has no attribute ${repr(key)}`;
}

/// value.name of a template: the attribute, else the item.
function member(value, name) {
  if (value instanceof Undefined) value.refuse();
  if (name.startsWith("_")) return new Undefined(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`);
  const attribute = attributeOf(value, name);
  if (attribute !== undefined) return attribute;
  const item = itemAt(value, name);
  return item === undefined ? new Undefined(missingHint(value, name)) : item;
}

/// value[key] of a template: the item, else the attribute.
function subscript(value, key) {
  if (value instanceof Undefined) value.refuse();
  const item = itemAt(value, key);
  if (item !== undefined) return item;
  if (isText(key) && !textOf(key).startsWith("_")) {
    const attribute = attributeOf(value, textOf(key));
    if (attribute !== undefined) return attribute;
  }
  return new Undefined(missingHint(value, key));
}

/// What str.format does with .name and [key].
function followed(value, name, key) {
  const next = name !== undefined ? attributeOf(value, name)
    : itemAt(value, /^\d+$/.test(key) && !(value instanceof Dict) ? Number(key) : key);
  return next === undefined ? fail(name !== undefined
    ? `'${typeName(value)}' object has no attribute '${name}'` : repr(key)) : next;
}
