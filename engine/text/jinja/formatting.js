// Python's three ways to put values into text: '%d' % x, '{:d}'.format(x), and round().

/// value with `places` digits after the point. Halves go to the even digit, as the exact value of a double has them.
function fixed(value, places) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return floatText(value);
  let text = size.toFixed(places);
  if (places < 100 && size < 1e21) {
    const exact = size.toFixed(100);
    const end = exact.indexOf(".") + 1 + places;
    const isHalf = exact[end] === "5" && /^0*$/.test(exact.slice(end + 1));
    const even = exact.slice(0, places === 0 ? end - 1 : end);
    if (isHalf && "02468".includes(even[even.length - 1])) text = even;
  }
  return (value < 0 || Object.is(value, -0) ? "-" : "") + text;
}

function exponential(value, places) {
  if (!Number.isFinite(value)) return floatText(value);
  const [digits, exponent] = value.toExponential(Math.min(places, 100)).split("e");
  return (Object.is(value, -0) ? "-" : "") + digits + "e" + exponent[0] + exponent.slice(1).padStart(2, "0");
}

function general(value, precision, keepZeros) {
  if (!Number.isFinite(value)) return floatText(value);
  const places = Math.max(precision, 1);
  const exponent = value === 0 ? 0 : Number(value.toExponential(places - 1).split("e")[1]);
  const scientific = exponent < -4 || exponent >= places;
  let text = scientific ? exponential(value, places - 1) : fixed(value, places - 1 - exponent);
  if (!keepZeros) text = text.replace(/(\.\d*?)0+(e|$)/, "$1$2").replace(/\.(e|$)/, "$1");
  return text;
}

function rounded(value, places) {
  if (places >= 0) return Number(fixed(value, Math.min(places, 100)));
  const unit = 10 ** -places;
  const below = Math.floor(value / unit);
  const rest = value - below * unit;
  return (rest > unit / 2 || (rest === unit / 2 && below % 2 !== 0) ? below + 1 : below) * unit;
}

const wholeIn = { d: 10, i: 10, u: 10, n: 10, x: 16, X: 16, o: 8, b: 2 };

/// Puts the sign that belongs before a number apart from it.
function withSign(text, plus) {
  return text[0] === "-" ? ["-", text.slice(1)] : [plus, text];
}

function percentFormat(format, values) {
  const args = values instanceof Tuple ? values : [values];
  let used = 0;
  const next = () => used < args.length ? args[used++] : fail("not enough arguments for format string");
  const pattern = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g;
  let named = false;
  const text = format.replace(pattern, (whole, key, flags, width, precision, type) => {
    if (type === "%") return "%";
    if (type === "") fail("incomplete format");
    let wide = width === "*" ? asWhole(next()) : Number(width || 0);
    let left = flags.includes("-");
    if (wide < 0) {
      left = true;
      wide = -wide;
    }
    const places = precision === undefined ? null : precision === "*" ? asWhole(next()) : Number(precision || 0);
    let value;
    if (key !== undefined) {
      named = true;
      if (!(values instanceof Dict)) fail("format requires a mapping");
      value = values.has(key) ? values.get(key) : fail(quoted(key));
    } else {
      value = next();
    }
    const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
    let sign = "";
    let body;
    if ("sra".includes(type)) {
      body = type === "s" ? textOf(value) : repr(value);
      if (places !== null) body = joined(charsOf(body).slice(0, places));
    } else if (type === "c") {
      body = isText(value) ? textOf(value) : String.fromCodePoint(asWhole(value));
    } else if (type in wholeIn && type !== "b" && type !== "n") {
      if (value instanceof Undefined) value.refuse();
      if (!isNumber(value)) fail(`%${type} format: a real number is required, not ${typeName(value)}`);
      const base = wholeIn[type];
      [sign, body] = withSign(Math.trunc(numberOf(value)).toString(base), plus);
      if (places !== null) body = body.padStart(places, "0");
      if (flags.includes("#") && base !== 10) sign += "0" + type.toLowerCase();
      if (type === "X") body = body.toUpperCase();
    } else if ("eEfFgG".includes(type)) {
      if (value instanceof Undefined) value.refuse();
      if (!isNumber(value)) fail(`must be real number, not ${typeName(value)}`);
      [sign, body] = withSign(floatAs(type.toLowerCase(), numberOf(value), places, flags.includes("#")), plus);
      if (type !== type.toLowerCase()) body = body.toUpperCase();
    } else {
      fail(`unsupported format character '${type}'`);
    }
    const missing = wide - lengthOf(sign + body);
    if (missing <= 0) return sign + body;
    if (left) return sign + body + " ".repeat(missing);
    if (flags.includes("0") && !"srac".includes(type)) return sign + "0".repeat(missing) + body;
    return " ".repeat(missing) + sign + body;
  });
  if (!named && used < args.length && !(values instanceof Dict))
    fail("not all arguments converted during string formatting");
  return text;
}

function floatAs(type, value, places, keepZeros) {
  if (type === "f") return fixed(value, places === null ? 6 : places);
  if (type === "e") return exponential(value, places === null ? 6 : places);
  return general(value, places === null ? 6 : places, keepZeros);
}

/// format(value, spec), Python's mini-language for str, int and float.
function formatValue(value, spec) {
  if (spec === "") return textOf(value);
  const match = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u.exec(spec);
  if (match === null) fail("Invalid format specifier");
  let [, fill, align, plus, alternate, zero, width, group, precision, type] = match;
  if (isText(value)) {
    if (type !== undefined && type !== "s") fail(`Unknown format code '${type}' for object of type 'str'`);
    let text = textOf(value);
    if (precision !== undefined) text = joined(charsOf(text).slice(0, Number(precision)));
    return aligned("", text, fill || " ", align || "<", Number(width || 0));
  }
  if (value instanceof Undefined) value.refuse();
  if (!isNumber(value) || (typeof value === "boolean" && type === undefined))
    fail(`unsupported format string passed to ${typeName(value)}.__format__`);
  const places = precision === undefined ? null : Number(precision);
  const number = numberOf(value);
  let text;
  if (!(value instanceof Float) && (type === undefined || type in wholeIn)) {
    text = number.toString(wholeIn[type || "d"]);
    if (type === "X") text = text.toUpperCase();
  } else if (type === undefined) {
    text = places === null ? floatText(number) : general(number, places, false);
    if (places !== null && /^-?\d+$/.test(text)) text += ".0";
  } else if (type === "%") {
    text = fixed(number * 100, places === null ? 6 : places) + "%";
  } else if ("eEfFgGn".includes(type)) {
    text = floatAs(type === "n" ? "g" : type.toLowerCase(), number, places, alternate !== undefined);
    if (type === "E" || type === "G" || type === "F") text = text.toUpperCase();
  } else if (type === "c") {
    text = String.fromCodePoint(number);
  } else {
    fail(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
  }
  let [sign, body] = withSign(text, plus === "+" || plus === " " ? plus : "");
  if (group !== undefined)
    body = body.replace(/^[\da-fA-F]+/, (digits) =>
      digits.replace(type in wholeIn && wholeIn[type] !== 10 ? /\B(?=(.{4})+$)/g : /\B(?=(.{3})+$)/g, group));
  if (alternate !== undefined && type in wholeIn && wholeIn[type] !== 10) sign += "0" + type.toLowerCase();
  if (zero !== undefined && align === undefined) return aligned(sign, body, "0", "=", Number(width || 0));
  return aligned(sign, body, fill || " ", align || ">", Number(width || 0));
}

function aligned(sign, body, fill, align, width) {
  const missing = width - lengthOf(sign + body);
  if (missing <= 0) return sign + body;
  if (align === "<") return sign + body + fill.repeat(missing);
  if (align === "=") return sign + fill.repeat(missing) + body;
  if (align === ">") return fill.repeat(missing) + sign + body;
  const before = Math.floor(missing / 2);
  return fill.repeat(before) + sign + body + fill.repeat(missing - before);
}

/// '…'.format(…); look(value, path) follows .name and [key].
function braceFormat(format, positional, keywords, look) {
  let counter = 0;
  let at = 0;
  const field = (depth) => { // after '{'
    let name = "";
    let brackets = 0;
    while (at < format.length && (brackets > 0 || !"}:!".includes(format[at]))) {
      if (format[at] === "[") ++brackets;
      if (format[at] === "]") --brackets;
      name += format[at++];
    }
    const [, first, path] = /^([^.[]*)([\s\S]*)$/.exec(name);
    let value;
    if (first === "" || /^\d+$/.test(first)) {
      const index = first === "" ? counter++ : Number(first);
      value = index < positional.length ? positional[index]
        : fail("Replacement index " + index + " out of range for positional args tuple");
    } else {
      value = keywords.has(first) ? keywords.get(first) : fail(quoted(first));
    }
    for (const step of path.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g))
      value = look(value, step[1], step[2]);
    if (format[at] === "!") {
      const conversion = format[at + 1];
      value = conversion === "s" ? textOf(value) : "ra".includes(conversion) ? repr(value)
        : fail(`Unknown conversion specifier '${conversion}'`);
      at += 2;
    }
    let spec = "";
    if (format[at] === ":") {
      ++at;
      while (at < format.length && format[at] !== "}") {
        if (format[at] === "{" && depth < 2) {
          ++at;
          spec += field(depth + 1);
        } else {
          spec += format[at++];
        }
      }
    }
    if (format[at] !== "}") fail("expected '}' before end of string");
    ++at;
    return formatValue(value, spec);
  };
  let text = "";
  while (at < format.length) {
    const char = format[at++];
    if ((char === "{" || char === "}") && format[at] === char) {
      text += char;
      ++at;
    } else if (char === "{") {
      if (at >= format.length) fail("Single '{' encountered in format string");
      text += field(1);
    } else if (char === "}") {
      fail("Single '}' encountered in format string");
    } else {
      text += char;
    }
  }
  return text;
}
