// The functions that every template has, and the two that chat_template.cpp calls.

function dictOf(args, keywords) {
  const dict = new Dict();
  if (args.length > 1) fail(`dict expected at most 1 argument, got ${args.length}`);
  for (const source of args) {
    const pairs = source instanceof Dict ? source.entries() : itemsOf(source).map((pair) => itemsOf(pair));
    for (const pair of pairs) {
      if (pair.length !== 2) fail(`dictionary update sequence element has length ${pair.length}; 2 is required`);
      dict.set(pair[0], pair[1]);
    }
  }
  for (const [key, value] of keywords) dict.set(key, value);
  return dict;
}

/// range(stop), range(start, stop, step)
function rangeOf(args) {
  if (args.length < 1 || args.length > 3) fail(`range expected 1 to 3 arguments, got ${args.length}`);
  const [start, stop, step] = args.map(asWhole);
  return args.length === 1 ? new Range(0, start, 1) : new Range(start, stop, args.length === 3 ? step : 1);
}

class Cycler {
  constructor(items) {
    if (items.length === 0) fail("at least one item has to be provided");
    this.items = items;
    this.at = 0;
  }
  attribute(name) {
    if (name === "current") return this.items[this.at];
    if (name === "next")
      return new Callable("next", () => {
        const item = this.items[this.at];
        this.at = (this.at + 1) % this.items.length;
        return item;
      });
    return name === "reset" ? new Callable("reset", () => {
      this.at = 0;
      return null;
    }) : undefined;
  }
}

function joinerOf(args, keywords) {
  const [separator] = bound("joiner", args, keywords, [["sep", ", "]]);
  let used = false;
  return new Callable("joiner", () => {
    const text = used ? separator : "";
    used = true;
    return text;
  });
}

function globalScope(variables) {
  const scope = new Scope(null);
  const functions = {
    range: rangeOf,
    dict: dictOf,
    namespace: (args, keywords) => new Namespace(dictOf(args, keywords)),
    cycler: (args) => new Cycler(args),
    joiner: joinerOf,
    raise_exception: (args) => fail(args.map(textOf).join(", ")),
    strftime_now: (args, keywords) => strftime(asText("strftime_now", bound("strftime_now", args, keywords, [["format"]])[0])),
  };
  for (const name of Object.keys(functions)) scope.values.set(name, new Callable(name, functions[name]));
  for (const name of Object.keys(variables)) scope.values.set(name, fromJson(variables[name]));
  return scope;
}

checkTemplate = function (source) {
  new Parser(tokenize(source)).template();
  return "";
};

renderTemplate = function (source, time, variables) {
  clock = JSON.parse(time);
  return new Interpreter(globalScope(JSON.parse(variables))).run(new Parser(tokenize(source)).template());
};
