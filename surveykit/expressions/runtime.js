/* Kleene's logic for expressions that surveykit translates to JavaScript. null is unknown everywhere.
   An answer is a number, a text, a truth value, an ISO date or null; dates are days since 1970-01-01 inside. */
const surveykit = (() => {
  "use strict";
  const trimmed = (text) => String(text).replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, "");
  const blank = (raw) => raw === null || raw === undefined || (typeof raw === "string" && trimmed(raw) === "");
  const isNumber = (text) => /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text);
  const known = (values) => values.every((value) => value !== null);
  const lifted = (what) => (...values) => (known(values) ? what(...values) : null);
  const numeric = (raw) => (typeof raw === "number" ? raw : isNumber(trimmed(raw)) ? Number(trimmed(raw)) : null);
  const day = (iso) => Math.round(Date.parse(String(iso).slice(0, 10) + "T00:00:00Z") / 86400000);
  const civil = (days) => {
    const date = new Date(days * 86400000);
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  };
  const age = (birth, at) => {
    if (birth > at) return null;
    const [year, month, dayOfMonth] = civil(birth);
    const [yearAt, monthAt, dayAt] = civil(at);
    return yearAt - year - (monthAt * 100 + dayAt < month * 100 + dayOfMonth ? 1 : 0);
  };
  const rounded = (value, places = 0) => {
    const size = Math.floor(Math.abs(value) * 10 ** places + 0.5 + 1e-9) / 10 ** places;
    return value < 0 ? 0 - size : size;
  };
  const sum = (...values) => values.reduce((total, value) => total + value);
  const all = (truths) => (truths.includes(false) ? false : truths.includes(null) ? null : true);
  const any = (truths) => (truths.includes(true) ? true : truths.includes(null) ? null : false);
  const folds = {
    sum: (values) => (values.length ? lifted(sum)(...values) : 0),
    mean: (values) => (values.length && known(values) ? sum(...values) / values.length : null),
    min: (values) => (values.length ? lifted(Math.min)(...values) : null),
    max: (values) => (values.length ? lifted(Math.max)(...values) : null),
  };
  return {
    number: (raw, missing) => (blank(raw) || missing.includes(trimmed(raw)) ? null : numeric(raw)),
    text: (raw, missing) => (blank(raw) || missing.includes(trimmed(raw)) ? null : trimmed(raw)),
    date: (raw, missing) => (blank(raw) || missing.includes(trimmed(raw)) ? null : day(raw)),
    boolean: (raw) => (blank(raw) ? null : raw === true || raw === "true"),
    is: (raw, codes) => !blank(raw) && codes.includes(trimmed(raw)),
    all: (...truths) => all(truths),
    any: (...truths) => any(truths),
    not: lifted((truth) => !truth),
    equal: lifted((left, right) => left === right),
    unequal: lifted((left, right) => left !== right),
    less: lifted((left, right) => left < right),
    lessOrEqual: lifted((left, right) => left <= right),
    more: lifted((left, right) => left > right),
    moreOrEqual: lifted((left, right) => left >= right),
    add: lifted((left, right) => left + right),
    subtract: lifted((left, right) => left - right),
    multiply: lifted((left, right) => left * right),
    divide: lifted((left, right) => (right === 0 ? null : left / right)),
    choose: (truth, first, second) => (truth === null ? null : truth ? first : second),
    coalesce: (...values) => values.find((value) => value !== null) ?? null,
    selected: lifted((chosen, code) => String(chosen).split(" ").includes(code)),
    count_selected: lifted((chosen) => chosen.split(" ").length),
    min: lifted(Math.min),
    max: lifted(Math.max),
    sum: lifted(sum),
    mean: lifted((...values) => sum(...values) / values.length),
    round: lifted(rounded),
    int: lifted(Math.trunc),
    abs: lifted(Math.abs),
    parsed: lifted((text) => (isNumber(text) ? Number(text) : null)),
    length: lifted((text) => [...text].length),
    matches: lifted((text, pattern) => new RegExp("^(?:" + pattern + ")$", "u").test(text)),
    concat: lifted((...parts) => parts.map(String).join("")),
    label: lifted((code, labels) => labels[String(code)] ?? null),
    age: lifted(age),
    days_between: lifted((first, last) => last - first),
    year: lifted((days) => civil(days)[0]),
    month: lifted((days) => civil(days)[1]),
    day: lifted((days) => civil(days)[2]),
    anyRow: (rows, condition) => any(rows.map(condition)),
    allRows: (rows, condition) => all(rows.map(condition)),
    count: (rows, condition) => rows.filter((row) => condition(row) === true).length,
    fold: (name, rows, condition, value) => folds[name](rows.filter((row) => condition(row) === true).map(value)),
  };
})();
if (typeof module !== "undefined") module.exports = surveykit;
