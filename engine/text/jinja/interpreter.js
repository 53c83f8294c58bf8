// Walks the tree of a template and writes its text.

class Scope {
  constructor(parent) {
    this.parent = parent;
    this.values = new Map();
  }
  find(name) {
    for (let scope = this; scope !== null; scope = scope.parent) {
      const value = scope.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/// The `loop` of a for: it reads its items one by one, since a test of the for may depend on what the body did.
class Loop {
  constructor(items, accepts, depth, again) {
    this.source = items;
    this.accepts = accepts;
    this.next = 0;
    this.ahead = []; // accepted items that were looked at before their turn
    this.index0 = -1;
    this.depth0 = depth;
    this.again = again;
    this.previous = kMissing;
    this.current = kMissing;
    this.last = kMissing; // what changed() was last asked about
  }
  look(count) { // reads until `count` items are ahead, or there are no more
    while (this.ahead.length < count && this.next < this.source.length) {
      const item = this.source[this.next++];
      if (this.accepts === null || this.accepts(item)) this.ahead.push(item);
    }
    return this.ahead.length >= count;
  }
  advance() {
    if (!this.look(1)) return false;
    this.previous = this.current;
    this.current = this.ahead.shift();
    ++this.index0;
    return true;
  }
  get length() {
    this.look(Infinity);
    return this.index0 + 1 + this.ahead.length;
  }
  attribute(name) {
    switch (name) {
      case "index": return this.index0 + 1;
      case "index0": return this.index0;
      case "revindex": return this.length - this.index0;
      case "revindex0": return this.length - this.index0 - 1;
      case "first": return this.index0 === 0;
      case "last": return !this.look(1);
      case "length": return this.length;
      case "depth": return this.depth0 + 1;
      case "depth0": return this.depth0;
      case "previtem": return this.previous === kMissing ? new Undefined("there is no previous item") : this.previous;
      case "nextitem": return this.look(1) ? this.ahead[0] : new Undefined("there is no next item");
      case "cycle": return new Callable("cycle", (args) => args.length > 0 ? args[this.index0 % args.length]
        : fail("no items for cycling given"));
      case "changed": return new Callable("changed", (args) => {
        const differs = this.last === kMissing || !equals(this.last, tupleOf(args));
        this.last = tupleOf(args);
        return differs;
      });
      default: return undefined;
    }
  }
  describe() { return `<LoopContext ${this.index0 + 1}/${this.length}>`; }
}

class Macro extends Callable {
  constructor(interpreter, name, parameters, body, scope) {
    super(name, (args, keywords) => interpreter.callMacro(this, args, keywords));
    this.typeName = "Macro";
    this.shown = `<Macro ${name === null ? "anonymous" : quoted(name)}>`;
    Object.assign(this, { parameters, body, scope });
    this.uses = namesIn([parameters, body]);
  }
  attribute(name) {
    switch (name) {
      case "name": return this.name;
      case "arguments": return tupleOf(this.parameters.map((parameter) => parameter.name));
      case "catch_kwargs": return this.uses.has("kwargs");
      case "catch_varargs": return this.uses.has("varargs");
      case "caller": return this.uses.has("caller");
      default: return undefined;
    }
  }
}

/// Of kwargs, varargs and caller, those that a macro reads.
function namesIn(nodes) {
  const found = new Set();
  const stack = [nodes];
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === null || typeof node !== "object") continue;
    if (node.type === "Name" && ["kwargs", "varargs", "caller"].includes(node.name)) found.add(node.name);
    for (const key of Object.keys(node)) stack.push(node[key]);
  }
  return found;
}

function unpacked(target, value) {
  const items = Array.from(itemsOf(value));
  if (items.length < target.items.length)
    fail(`not enough values to unpack (expected ${target.items.length}, got ${items.length})`);
  if (items.length > target.items.length) fail(`too many values to unpack (expected ${target.items.length})`);
  return items;
}

class Interpreter {
  constructor(globals) {
    this.root = new Scope(globals);
    this.autoescape = false;
  }

  run(body) {
    const out = [];
    this.body(body, this.root, out);
    return out.join("");
  }

  /// Runs statements; "break", "continue", or undefined where nothing jumped.
  body(nodes, scope, out) {
    for (const node of nodes) {
      const jump = this.statement(node, scope, out);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  /// The text of statements, as a macro, a set block or a filter block takes it.
  text(nodes, scope) {
    const out = [];
    this.body(nodes, scope, out);
    return this.autoescape ? new Markup(out.join("")) : out.join("");
  }

  statement(node, scope, out) {
    switch (node.type) {
      case "Text":
        out.push(node.value);
        return undefined;
      case "Print": {
        const value = this.value(node.value, scope);
        out.push(this.autoescape ? escaped(value).value : textOf(value));
        return undefined;
      }
      case "If":
        for (const branch of node.branches)
          if (truth(this.value(branch.test, scope))) return this.body(branch.body, scope, out);
        return this.body(node.otherwise, scope, out);
      case "For":
        return this.loop(node, this.value(node.items, scope), scope, out, 0);
      case "Break": return "break";
      case "Continue": return "continue";
      case "Set":
        this.assign(node.target, this.value(node.value, scope), scope);
        return undefined;
      case "SetBlock":
        this.assign(node.target, this.filter(this.text(node.body, new Scope(scope)), node.filters, scope), scope);
        return undefined;
      case "With": {
        const inner = new Scope(scope);
        const values = node.values.map((value) => this.value(value, scope));
        node.targets.forEach((target, i) => this.assign(target, values[i], inner));
        return this.body(node.body, inner, out);
      }
      case "Scoped": return this.body(node.body, new Scope(scope), out);
      case "Block": return this.body(node.body, new Scope(node.scoped ? scope : this.root), out);
      case "Macro":
        scope.values.set(node.name, new Macro(this, node.name, node.parameters, node.body, scope));
        return undefined;
      case "CallBlock": {
        const caller = new Macro(this, null, node.parameters, node.body, scope);
        out.push(textOf(this.call(node.call, scope, caller)));
        return undefined;
      }
      case "FilterBlock":
        out.push(textOf(this.filter(this.text(node.body, new Scope(scope)), node.filters, scope)));
        return undefined;
      case "Autoescape": {
        const before = this.autoescape;
        this.autoescape = truth(this.value(node.value, scope));
        const jump = this.body(node.body, new Scope(scope), out);
        this.autoescape = before;
        return jump;
      }
      default:
        return fail("it wants to read another template, and there is none here");
    }
  }

  assign(target, value, scope) {
    if (target.type === "Name") {
      scope.values.set(target.name, value);
    } else if (target.type === "Tuple") {
      const items = unpacked(target, value);
      target.items.forEach((part, i) => this.assign(part, items[i], scope));
    } else {
      const namespace = this.value(target.of, scope);
      if (!(namespace instanceof Namespace)) fail("cannot assign attribute on non-namespace object");
      namespace.dict.set(target.name, value);
    }
  }

  loop(node, value, scope, out, depth) {
    const accepts = node.test === null ? null : (item) => {
      const inner = new Scope(scope);
      inner.values.set("loop", undefinedName("loop"));
      this.assign(node.target, item, inner);
      return truth(this.value(node.test, inner));
    };
    const loop = new Loop(Array.from(itemsOf(value)), accepts, depth, (items) => {
      const text = [];
      this.loop(node, items, scope, text, depth + 1);
      return text.join("");
    });
    let ranThrough = false;
    while (loop.advance()) {
      const inner = new Scope(scope);
      inner.values.set("loop", loop);
      this.assign(node.target, loop.current, inner);
      const jump = this.body(node.body, inner, out);
      if (jump === "break") break;
      // As in Jinja: a turn that was left early does not count, and the else is written.
      if (jump === undefined) ranThrough = true;
    }
    if (node.otherwise !== null && !ranThrough) return this.body(node.otherwise, new Scope(scope), out);
    return undefined;
  }

  callMacro(macro, args, keywords) {
    const scope = new Scope(macro.scope);
    const rest = new Map(keywords);
    const name = macro.name === null ? "None" : quoted(macro.name);
    macro.parameters.forEach(({ name: parameter, value }, i) => {
      if (i < args.length) {
        if (rest.has(parameter)) fail(`macro ${name} got multiple values for argument '${parameter}'`);
        scope.values.set(parameter, args[i]);
      } else if (rest.has(parameter)) {
        scope.values.set(parameter, rest.get(parameter));
        rest.delete(parameter);
      } else {
        scope.values.set(parameter, value === null ? new Undefined(`parameter '${parameter}' was not provided`)
          : this.value(value, scope));
      }
    });
    if (macro.uses.has("caller") && !scope.values.has("caller")) {
      scope.values.set("caller", rest.has("caller") ? rest.get("caller") : new Undefined("No caller defined"));
      rest.delete("caller");
    }
    if (macro.uses.has("kwargs")) {
      const dict = new Dict();
      for (const [key, value] of rest) dict.set(key, value);
      scope.values.set("kwargs", dict);
    } else if (rest.size > 0) {
      fail(`macro ${name} takes no keyword argument '${Array.from(rest.keys())[0]}'`);
    }
    if (macro.uses.has("varargs")) scope.values.set("varargs", tupleOf(args.slice(macro.parameters.length)));
    else if (args.length > macro.parameters.length)
      fail(`macro ${name} takes not more than ${macro.parameters.length} argument(s)`);
    return this.text(macro.body, scope);
  }

  arguments(args, scope) {
    const positional = args.positional.map((arg) => this.value(arg, scope));
    if (args.spread !== null) positional.push(...itemsOf(this.value(args.spread, scope)));
    const keywords = new Map(args.named.map(({ name, value }) => [name, this.value(value, scope)]));
    if (args.spreadNamed !== null) {
      const dict = this.value(args.spreadNamed, scope);
      if (!(dict instanceof Dict)) fail(`argument after ** must be a mapping, not ${typeName(dict)}`);
      for (const [key, value] of dict.entries()) keywords.set(asText("**", key), value);
    }
    return [positional, keywords];
  }

  call(node, scope, caller) {
    const callee = this.value(node.of, scope);
    const [positional, keywords] = this.arguments(node.args, scope);
    if (caller !== undefined) keywords.set("caller", caller);
    if (callee instanceof Undefined) callee.refuse();
    if (callee instanceof Loop && positional.length === 1) return callee.again(positional[0]);
    if (!(callee instanceof Callable)) fail(`'${typeName(callee)}' object is not callable`);
    return callee.call(positional, keywords);
  }

  filter(value, filters, scope) {
    let made = value;
    for (const { name, args } of filters) {
      const [positional, keywords] = args === null ? [[], new Map()] : this.arguments(args, scope);
      made = applyFilter(name, made, positional, keywords);
    }
    return made;
  }

  slice(of, node, scope) {
    const bound = (part) => part === null ? null : this.value(part, scope);
    const [start, stop, step] = [bound(node.start), bound(node.stop), bound(node.step)];
    if (isText(of) || of instanceof Array || of instanceof Range) return sliced(of, start, stop, step);
    if (of instanceof Undefined) of.refuse();
    return new Undefined(`'${typeName(of)}' object is not subscriptable`);
  }

  value(node, scope) {
    switch (node.type) {
      case "Constant": return node.value;
      case "Name": {
        const value = scope.find(node.name);
        return value === undefined ? undefinedName(node.name) : value;
      }
      case "Member": return member(this.value(node.of, scope), node.name);
      case "Item": {
        const of = this.value(node.of, scope);
        return node.key.type === "Slice" ? this.slice(of, node.key, scope) : subscript(of, this.value(node.key, scope));
      }
      case "Call": return this.call(node, scope);
      case "Filter": return this.filter(this.value(node.value, scope), node.filters, scope);
      case "Test": {
        const value = this.value(node.value, scope);
        const [positional, keywords] = this.arguments(node.args, scope);
        return applyTest(node.name, value, positional, keywords) !== node.negated;
      }
      case "And": {
        const left = this.value(node.left, scope);
        return truth(left) ? this.value(node.right, scope) : left;
      }
      case "Or": {
        const left = this.value(node.left, scope);
        return truth(left) ? left : this.value(node.right, scope);
      }
      case "Not": return !truth(this.value(node.value, scope));
      case "Compare": {
        let left = this.value(node.first, scope);
        for (const { sign, value } of node.rest) {
          const right = this.value(value, scope);
          if (!kComparisons[sign](left, right)) return false;
          left = right;
        }
        return true;
      }
      case "Binary": return binary(node.sign, this.value(node.left, scope), this.value(node.right, scope));
      case "Negative": return negative(this.value(node.value, scope));
      case "Positive": return positive(this.value(node.value, scope));
      case "Concat": {
        const items = node.items.map((item) => this.value(item, scope));
        return this.autoescape && items.some((item) => item instanceof Markup) ? items.reduce(concatenated)
          : items.map(textOf).join("");
      }
      case "Condition":
        if (truth(this.value(node.test, scope))) return this.value(node.value, scope);
        return node.otherwise === null
          ? new Undefined(`the inline if-expression on line ${node.line} evaluated to false and no else section was defined.`)
          : this.value(node.otherwise, scope);
      case "Tuple": return tupleOf(node.items.map((item) => this.value(item, scope)));
      case "List": return node.items.map((item) => this.value(item, scope));
      case "Dict": {
        const dict = new Dict();
        for (const { key, value } of node.entries) dict.set(this.value(key, scope), this.value(value, scope));
        return dict;
      }
      default: return fail(`an expression of the kind ${node.type} cannot stand here`);
    }
  }
}
