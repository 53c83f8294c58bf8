// Makes a tree of the tokens, by the grammar of Jinja's own parser. Nodes are {type, line, …}.

class Parser {
  constructor(tokens) {
    this.tokens = tokens;
    this.at = 0;
    this.loops = 0; // how many loops enclose this place
  }

  get token() { return this.tokens[this.at]; }
  is(type, value) { return this.token.type === type && (value === undefined || this.token.value === value); }
  isName(...names) { return this.token.type === "name" && names.includes(this.token.value); }
  skip(type, value) {
    if (!this.is(type, value)) return false;
    ++this.at;
    return true;
  }
  expect(type, value) {
    if (!this.is(type, value)) this.refuse(`expected '${value || type}', got '${this.token.value || "end of template"}'`);
    return this.tokens[this.at++];
  }
  refuse(message, line) { fail(`${message} (line ${line || this.token.line})`); }
  node(type, fields) { return Object.assign({ type, line: this.token.line }, fields); }

  template() {
    const body = this.body([]);
    if (!this.is("end")) this.refuse(`unexpected '${this.token.value}'`);
    return body;
  }

  /// Text and tags up to a tag that begins with one of the names, which is left to read, or the end.
  body(ends) {
    const nodes = [];
    while (!this.is("end")) {
      if (this.is("text")) {
        nodes.push(this.node("Text", { value: this.token.value }));
        ++this.at;
      } else if (this.is("{{")) {
        ++this.at;
        nodes.push(this.node("Print", { value: this.tuple({}) }));
        this.expect("}}");
      } else {
        this.expect("{%");
        if (this.isName(...ends)) return nodes;
        nodes.push(this.statement(ends));
        this.expect("%}");
      }
    }
    if (ends.length > 0) this.refuse(`unexpected end of template; looking for ${ends.join(" or ")}`);
    return nodes;
  }

  /// The body of a tag: from its %} to the tag `ends`, whose name is passed.
  block(...ends) {
    this.expect("%}");
    const body = this.body(ends);
    const end = this.expect("name").value;
    return { body, end };
  }

  statement(ends) {
    const name = this.expect("name").value;
    const parse = Parser.statements[name];
    if (parse === undefined)
      this.refuse(`unknown tag '${name}'${ends.length > 0 ? `; looking for ${ends.join(" or ")}` : ""}`);
    return parse.call(this);
  }

  forStatement() {
    const node = this.node("For");
    node.target = this.target({ ends: ["in"] });
    this.expect("name", "in");
    node.items = this.tuple({ withoutCondition: true, ends: ["recursive"] });
    node.test = this.skip("name", "if") ? this.expression() : null;
    node.recursive = this.skip("name", "recursive");
    ++this.loops;
    const first = this.block("endfor", "else");
    --this.loops;
    node.body = first.body;
    node.otherwise = first.end === "else" ? this.block("endfor").body : null;
    return node;
  }

  ifStatement() {
    const node = this.node("If", { branches: [], otherwise: [] });
    for (let end = "elif"; end === "elif";) {
      const test = this.tuple({ withoutCondition: true });
      const block = this.block("elif", "else", "endif");
      node.branches.push({ test, body: block.body });
      end = block.end;
      if (end === "else") node.otherwise = this.block("endif").body;
    }
    return node;
  }

  setStatement() {
    const node = this.node("Set", { target: this.target({ namespace: true }) });
    if (this.skip("=")) {
      node.value = this.tuple({});
      return node;
    }
    node.type = "SetBlock";
    node.filters = this.filters(false);
    node.body = this.block("endset").body;
    return node;
  }

  withStatement() {
    const node = this.node("With", { targets: [], values: [] });
    while (!this.is("%}")) {
      if (node.targets.length > 0) this.expect(",");
      node.targets.push(this.target({}));
      this.expect("=");
      node.values.push(this.expression());
    }
    node.body = this.block("endwith").body;
    return node;
  }

  parameters() {
    const parameters = [];
    this.expect("(");
    while (!this.is(")")) {
      if (parameters.length > 0) this.expect(",");
      const name = this.targetName().name;
      if (parameters.some((other) => other.name === name)) this.refuse(`duplicate argument '${name}'`);
      if (this.skip("=")) parameters.push({ name, value: this.expression() });
      else if (parameters.length > 0 && parameters[parameters.length - 1].value)
        this.refuse("non-default argument follows default argument");
      else parameters.push({ name, value: null });
    }
    this.expect(")");
    return parameters;
  }

  /// Runs what stands inside a macro: break and continue of a loop outside do not reach into it.
  apart(parse) {
    const loops = this.loops;
    this.loops = 0;
    const made = parse();
    this.loops = loops;
    return made;
  }

  macroStatement() {
    const node = this.node("Macro", { name: this.targetName().name, parameters: this.parameters() });
    node.body = this.apart(() => this.block("endmacro").body);
    return node;
  }

  callStatement() {
    const node = this.node("CallBlock", { parameters: this.is("(") ? this.parameters() : [] });
    node.call = this.expression();
    if (node.call.type !== "Call") this.refuse("expected call", node.line);
    node.body = this.apart(() => this.block("endcall").body);
    return node;
  }

  jump(type) {
    if (this.loops === 0) this.refuse(`'${type.toLowerCase()}' outside of a loop`);
    return this.node(type);
  }

  // Targets of for, set and with.

  targetName() {
    const token = this.expect("name");
    if (["true", "false", "none", "True", "False", "None"].includes(token.value))
      this.refuse(`can't assign to '${token.value}'`, token.line);
    return { type: "Name", name: token.value, line: token.line };
  }

  target({ ends, namespace }) {
    const one = () => {
      if (this.skip("(")) {
        const inner = this.target({ namespace });
        this.expect(")");
        return inner;
      }
      const name = this.targetName();
      if (!namespace || !this.skip(".")) return name;
      return this.node("Member", { of: name, name: this.expect("name").value });
    };
    const parts = [one()];
    let isTuple = false;
    while (this.skip(",")) {
      isTuple = true;
      if (this.is("=") || this.is("%}") || this.is(")") || this.isName(...(ends || []))) break;
      parts.push(one());
    }
    return isTuple ? this.node("Tuple", { items: parts }) : parts[0];
  }

  // Expressions, from the loosest to the tightest.

  tuple({ withoutCondition, ends, explicit }) {
    const node = this.node("Tuple");
    const items = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.expect(",");
      if (this.is("}}") || this.is("%}") || this.is(")") || this.isName(...(ends || []))) break;
      items.push(withoutCondition ? this.or() : this.expression());
      if (!this.is(",")) break;
      isTuple = true;
    }
    if (!isTuple && items.length === 1) return items[0];
    if (!isTuple && !explicit) this.refuse(`Expected an expression, got '${this.token.value || "end of template"}'`);
    node.items = items;
    return node;
  }

  expression() {
    let value = this.or();
    while (this.skip("name", "if")) {
      const test = this.or();
      const otherwise = this.skip("name", "else") ? this.expression() : null;
      value = this.node("Condition", { test, value, otherwise });
    }
    return value;
  }

  or() {
    let left = this.and();
    while (this.skip("name", "or")) left = this.node("Or", { left, right: this.and() });
    return left;
  }

  and() {
    let left = this.not();
    while (this.skip("name", "and")) left = this.node("And", { left, right: this.not() });
    return left;
  }

  not() {
    return this.skip("name", "not") ? this.node("Not", { value: this.not() }) : this.comparison();
  }

  comparison() {
    const first = this.sum();
    const rest = [];
    for (;;) {
      let sign = null;
      if (["==", "!=", "<", "<=", ">", ">="].includes(this.token.type)) sign = this.tokens[this.at++].type;
      else if (this.skip("name", "in")) sign = "in";
      else if (this.isName("not") && this.tokens[this.at + 1].type === "name" && this.tokens[this.at + 1].value === "in") {
        this.at += 2;
        sign = "not in";
      }
      if (sign === null) break;
      rest.push({ sign, value: this.sum() });
    }
    return rest.length > 0 ? this.node("Compare", { first, rest }) : first;
  }

  leftToRight(next, signs) {
    let left = next.call(this);
    while (signs.includes(this.token.type)) {
      const sign = this.tokens[this.at++].type;
      left = this.node("Binary", { sign, left, right: next.call(this) });
    }
    return left;
  }
  sum() { return this.leftToRight(this.concatenation, ["+", "-"]); }
  product() { return this.leftToRight(this.power, ["*", "/", "//", "%"]); }
  power() { return this.leftToRight(() => this.unary(true), ["**"]); }

  concatenation() {
    const items = [this.product()];
    while (this.skip("~")) items.push(this.product());
    return items.length > 1 ? this.node("Concat", { items }) : items[0];
  }

  unary(withFilter) {
    let node;
    if (this.skip("-")) node = this.node("Negative", { value: this.unary(false) });
    else if (this.skip("+")) node = this.node("Positive", { value: this.unary(false) });
    else node = this.primary();
    node = this.postfix(node);
    return withFilter ? this.filtered(node) : node;
  }

  primary() {
    const token = this.token;
    const constant = (value) => ({ type: "Constant", value, line: token.line });
    ++this.at;
    switch (token.type) {
      case "name":
        if (token.value === "true" || token.value === "True") return constant(true);
        if (token.value === "false" || token.value === "False") return constant(false);
        if (token.value === "none" || token.value === "None") return constant(null);
        return { type: "Name", name: token.value, line: token.line };
      case "string": {
        let text = token.value;
        while (this.is("string")) text += this.tokens[this.at++].value;
        return constant(text);
      }
      case "int": return constant(Number(token.value));
      case "float": return constant(new Float(Number(token.value)));
      case "(": {
        const node = this.tuple({ explicit: true });
        this.expect(")");
        return node;
      }
      case "[": return this.node("List", { items: this.listed("]", () => this.expression()) });
      case "{": return this.node("Dict", {
        entries: this.listed("}", () => {
          const key = this.expression();
          this.expect(":");
          return { key, value: this.expression() };
        }),
      });
      default:
        return this.refuse(`unexpected '${token.value || "end of template"}'`, token.line);
    }
  }

  listed(close, parse) {
    const items = [];
    while (!this.is(close)) {
      if (items.length > 0) this.expect(",");
      if (this.is(close)) break;
      items.push(parse());
    }
    this.expect(close);
    return items;
  }

  postfix(first) {
    let node = first;
    for (;;) {
      if (this.skip(".")) {
        const token = this.token;
        ++this.at;
        if (token.type === "name") node = this.node("Member", { of: node, name: token.value });
        else if (token.type === "int") node = this.node("Item", { of: node, key: this.node("Constant", { value: Number(token.value) }) });
        else this.refuse("expected name or number", token.line);
      } else if (this.skip("[")) {
        const keys = this.listed("]", () => this.subscript());
        if (keys.length === 0) this.refuse("expected subscript expression");
        node = this.node("Item", { of: node, key: keys.length > 1 ? this.node("Tuple", { items: keys }) : keys[0] });
      } else if (this.is("(")) {
        node = this.node("Call", { of: node, args: this.args() });
      } else {
        return node;
      }
    }
  }

  subscript() {
    if (!this.is(":")) {
      const value = this.expression();
      if (!this.is(":")) return value;
      return this.sliceFrom(value);
    }
    return this.sliceFrom(null);
  }

  sliceFrom(start) {
    this.expect(":");
    const node = this.node("Slice", { start, stop: null, step: null });
    if (!this.is(":") && !this.is("]") && !this.is(",")) node.stop = this.expression();
    if (this.skip(":") && !this.is("]") && !this.is(",")) node.step = this.expression();
    return node;
  }

  /// The arguments in parentheses after what is called.
  args() {
    const args = { positional: [], named: [], spread: null, spreadNamed: null };
    this.expect("(");
    let isFirst = true;
    while (!this.is(")")) {
      if (!isFirst) this.expect(",");
      if (this.is(")")) break;
      isFirst = false;
      if (this.skip("*")) {
        if (args.spread || args.spreadNamed) this.refuse("invalid syntax for function call expression");
        args.spread = this.expression();
      } else if (this.skip("**")) {
        if (args.spreadNamed) this.refuse("invalid syntax for function call expression");
        args.spreadNamed = this.expression();
      } else if (this.is("name") && this.tokens[this.at + 1].type === "=" && !args.spreadNamed) {
        const name = this.expect("name").value;
        this.expect("=");
        args.named.push({ name, value: this.expression() });
      } else {
        if (args.spread || args.spreadNamed || args.named.length > 0)
          this.refuse("invalid syntax for function call expression");
        args.positional.push(this.expression());
      }
    }
    this.expect(")");
    return args;
  }

  filtered(first) {
    let node = first;
    for (;;) {
      if (this.is("|")) node = this.node("Filter", { value: node, filters: this.filters(false) });
      else if (this.isName("is")) node = this.test(node);
      else if (this.is("(")) node = this.node("Call", { of: node, args: this.args() });
      else return node;
    }
  }

  dottedName() {
    let name = this.expect("name").value;
    while (this.skip(".")) name += "." + this.expect("name").value;
    return name;
  }

  filters(startsInline) {
    const filters = [];
    let inline = startsInline;
    while (inline || this.is("|")) {
      if (!inline) this.expect("|");
      inline = false;
      filters.push({ name: this.dottedName(), args: this.is("(") ? this.args() : null });
    }
    return filters;
  }

  test(value) {
    this.expect("name", "is");
    const node = this.node("Test", { value, negated: this.skip("name", "not") });
    node.name = this.dottedName();
    node.args = { positional: [], named: [], spread: null, spreadNamed: null };
    if (this.is("(")) {
      node.args = this.args();
    } else if (["name", "string", "int", "float", "(", "[", "{"].includes(this.token.type)
      && !this.isName("else", "or", "and")) {
      if (this.isName("is")) this.refuse("You cannot chain multiple tests with is");
      node.args.positional.push(this.postfix(this.primary()));
    }
    return node;
  }
}

Parser.statements = {
  for: Parser.prototype.forStatement,
  if: Parser.prototype.ifStatement,
  set: Parser.prototype.setStatement,
  with: Parser.prototype.withStatement,
  macro: Parser.prototype.macroStatement,
  call: Parser.prototype.callStatement,
  break() { return this.jump("Break"); },
  continue() { return this.jump("Continue"); },
  filter() { return this.node("FilterBlock", { filters: this.filters(true), body: this.block("endfilter").body }); },
  generation() { return this.node("Scoped", { body: this.block("endgeneration").body }); },
  autoescape() {
    const value = this.expression();
    return this.node("Autoescape", { value, body: this.block("endautoescape").body });
  },
  block() {
    const name = this.expect("name").value;
    const scoped = this.skip("name", "scoped");
    this.skip("name", "required");
    const node = this.node("Block", { name, scoped, body: this.block("endblock").body });
    this.skip("name", name);
    return node;
  },
  print() { return this.node("Print", { value: this.tuple({}) }); },
  include() { return this.node("Loads", { value: this.skipped() }); },
  import() { return this.node("Loads", { value: this.skipped() }); },
  from() { return this.node("Loads", { value: this.skipped() }); },
  extends() { return this.node("Loads", { value: this.skipped() }); },
};
Parser.prototype.skipped = function () { // of a tag that would read another template
  while (!this.is("%}") && !this.is("end")) ++this.at;
  return null;
};
