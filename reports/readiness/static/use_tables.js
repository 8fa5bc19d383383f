// The tables on use, sizes, money and strategies, and what a resource's page says of them. Comes after report.js.
const { pat, siz, cost, rec } = report;
const USD = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// As cost_words.usd writes it.
function usd(value) {
  if (!value) return value === null ? DASH : "0";
  return (Math.abs(value) < 100 ? USD.format(value) : WHOLE.format(value)).replace("-", "\u2212");
}

function fixed(value, digits) {
  return value === null ? DASH : value.toFixed(digits);
}

function longCell(text, atMost) {
  return cell(text.length > atMost ? `${text.slice(0, atMost - 1).trimEnd()}\u2026` : text, "", text);
}

// A cell that has its head beside it where the table is shown as blocks; *whole*: as a line of its own.
function headed(head, td, whole) {
  td.dataset.head = head;
  if (whole) td.classList.add("whole");
  return td;
}

function ofResource(table) {
  return {
    text: (at) => `${res.name[table.res[at]]}\n${res.uid[table.res[at]]}`,
    type: { options: options(shortTypes, table.res.map((i) => res.type[i])), value: (at) => res.type[table.res[at]] },
    name: { key: "name", sort: (at) => res.name[table.res[at]].toLowerCase() },
    csv: [["uid", (at) => res.uid[table.res[at]]], ["name", (at) => res.name[table.res[at]]]],
  };
}

function wordFilter(table, name) {
  return { options: wordOptions(table, name), value: (at) => table[name][at] };
}

function wordColumns(table, names) {
  return names.map((key) => ({ key, sort: (at) => worded(table, key)(at).toLowerCase() || null }));
}

function numberColumns(table, names) {
  return names.map((key) => ({ key, sort: (at) => table[key][at] }));
}

function csvColumns(table, worded_, plain_) {
  return [...worded_.map((name) => [name, worded(table, name)]), ...plain_.map((name) => [name, (at) => table[name][at]])];
}

const patNumbers = ["confidence", "level_mean_pct", "high_pct", "peak_pct", "duty_cycle", "autocorrelation_day", "trend"];
const patOf = ofResource(pat);
new DataTable({
  id: "patterns",
  noun: "resource",
  rows: pat.res.length,
  render: (at) => {
    const row = element("tr");
    row.append(
      headCell(opener(pat.res[at], 32)), cell(worded(pat, "pattern")(at)), cell(worded(pat, "rule")(at)), cell(share(pat.confidence[at]), "num"),
      ...["level_mean_pct", "high_pct", "peak_pct"].map((name) => cell(fixed(pat[name][at], 1), "num")), cell(share(pat.duty_cycle[at]), "num"),
      cell(fixed(pat.autocorrelation_day[at], 2), "num"), cell(fixed(pat.trend[at], 1), "num"), longCell(worded(pat, "reason")(at), 160),
    );
    return row;
  },
  text: (at) => `${patOf.text(at)}\n${worded(pat, "reason")(at)}`,
  filters: { pattern: wordFilter(pat, "pattern"), rule: wordFilter(pat, "rule"), type: patOf.type },
  columns: [patOf.name, ...wordColumns(pat, ["pattern", "rule", "reason"]), ...numberColumns(pat, patNumbers)],
  csv: [...patOf.csv, ...csvColumns(pat, ["pattern", "rule", "reason"], [...patNumbers, "autocorrelation_week"])],
});

const sizOf = ofResource(siz);
new DataTable({
  id: "sizes",
  noun: "size",
  rows: siz.res.length,
  render: (at) => {
    const row = element("tr");
    row.append(
      headCell(opener(siz.res[at], 32)), cell(worded(siz, "verdict")(at)), cell(worded(siz, "now")(at)), cell(worded(siz, "to")(at) || DASH),
      cell(siz.risk[at] ?? DASH, "num"), cell(worded(siz, "replay")(at)), longCell(worded(siz, "reason")(at), 160),
    );
    return row;
  },
  text: (at) => `${sizOf.text(at)}\n${worded(siz, "now")(at)}\n${worded(siz, "to")(at)}`,
  filters: { verdict: wordFilter(siz, "verdict"), profile: wordFilter(siz, "profile") },
  columns: [sizOf.name, ...wordColumns(siz, ["verdict", "now", "to", "replay", "reason"]), ...numberColumns(siz, ["risk"])],
  csv: [...sizOf.csv, ...csvColumns(siz, ["profile", "verdict", "now", "to", "replay", "reason"], ["risk"])],
});

const costOf = ofResource(cost);
new DataTable({
  id: "costs",
  noun: "resource",
  rows: cost.res.length,
  render: (at) => {
    const row = element("tr");
    const amounts = ["now", "low", "high"].map((name) => cell(usd(cost[name][at]), "num"));
    row.append(
      headCell(opener(cost.res[at], 32)), cell(shortTypes[res.type[cost.res[at]]]), cell(worded(cost, "status")(at)), ...amounts,
      cell(worded(cost, "strategy")(at)), cell(usd(cost.after[at]), "num"), longCell(worded(cost, "reason")(at), 120),
    );
    return row;
  },
  text: (at) => `${costOf.text(at)}\n${worded(cost, "reason")(at)}`,
  filters: { status: wordFilter(cost, "status"), strategy: wordFilter(cost, "strategy"), type: costOf.type },
  columns: [
    costOf.name, { key: "type", sort: (at) => shortTypes[res.type[cost.res[at]]] }, ...wordColumns(cost, ["status", "strategy", "reason"]),
    ...numberColumns(cost, ["now", "low", "high", "after"]),
  ],
  csv: [...costOf.csv, ...csvColumns(cost, ["status", "strategy", "reason"], ["now", "low", "high", "after"])],
});

const recOf = ofResource(rec);
new DataTable({
  id: "strategies",
  noun: "resource",
  rows: rec.res.length,
  render: (at) => {
    const row = element("tr");
    row.append(
      headCell(opener(rec.res[at], 32)), cell(worded(rec, "strategy")(at)), headed("Confidence", cell(share(rec.confidence[at]), "num")),
      headed("Why", longCell(worded(rec, "reason")(at), 200), true), headed("Why not otherwise", longCell(worded(rec, "not")(at), 160), true),
      headed("Decided by", cell(worded(rec, "by")(at) || DASH), true),
    );
    return row;
  },
  text: (at) => `${recOf.text(at)}\n${worded(rec, "reason")(at)}`,
  filters: { strategy: wordFilter(rec, "strategy"), workload: wordFilter(rec, "workload"), type: recOf.type },
  columns: [recOf.name, ...wordColumns(rec, ["strategy", "reason", "not", "by"]), ...numberColumns(rec, ["confidence"])],
  csv: [...recOf.csv, ...csvColumns(rec, ["strategy", "workload", "reason", "not", "by"], ["confidence"])],
});

const [patAt, sizAt, costAt, recAt] = [pat, siz, cost, rec].map((table) => groupBy(table.res));

// What a resource's page says of its use, size, cost and strategy.
function moreFacts(facts, i) {
  for (const at of patAt.get(i) || []) fact(facts, "Pattern", `${worded(pat, "pattern")(at)} (${worded(pat, "rule")(at)}): ${worded(pat, "reason")(at)}`);
  for (const at of sizAt.get(i) || []) {
    const to = worded(siz, "to")(at);
    const now = worded(siz, "now")(at);
    fact(facts, `Size (${worded(siz, "profile")(at)})`, `${now}${to && to !== now ? `, target ${to}` : ""}: ${worded(siz, "verdict")(at)}. ${worded(siz, "replay")(at)}`);
  }
  for (const at of recAt.get(i) || []) {
    fact(facts, "Strategy", `${worded(rec, "strategy")(at)}, confidence ${share(rec.confidence[at])}: ${worded(rec, "reason")(at)}`);
  }
  for (const at of costAt.get(i) || []) {
    const range = cost.low[at] === cost.high[at] ? "" : ` (${usd(cost.low[at])} to ${usd(cost.high[at])})`;
    const after = cost.after[at] === null ? "" : `, afterwards ${usd(cost.after[at])} USD`;
    fact(facts, "Cost a month", cost.now[at] === null ? `not priced: ${worded(cost, "reason")(at)}` : `${usd(cost.now[at])} USD${range}${after}`);
  }
}
