// What @huggingface/jinja needs of a browser, and the two functions that chat_template.cpp calls.
// `jinja` is the package's exports; there is no clock here: renderTemplate is told the time.

var renderClock = null; // {year, month (0-11), day, hours, minutes}, local time

var Date = class {
  getFullYear() { return renderClock.year; }
  getMonth() { return renderClock.month; }
  getDate() { return renderClock.day; }
  getHours() { return renderClock.hours; }
  getMinutes() { return renderClock.minutes; }
};

var Intl = {
  DateTimeFormat: class {
    constructor(locales, options) { this.style = options.month; }
    format(date) {
      const name = ["January", "February", "March", "April", "May", "June", "July", "August",
        "September", "October", "November", "December"][date.getMonth()];
      return this.style === "short" ? name.slice(0, 3) : name;
    }
  },
};

// The package's strip, lstrip and rstrip ignore their argument: Qwen's lstrip('\n') would take spaces too.
(function () {
  const text = new jinja.Interpreter(new jinja.Environment()).run(jinja.parse(jinja.tokenize("text")));
  const StringValue = text.constructor;
  const FunctionValue = text.builtins.get("strip").constructor;
  const whitespace = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    + "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"; // what Python strips
  const strip = (value, left, right) => new FunctionValue((args) => {
    const set = args.length > 0 && args[0] instanceof StringValue ? args[0].value : whitespace;
    let begin = 0;
    let end = value.length;
    while (left && begin < end && set.includes(value[begin])) ++begin;
    while (right && end > begin && set.includes(value[end - 1])) --end;
    return new StringValue(value.slice(begin, end));
  });
  const builtins = Object.getOwnPropertyDescriptor(StringValue.prototype, "builtins").get;
  Object.defineProperty(StringValue.prototype, "builtins", {
    get() {
      const fresh = !this._builtins;
      const methods = builtins.call(this);
      if (fresh) {
        methods.set("strip", strip(this.value, true, true));
        methods.set("lstrip", strip(this.value, true, false));
        methods.set("rstrip", strip(this.value, false, true));
      }
      return methods;
    },
  });
})();

function checkTemplate(source) {
  new jinja.Template(source);
  return "";
}

function renderTemplate(source, clock, variables) {
  renderClock = JSON.parse(clock);
  return new jinja.Template(source).render(JSON.parse(variables));
}
