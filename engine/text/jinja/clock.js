// datetime.strftime in the C locale, for strftime_now. There is no clock here: the caller tells the time.

var clock = null; // {year, month (0-11), day, hours, minutes, seconds, weekday (0 is Sunday), yearday (0-365)}, local time

const kDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const kMonths = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

const isLeapYear = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/// The year and the week of ISO 8601: a week belongs to the year that has its Thursday.
function isoWeek(now) {
  const weekday = (now.weekday + 6) % 7; // 0 is Monday
  const week = Math.floor((now.yearday - weekday + 10) / 7);
  if (week < 1) {
    const year = now.year - 1;
    const yearday = now.yearday + (isLeapYear(year) ? 366 : 365);
    return [year, Math.floor((yearday - weekday + 10) / 7)];
  }
  const days = isLeapYear(now.year) ? 366 : 365;
  return week === 53 && now.yearday - weekday + 3 >= days ? [now.year + 1, 1] : [now.year, week];
}

// Of each code, the number and how many places it takes; a second width is filled with spaces.
const kNumbers = {
  d: (now) => [now.day, 2], e: (now) => [now.day, 2, " "],
  m: (now) => [now.month + 1, 2], y: (now) => [now.year % 100, 2], Y: (now) => [now.year, 1],
  C: (now) => [Math.floor(now.year / 100), 2],
  H: (now) => [now.hours, 2], k: (now) => [now.hours, 2, " "],
  I: (now) => [now.hours % 12 || 12, 2], l: (now) => [now.hours % 12 || 12, 2, " "],
  M: (now) => [now.minutes, 2], S: (now) => [now.seconds, 2], j: (now) => [now.yearday + 1, 3],
  w: (now) => [now.weekday, 1], u: (now) => [now.weekday || 7, 1],
  U: (now) => [Math.floor((now.yearday + 7 - now.weekday) / 7), 2],
  W: (now) => [Math.floor((now.yearday + 7 - (now.weekday + 6) % 7) / 7), 2],
  V: (now) => [isoWeek(now)[1], 2], G: (now) => [isoWeek(now)[0], 1], g: (now) => [isoWeek(now)[0] % 100, 2],
};
const kNames = {
  A: (now) => kDays[now.weekday], a: (now) => kDays[now.weekday].slice(0, 3),
  B: (now) => kMonths[now.month], b: (now) => kMonths[now.month].slice(0, 3),
  h: (now) => kMonths[now.month].slice(0, 3), p: (now) => now.hours < 12 ? "AM" : "PM",
  P: (now) => now.hours < 12 ? "am" : "pm",
  f: () => "000000", z: () => "", Z: () => "", "%": () => "%", n: () => "\n", t: () => "\t",
};
const kTogether = {
  c: "%a %b %e %H:%M:%S %Y", x: "%m/%d/%y", X: "%H:%M:%S", D: "%m/%d/%y", F: "%Y-%m-%d", T: "%H:%M:%S", R: "%H:%M",
  r: "%I:%M:%S %p",
};

function strftime(format) {
  return format.replace(/%([-_0^#]*)(\d*)[EO]?([a-zA-Z%])/g, (whole, flags, width, code) => {
    let text;
    if (code in kNumbers) {
      const [number, places, fill] = kNumbers[code](clock);
      const filler = flags.includes("_") ? " " : flags.includes("0") ? "0" : fill || "0";
      text = flags.includes("-") ? String(number) : String(number).padStart(Number(width) || places, filler);
    } else if (code in kNames) {
      text = kNames[code](clock);
    } else if (code in kTogether) {
      text = strftime(kTogether[code]);
    } else {
      return whole;
    }
    if (flags.includes("^")) return text.toUpperCase();
    return flags.includes("#") ? (code === "p" || code === "Z" ? text.toLowerCase() : text.toUpperCase()) : text;
  });
}
