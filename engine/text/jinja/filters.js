// Jinja's filters. Each: [its parameters, what it does with (value, arguments, interpreter)].

const kMissing = Symbol("missing");
const ignoringCase = (value) => isText(value) ? textOf(value).toLowerCase() : value;
const likeText = (value, made) => value instanceof Markup ? new Markup(made) : made;

/// "a.b.0" as a function that follows it.
function attributeGetter(path, orElse, post) {
  const steps = path === null ? [] : isWhole(path) ? [Number(path)]
    : asText("attribute", path).split(".").map((part) => /^\d+$/.test(part) ? Number(part) : part);
  return (item) => {
    let value = item;
    for (const step of steps) {
      value = subscript(value, step);
      if (value instanceof Undefined && orElse !== kMissing && orElse !== null) value = orElse;
    }
    return post ? post(value) : value;
  };
}

function sortKey(attribute, caseSensitive) {
  const post = truth(caseSensitive) ? (value) => value : ignoringCase;
  if (attribute === null || isWhole(attribute) || !textOf(attribute).includes(","))
    return attributeGetter(attribute, kMissing, post);
  const getters = textOf(attribute).split(",").map((part) => attributeGetter(part, kMissing, post));
  return (item) => getters.map((getter) => getter(item));
}

function extreme(value, [caseSensitive, attribute], isBetter) {
  const items = itemsOf(value);
  const key = attributeGetter(attribute, kMissing, truth(caseSensitive) ? undefined : ignoringCase);
  if (items.length === 0) return new Undefined("No aggregated item, sequence was empty.");
  return items.reduce((best, item) => isBetter(key(item), key(best)) ? item : best);
}

/// json.dumps, as Hugging Face calls it.
function json(value, options, depth) {
  if (value === null) return "null";
  if (isWhole(value)) return String(value);
  if (value instanceof Float)
    return Number.isFinite(value.value) ? floatText(value.value)
      : Number.isNaN(value.value) ? "NaN" : value.value > 0 ? "Infinity" : "-Infinity";
  if (isText(value)) return jsonText(textOf(value), options.ascii);
  const isList = value instanceof Array;
  if (!isList && !(value instanceof Dict))
    fail(`Object of type ${typeName(value)} is not JSON serializable`);
  let entries = isList ? Array.from(value) : value.entries();
  if (entries.length === 0) return isList ? "[]" : "{}";
  if (!isList && options.sorted) entries = sortedBy(entries, (entry) => entry[0], false);
  const parts = entries.map((entry) => isList ? json(entry, options, depth + 1)
    : jsonKey(entry[0], options) + options.colon + json(entry[1], options, depth + 1));
  const [open, close] = isList ? "[]" : "{}";
  if (options.indent === null) return open + parts.join(options.comma) + close;
  const line = "\n" + options.indent.repeat(depth);
  return open + line + options.indent + parts.join(options.comma + line + options.indent) + line + close;
}

function jsonKey(key, options) {
  if (isText(key)) return jsonText(textOf(key), options.ascii);
  if (key !== null && !isNumber(key))
    fail(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
  return '"' + json(key, options, 0) + '"';
}

const kJsonEscapes = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\" };
function jsonText(text, ascii) {
  const escape = (char) => kJsonEscapes[char] || "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0");
  // Private-use characters may stand for others: see kUnprintable.
  return '"' + text.replace(ascii ? /["\\\x00-\x1f\x7f-\udb7f\udc00-\udfff\uf900-\uffff]/g : /["\\\x00-\x1f]/g,
    (char) => char >= "\ue000" && char <= "\uf8ff" ? char : escape(char)) + '"';
}

function toJson(value, [ascii, indent, separators, sorted]) {
  const step = indent === null ? null : isText(indent) ? textOf(indent) : " ".repeat(Math.max(0, asWhole(indent)));
  const [comma, colon] = separators === null ? [step === null ? ", " : ",", ": "] : itemsOf(separators).map(textOf);
  return json(value, { ascii: truth(ascii), indent: step, comma, colon, sorted: truth(sorted) }, 0);
}

function batched(value, [count, fill]) {
  const size = asWhole(count);
  const batches = [];
  let batch = [];
  for (const item of itemsOf(value)) {
    if (batch.length === size) {
      batches.push(batch);
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length > 0) {
    while (fill !== null && batch.length < size) batch.push(fill);
    batches.push(batch);
  }
  return new Generator(batches);
}

function slicedInto(value, [slices, fill]) {
  const items = Array.from(itemsOf(value));
  const count = asWhole(slices);
  const each = Math.floor(items.length / count);
  const extra = items.length % count;
  const parts = [];
  for (let i = 0, at = 0; i < count; ++i) {
    const size = each + (i < extra ? 1 : 0);
    const part = items.slice(at, at + size);
    at += size;
    if (fill !== null && i >= extra) part.push(fill);
    parts.push(part);
  }
  return new Generator(parts);
}

function grouped(value, [attribute, orElse, caseSensitive]) {
  const key = attributeGetter(attribute, orElse, truth(caseSensitive) ? undefined : ignoringCase);
  const name = attributeGetter(attribute, orElse);
  const groups = [];
  let last = kMissing;
  for (const item of sortedBy(Array.from(itemsOf(value)), key, false)) {
    if (last === kMissing || !equals(key(item), last)) {
      last = key(item);
      groups.push(Group.from([name(item), []]));
    }
    groups[groups.length - 1][1].push(item);
  }
  return groups;
}

function indented(value, [width, first, blank]) {
  const pad = isText(width) ? textOf(width) : " ".repeat(Math.max(0, asWhole(width)));
  const text = textOf(value) + "\n";
  const lines = splitLines(text, false);
  const body = truth(blank) ? lines.join("\n" + pad)
    : lines[0] + (lines.length > 1 ? "\n" : "") + lines.slice(1).map((line) => line === "" ? "" : pad + line).join("\n");
  return likeText(value, (truth(first) ? pad : "") + body);
}

function truncated(value, [length, killWords, end, leeway]) {
  const text = textOf(value);
  const size = asWhole(length);
  const ending = asText("truncate", end);
  if (lengthOf(text) <= size + (leeway === null ? 5 : asWhole(leeway))) return text;
  const cut = sliced(text, 0, size - lengthOf(ending), null);
  if (truth(killWords)) return cut + ending;
  const at = cut.lastIndexOf(" ");
  return (at < 0 ? cut : cut.slice(0, at)) + ending;
}

/// textwrap.wrap of each line.
function wrapped(value, [width, breakLong, wrapString, breakHyphens]) {
  const size = asWhole(width);
  const lines = splitLines(textOf(value), false).map((line) => {
    const pattern = truth(breakHyphens) ? /\s+|[^\s-]*[^\s\d-]-(?=[^\s\d-]{2})|[^\s]+?(?=[^\s\d-][^\s-]*-[^\s\d-]{2})|[^\s]+/g : /\s+|\S+/g;
    const chunks = (line.match(pattern) || []).reverse();
    const made = [];
    while (chunks.length > 0) {
      let current = "";
      if (made.length > 0 && /^\s/.test(chunks[chunks.length - 1])) chunks.pop();
      while (chunks.length > 0 && lengthOf(current + chunks[chunks.length - 1]) <= size) current += chunks.pop();
      if (chunks.length > 0 && lengthOf(chunks[chunks.length - 1]) > size) {
        const room = size - lengthOf(current);
        if (truth(breakLong) && room > 0) {
          const long = Array.from(chunks.pop());
          current += long.slice(0, room).join("");
          chunks.push(long.slice(room).join(""));
        } else if (current === "") {
          current = chunks.pop();
        }
      }
      current = current.replace(/\s+$/, "");
      if (current !== "") made.push(current);
    }
    return made.join(wrapString === null ? "\n" : textOf(wrapString));
  });
  return lines.join(wrapString === null ? "\n" : textOf(wrapString));
}

function quotedUrl(value, safe) {
  return textOf(value).split(/(\/)/).map((part) => part === "/" && safe ? part
    : encodeURIComponent(part.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd"))
      .replace(/[!'()*]/g, (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase())).join("");
}

function urlEncoded(value) {
  if (isText(value) || itemsOrNull(value) === null) return quotedUrl(value, true);
  const plus = (part) => quotedUrl(part, false).replace(/%20/g, "+");
  const pairs = value instanceof Dict ? value.entries() : itemsOf(value).map((pair) => Array.from(itemsOf(pair)));
  return pairs.map(([key, item]) => plus(key) + "=" + plus(item)).join("&");
}

function fileSize(value, binary) {
  const bytes = numberOf(isText(value) ? new Float(Number(textOf(value))) : value);
  const base = binary ? 1024 : 1000;
  const names = binary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return Math.trunc(bytes) + " Bytes";
  let unit = base * base;
  let i = 0;
  while (i < names.length - 1 && bytes >= unit) {
    unit *= base;
    ++i;
  }
  return fixed(base * bytes / unit, 1) + " " + names[i];
}

function toWhole(value, [orElse, base]) {
  if (value instanceof Undefined) value.refuse();
  if (isText(value)) {
    const text = stripped(textOf(value), null, true, true).replace(/(?<=[\da-z])_(?=[\da-z])/gi, "");
    const radix = asWhole(base);
    const digits = text.replace(/^([+-]?)0([xob])/i, (whole, sign, letter) =>
      ({ x: 16, o: 8, b: 2 })[letter.toLowerCase()] === radix ? sign : whole);
    const allowed = "0123456789abcdefghijklmnopqrstuvwxyz".slice(0, radix);
    const body = digits.replace(/^[+-]/, "").toLowerCase();
    if (body !== "" && Array.from(body).every((char) => allowed.includes(char))) return parseInt(digits, radix) + 0;
    const number = toFloat(text, [null]);
    return number !== null && Number.isFinite(number.value) ? Math.trunc(number.value) + 0 : orElse;
  }
  return isNumber(value) && Number.isFinite(numberOf(value)) ? Math.trunc(numberOf(value)) + 0 : orElse;
}

function toFloat(value, [orElse]) {
  if (value instanceof Undefined) value.refuse();
  if (isNumber(value)) return new Float(numberOf(value));
  if (!isText(value)) return orElse;
  const text = stripped(textOf(value), null, true, true).replace(/(\d)_(?=\d)/g, "$1");
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return new Float(Number(text));
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return orElse;
  return new Float(special[2].toLowerCase() === "nan" ? NaN : special[1] === "-" ? -Infinity : Infinity);
}

function round(value, [precision, method]) {
  if (value instanceof Undefined) value.refuse();
  if (!isNumber(value)) fail(`type ${typeName(value)} doesn't define __round__ method`);
  const places = asWhole(precision);
  const how = textOf(method);
  if (!["common", "ceil", "floor"].includes(how)) fail("method must be common, ceil or floor");
  if (how === "common")
    return isWhole(value) ? (places >= 0 ? Number(value) : rounded(Number(value), places))
      : new Float(rounded(value.value, places));
  return new Float(Math[how](numberOf(value) * 10 ** places) / 10 ** places);
}

function unique(value, [caseSensitive, attribute]) {
  const key = attributeGetter(attribute, kMissing, truth(caseSensitive) ? undefined : ignoringCase);
  const seen = new Dict();
  return new Generator(Array.from(itemsOf(value)).filter((item) => {
    const token = key(item);
    if (seen.has(token)) return false;
    seen.set(token, true);
    return true;
  }));
}

function summed(value, [attribute, start]) {
  const getter = attributeGetter(attribute, kMissing);
  return Array.from(itemsOf(value)).reduce((total, item) => binary("+", total, getter(item)), start);
}

function dictSorted(value, [caseSensitive, by, reverse]) {
  const index = { key: 0, value: 1 }[textOf(by)];
  if (index === undefined) fail('You can only sort by either "key" or "value"');
  if (!(value instanceof Dict)) fail(`'${typeName(value)}' object has no attribute 'items'`);
  return sortedBy(value.entries(), (entry) => truth(caseSensitive) ? entry[index] : ignoringCase(entry[index]), truth(reverse));
}

function reversedOf(value) {
  if (isText(value)) return likeText(value, Array.from(textOf(value)).reverse().join(""));
  return new Generator(Array.from(itemsOf(value)).reverse(), "list_reverseiterator");
}

const kJoin = [["d", ""], ["attribute", null]];
function joinOf(value, [by, attribute]) {
  const getter = attributeGetter(attribute, kMissing);
  return Array.from(itemsOf(value), (item) => textOf(getter(item))).join(textOf(by));
}

const pairsOf = (value) => {
  if (value instanceof Undefined) return new Generator([]);
  return value instanceof Dict ? new Generator(value.entries()) : fail("Can only get item pairs from a mapping.");
};

function attributesOf(value, [autoSpace]) {
  const parts = value.entries().filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => `${escaped(key).value}="${escaped(item).value}"`).join(" ");
  return new Markup((truth(autoSpace) && parts !== "" ? " " : "") + parts);
}

const wordBeginnings = /([-\s({[<]+)/;
const titleOf = (value) => textOf(value).split(wordBeginnings).map(upperFirst).join("");
const strippedTags = (value) => textOf(value).replace(/<!--[\s\S]*?-->/g, "").replace(/<[^>]*>/g, "").split(/\s+/)
  .filter((word) => word !== "").join(" ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;|&#34;/g, '"')
  .replace(/&#39;/g, "'").replace(/&amp;/g, "&");

const defaulted = [[["default_value", ""], ["boolean", false]], (value, [other, boolean]) =>
  value instanceof Undefined || (truth(boolean) && !truth(value)) ? other : value];
const escapes = [kNone, (value) => escaped(value)];
const counts = [kNone, (value) => sizeOf(value)];

const kFilters = {
  abs: [kNone, (value) => !isNumber(value) ? (value instanceof Undefined ? value.refuse()
    : fail(`bad operand type for abs(): '${typeName(value)}'`))
    : value instanceof Float ? new Float(Math.abs(value.value)) : Math.abs(Number(value))],
  attr: [[["name"]], (value, [name]) => {
    const attribute = attributeOf(value, textOf(name));
    return attribute === undefined ? new Undefined(missingHint(value, name)) : attribute;
  }],
  batch: [[["linecount"], ["fill_with", null]], batched],
  capitalize: [kNone, (value) => likeText(value, upperFirst(textOf(value)))],
  center: [[["width", 80]], (value, [width]) => likeText(value, padded(textOf(value), [width, " "], true, true))],
  count: counts,
  d: defaulted,
  default: defaulted,
  dictsort: [[["case_sensitive", false], ["by", "key"], ["reverse", false]], dictSorted],
  e: escapes,
  escape: escapes,
  filesizeformat: [[["binary", false]], (value, [inBinary]) => fileSize(value, truth(inBinary))],
  first: [kNone, (value) => {
    const items = itemsOf(value);
    return items.length > 0 ? items[0] : new Undefined("No first item, sequence was empty.");
  }],
  float: [[["default", new Float(0)]], toFloat],
  forceescape: [kNone, (value) => new Markup(escapeHtml(textOf(value)))],
  groupby: [[["attribute"], ["default", null], ["case_sensitive", false]], grouped],
  indent: [[["width", 4], ["first", false], ["blank", false]], indented],
  int: [[["default", 0], ["base", 10]], toWhole],
  items: [kNone, pairsOf],
  join: [kJoin, joinOf],
  last: [kNone, (value) => {
    const items = itemsOf(value);
    return items.length > 0 ? items[items.length - 1] : new Undefined("No last item, sequence was empty.");
  }],
  length: counts,
  list: [kNone, (value) => Array.from(itemsOf(value))],
  lower: [kNone, (value) => likeText(value, textOf(value).toLowerCase())],
  max: [[["case_sensitive", false], ["attribute", null]], (value, args) =>
    extreme(value, args, (a, b) => less(b, a, ">"))],
  min: [[["case_sensitive", false], ["attribute", null]], (value, args) =>
    extreme(value, args, (a, b) => less(a, b, "<"))],
  pprint: [kNone, (value) => repr(value)],
  random: [kNone, (value) => {
    const items = itemsOf(value);
    return items.length > 0 ? items[Math.floor(Math.random() * items.length)]
      : new Undefined("No random item, sequence was empty.");
  }],
  replace: [[["old"], ["new"], ["count", null]], (value, [from, to, count]) =>
    likeText(value, replaced(textOf(value), textOf(from), textOf(to), count === null ? -1 : asWhole(count)))],
  reverse: [kNone, reversedOf],
  round: [[["precision", 0], ["method", "common"]], round],
  safe: [kNone, (value) => value instanceof Markup ? value : new Markup(textOf(value))],
  slice: [[["slices"], ["fill_with", null]], slicedInto],
  sort: [[["reverse", false], ["case_sensitive", false], ["attribute", null]], (value, [reverse, sensitive, attribute]) =>
    sortedBy(Array.from(itemsOf(value)), sortKey(attribute, sensitive), truth(reverse))],
  string: [kNone, (value) => value instanceof Markup ? value : textOf(value)],
  striptags: [kNone, strippedTags],
  sum: [[["attribute", null], ["start", 0]], summed],
  title: [kNone, (value) => likeText(value, titleOf(value))],
  tojson: [[["ensure_ascii", false], ["indent", null], ["separators", null], ["sort_keys", false]], toJson],
  trim: [kChars, (value, [set]) => likeText(value, stripped(textOf(value), set, true, true))],
  truncate: [[["length", 255], ["killwords", false], ["end", "..."], ["leeway", null]], truncated],
  unique: [[["case_sensitive", false], ["attribute", null]], unique],
  upper: [kNone, (value) => likeText(value, textOf(value).toUpperCase())],
  urlencode: [kNone, urlEncoded],
  wordcount: [kNone, (value) => (textOf(value).match(/[\p{L}\p{N}_]+/gu) || []).length],
  wordwrap: [[["width", 79], ["break_long_words", true], ["wrapstring", null], ["break_on_hyphens", true]], wrapped],
  xmlattr: [[["autospace", true]], attributesOf],
};

/// map, select and their like, which call filters and tests by name: (value, positional, keywords).
const kCallingFilters = {
  format: (value, args, keywords) => {
    if (args.length > 0 && keywords.size > 0)
      fail("can't handle positional and keyword arguments at the same time");
    const dict = new Dict();
    for (const [key, item] of keywords) dict.set(key, item);
    return likeText(value, percentFormat(textOf(value), keywords.size > 0 ? dict : tupleOf(args)));
  },
  map: (value, args, keywords) => {
    if (!truth(value)) return new Generator([]); // none too, as in Jinja
    const items = Array.from(itemsOf(value));
    if (args.length === 0 && keywords.has("attribute")) {
      const orElse = keywords.has("default") ? keywords.get("default") : kMissing;
      return new Generator(items.map(attributeGetter(keywords.get("attribute"), orElse)));
    }
    if (args.length === 0) fail("map requires a filter argument");
    return new Generator(items.map((item) => applyFilter(textOf(args[0]), item, args.slice(1), keywords)));
  },
  select: (value, args, keywords) => chosen(value, args, keywords, false, true),
  reject: (value, args, keywords) => chosen(value, args, keywords, false, false),
  selectattr: (value, args, keywords) => chosen(value, args, keywords, true, true),
  rejectattr: (value, args, keywords) => chosen(value, args, keywords, true, false),
};

function chosen(value, args, keywords, byAttribute, wanted) {
  if (!truth(value)) return new Generator([]);
  if (byAttribute && args.length === 0) fail("Missing parameter for attribute name");
  const getter = byAttribute ? attributeGetter(args[0], kMissing) : (item) => item;
  const [test, ...rest] = byAttribute ? args.slice(1) : args;
  const holds = test === undefined ? truth : (item) => applyTest(textOf(test), item, rest, keywords);
  return new Generator(Array.from(itemsOf(value)).filter((item) => holds(getter(item)) === wanted));
}

const own = (table, name) => Object.prototype.hasOwnProperty.call(table, name);

function applyFilter(name, value, args, keywords) {
  if (own(kCallingFilters, name)) return kCallingFilters[name](value, args, keywords);
  if (!own(kFilters, name)) fail(`No filter named '${name}'.`);
  const [parameters, act] = kFilters[name];
  return act(value, bound(name, args, keywords, parameters));
}
