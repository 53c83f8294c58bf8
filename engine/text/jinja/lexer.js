// Cuts a template into tokens, by the rules of Jinja's own lexer with trim_blocks and lstrip_blocks, as Hugging Face sets them:
// a block removes the line end after it, and the spaces before it on its line, unless '+' keeps them.

const kOperators = ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
  "=", ".", ":", "|", ",", ";"];
const kClosing = { ")": "(", "]": "[", "}": "{" };
const kBlockEnd = /\+%\}|-%\}\s*|%\}\n?/y;
const kPrintEnd = /-\}\}\s*|\}\}/y;
const kRawBegin = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const kRawEnd = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const kCommentEnd = /(?:\+#\}|-#\}\s*|#\}\n?)/g;
const kFloat = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const kWhole = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const kName = /[\p{L}\p{N}_]+/uy;
const kString = /'([^'\\]*(?:\\[\s\S][^'\\]*)*)'|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;
const kOpening = /\{[{%#]/g;

function matchAt(pattern, source, at) {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

const kEscapes = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", a: "\x07", "\\": "\\", "'": "'", '"': '"', "\n": "" };
function unescaped(text) {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (all, x, u, long, octal, char) => {
      const hex = x || u || long;
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      if ("xuU".includes(char)) fail(`an escape \\${char} in a string is cut off`);
      return Object.prototype.hasOwnProperty.call(kEscapes, char) ? kEscapes[char] : all;
    });
}

/// Tokens: {type, value, line}. Types: text, {{, }}, {%, %}, name, string, int, float, end, and the operators.
function tokenize(template) {
  let source = template.replace(/\r\n?/g, "\n");
  if (source.endsWith("\n")) source = source.slice(0, -1);
  const tokens = [];
  let line = 1;
  let counted = 0;
  const push = (type, value, at) => {
    for (; counted < at; ++counted) if (source[counted] === "\n") ++line;
    tokens.push({ type, value, line });
  };
  const broken = (message, at) => {
    push("end", "", at);
    fail(`${message} (line ${line})`);
  };

  let at = 0;
  let lineStarting = true; // what came before ended with a line end
  const text = (end, sign, isPrint) => { // the text up to a tag with this sign
    let part = source.slice(at, end);
    if (sign === "-") {
      part = part.replace(/\s+$/, "");
    } else if (sign !== "+" && !isPrint) {
      const begin = part.lastIndexOf("\n") + 1;
      if ((begin > 0 || lineStarting) && /^\s+$/.test(part.slice(begin))) part = part.slice(0, begin);
    }
    if (part !== "") push("text", part, at);
  };
  const pass = (end) => {
    lineStarting = end > 0 && source[end - 1] === "\n";
    at = end;
  };

  while (at < source.length) {
    const opening = matchAt(kOpening, source, at);
    if (opening === null) {
      push("text", source.slice(at), at);
      break;
    }
    const begin = opening.index;
    const kind = opening[0];
    const sign = "-+".includes(source[begin + 2] || "x") ? source[begin + 2] : "";
    const raw = kind === "{%" ? matchAt(kRawBegin, source, begin) : null;
    text(begin, sign, kind === "{{");
    if (raw !== null) {
      pass(begin + raw[0].length);
      const end = matchAt(kRawEnd, source, at);
      if (end === null) broken("Missing end of raw directive", at);
      text(end.index, end[1], false);
      pass(end.index + end[0].length);
    } else if (kind === "{#") {
      const end = matchAt(kCommentEnd, source, begin + 2);
      if (end === null) broken("Missing end of comment tag", begin);
      pass(end.index + end[0].length);
    } else {
      push(kind, kind, begin);
      pass(insideTag(source, begin + 2 + sign.length, kind === "{{" ? kPrintEnd : kBlockEnd, push, broken));
    }
  }
  push("end", "", source.length);
  return tokens;
}

/// The tokens of one tag; the offset after it.
function insideTag(source, from, ending, push, broken) {
  const brackets = [];
  let at = from;
  for (;;) {
    if (brackets.length === 0) {
      const end = matchAt(ending, source, at);
      if (end !== null) {
        push(ending === kPrintEnd ? "}}" : "%}", end[0], at);
        return at + end[0].length;
      }
    }
    if (at >= source.length) broken("unexpected end of template", at);
    if (/\s/.test(source[at])) {
      ++at;
      continue;
    }
    let match = source[at - 1] === "." ? null : matchAt(kFloat, source, at);
    let type = "float";
    for (const [pattern, name] of [[kWhole, "int"], [kName, "name"], [kString, "string"]]) {
      if (match !== null) break;
      match = matchAt(pattern, source, at);
      type = name;
    }
    if (match !== null) {
      const value = type === "string" ? unescaped(match[1] !== undefined ? match[1] : match[2])
        : type === "name" ? match[0] : match[0].replace(/_/g, "").toLowerCase();
      push(type, value, at);
      at += match[0].length;
      continue;
    }
    const operator = kOperators.find((each) => source.startsWith(each, at));
    if (operator === undefined) broken(`unexpected char ${quoted(source[at])}`, at);
    if ("([{".includes(operator)) brackets.push(operator);
    if (operator in kClosing && brackets.pop() !== kClosing[operator]) broken(`unexpected '${operator}'`, at);
    push(operator, operator, at);
    at += operator.length;
  }
}
