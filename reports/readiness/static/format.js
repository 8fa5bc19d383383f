"use strict";
// Numbers and dates as reports/readiness/words.py writes them; the first rows of every table come from there.
const NARROW_SPACE = "\u202f";
const DASH = "\u2013";
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const UNIT_SIGNS = { percent: "%", count_per_second: "1/s", milliseconds: "ms", seconds: "s", count: "" };
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0, roundingMode: "halfEven" });

function number(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return WHOLE.format(value);
  }
  if (Math.abs(value) < 1e-4) {
    return value.toExponential(1).replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(Number(value.toPrecision(3)));
}

function size(bytes) {
  let power = 0;
  while (bytes >= 1024 && power < BYTE_UNITS.length - 1) {
    bytes /= 1024;
    power += 1;
  }
  return `${number(bytes)} ${BYTE_UNITS[power]}`;
}

function quantity(value, unit) {
  if (value === null) return DASH;
  if (unit === "bytes") return size(value);
  if (unit === "bytes_per_second") return `${size(value)}/s`;
  const sign = unit in UNIT_SIGNS ? UNIT_SIGNS[unit] : unit;
  return sign ? `${number(value)}${NARROW_SPACE}${sign}` : number(value);
}

function share(part) {
  if (part === null) return DASH;
  if (part > 0 && part < 0.01) return `< 1${NARROW_SPACE}%`;
  if (part > 0.99 && part < 1) return `> 99${NARROW_SPACE}%`;
  return `${WHOLE.format(part * 100)}${NARROW_SPACE}%`;
}

function hourOfWeek(hour) {
  return hour === null ? DASH : `${DAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, "0")}:00`;
}

function count(amount, one) {
  return `${amount === 0 ? "no" : number(amount)} ${one}${amount === 1 ? "" : "s"}`;
}

function shortType(canonical) {
  return canonical.startsWith("AWS::") ? canonical.slice(5).replaceAll("::", " ") : canonical;
}

// What tells an ARN from others of its account and region: its resource part.
function localId(uid) {
  const parts = uid.split(":");
  return uid.startsWith("arn:") && parts.length > 5 ? parts.slice(5).join(":") || uid : uid;
}

// The middle goes, because both ends of an id tell it from its neighbours.
function middle(text, atMost) {
  const letters = Array.from(text);
  if (letters.length <= atMost) return text;
  const head = Math.floor(atMost / 2);
  const tail = atMost - 1 - head;
  return `${letters.slice(0, head).join("")}\u2026${letters.slice(letters.length - tail).join("")}`;
}
