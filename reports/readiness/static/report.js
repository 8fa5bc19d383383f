// Fills the report's tables from its data, opens a resource's page, and marks the section being read.
const report = unpack(JSON.parse(document.getElementById("report-data").textContent));
const { res, use, week, rel } = report;
const byUid = new Map(res.uid.map((uid, i) => [uid, i]));
const weekOf = new Map(week.res.map((i, at) => [i, at]));
const usesOf = groupBy(use.res);
const outOf = groupBy(rel.from);
const intoOf = groupBy(rel.to);
const LISTED = 100;
const LEVEL_ORDER = ["low", "medium", "high", "critical"];

function groupBy(keys) {
  const found = new Map();
  keys.forEach((key, at) => {
    if (typeof key !== "number") return;
    if (found.has(key)) found.get(key).push(at);
    else found.set(key, [at]);
  });
  return found;
}

function bdi(text) {
  return element("bdi", "", text);
}

function opener(i, atMost = 40) {
  const button = element("button", "open");
  button.type = "button";
  button.title = res.uid[i];
  button.append(bdi(middle(res.name[i], atMost)));
  button.addEventListener("click", () => openResource(i));
  return button;
}

function cell(text, className, title) {
  const td = element("td", className, text);
  if (title) td.title = title;
  return td;
}

function headCell(child) {
  const th = element("th");
  th.scope = "row";
  th.append(child);
  return th;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The same drawing as charts.week in Python: 7 rows (Monday first) of 24 hours.
function weekStrip(levels, scale = 1) {
  const [width, height] = [5, 3];
  const paths = ["", "", "", "", ""];
  Array.from(levels).forEach((level, hour) => {
    if (level !== ".") paths[level] += `M${(hour % 24) * width} ${Math.floor(hour / 24) * height}h${width - 1}v${height - 0.5}h-${width - 1}z`;
  });
  const [w, h] = [24 * width - 1, 7 * height - 1];
  const made = svg("svg", { class: "week", width: w * scale, height: h * scale, viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" });
  paths.forEach((d, level) => { if (d) made.append(svg("path", { class: `heat-${level}`, d })); });
  return made;
}

function stored(i) {
  return res.bytes[i] ? size(res.bytes[i]) : res.stateful[i] ? "yes" : DASH;
}

function inventoryRow(i) {
  const [full, short] = report.types[res.type[i]];
  const row = element("tr");
  const id = cell("", "uid", res.uid[i]);
  id.append(bdi(middle(localId(res.uid[i]), 28)));
  row.append(
    headCell(opener(i)), cell(short, "", full), cell(report.accounts[res.account[i]], "id"), cell(report.regions[res.region[i]]),
    cell(report.states[res.state[i]]), cell(res.wave[i] || DASH, "num", res.reason[i] >= 0 ? report.reasons[res.reason[i]] : ""), cell(stored(i), "num"), id,
  );
  return row;
}

function usageRow(at) {
  const [metric, , unit] = report.metrics[use.metric[at]];
  const i = use.res[at];
  const row = element("tr");
  const values = ["mean", "p50", "p95", "p99", "p995", "max"].map((key) => cell(quantity(use[key][at], unit), "num"));
  const strip = cell("", "strip");
  const found = weekOf.get(i);
  if (found !== undefined && week.metric[found] === metric) strip.append(weekStrip(week.levels[found]));
  row.append(
    headCell(opener(i, 32)), cell(metric), strip, ...values, cell(share(use.idle_share[at]), "num"), cell(share(use.coverage_share[at]), "num"),
    cell(hourOfWeek(use.peak[at])),
  );
  return row;
}

function options(words, used) {
  const present = new Set(used);
  return words.map((word, value) => [value, word]).filter(([value]) => present.has(value)).sort((a, b) => comparable(a[1], b[1]));
}

function waveOptions() {
  const waves = [...new Set(res.wave)].filter(Boolean).sort((a, b) => a - b);
  return [...waves.map((wave) => [wave, `Wave ${wave}`]), ...(res.wave.includes(0) ? [[0, "No wave"]] : [])];
}

const shortTypes = report.types.map(([, short]) => short);
const inventory = new DataTable({
  id: "inventory",
  noun: "resource",
  rows: res.uid.length,
  render: inventoryRow,
  text: (i) => `${res.name[i]}\n${res.uid[i]}\n${res.tags[i]}\n${report.types[res.type[i]].join("\n")}\n${res.group[i] >= 0 ? report.groups[res.group[i]] : ""}`,
  filters: {
    type: { options: options(shortTypes, res.type), value: (i) => res.type[i] },
    account: { options: options(report.accounts, res.account), value: (i) => res.account[i] },
    region: { options: options(report.regions, res.region), value: (i) => res.region[i] },
    wave: { options: waveOptions(), value: (i) => res.wave[i] },
  },
  columns: [
    { key: "name", sort: (i) => res.name[i].toLowerCase() },
    { key: "type", sort: (i) => shortTypes[res.type[i]] },
    { key: "account", sort: (i) => report.accounts[res.account[i]] },
    { key: "region", sort: (i) => report.regions[res.region[i]] },
    { key: "state", sort: (i) => report.states[res.state[i]] },
    { key: "wave", sort: (i) => res.wave[i] || null },
    { key: "bytes", sort: (i) => res.bytes[i] },
    { key: "uid", sort: (i) => res.uid[i] },
  ],
  csv: [
    ["uid", (i) => res.uid[i]], ["name", (i) => res.name[i]], ["type", (i) => report.types[res.type[i]][0]],
    ["account_id", (i) => report.accounts[res.account[i]]], ["region", (i) => report.regions[res.region[i]]],
    ["state", (i) => report.states[res.state[i]]], ["stateful", (i) => res.stateful[i] === 1], ["storage_bytes", (i) => res.bytes[i]],
    ["wave", (i) => res.wave[i] || null], ["move_group", (i) => (res.group[i] >= 0 ? report.groups[res.group[i]] : null)], ["tags", (i) => res.tags[i]],
  ],
});

const metricNames = report.metrics.map(([name]) => name);
const distinctMetrics = [...new Set(metricNames)].sort();
new DataTable({
  id: "usage",
  noun: "measurement",
  rows: use.res.length,
  render: usageRow,
  text: (at) => `${res.name[use.res[at]]}\n${res.uid[use.res[at]]}`,
  filters: {
    metric: { options: distinctMetrics.map((name, value) => [value, name]), value: (at) => distinctMetrics.indexOf(metricNames[use.metric[at]]) },
    type: { options: options(shortTypes, use.res.map((i) => res.type[i])), value: (at) => res.type[use.res[at]] },
    account: { options: options(report.accounts, use.res.map((i) => res.account[i])), value: (at) => res.account[use.res[at]] },
    region: { options: options(report.regions, use.res.map((i) => res.region[i])), value: (at) => res.region[use.res[at]] },
  },
  columns: [
    { key: "name", sort: (at) => res.name[use.res[at]].toLowerCase() },
    { key: "metric", sort: (at) => metricNames[use.metric[at]] },
    ...["mean", "p50", "p95", "p99", "p995", "max"].map((key) => ({ key, sort: (at) => use[key][at] })),
    { key: "idle", sort: (at) => use.idle_share[at] },
    { key: "cover", sort: (at) => use.coverage_share[at] },
    { key: "peak", sort: (at) => use.peak[at] },
  ],
  csv: [
    ["uid", (at) => res.uid[use.res[at]]], ["name", (at) => res.name[use.res[at]]], ["metric", (at) => metricNames[use.metric[at]]],
    ["stat", (at) => report.metrics[use.metric[at]][1]], ["unit", (at) => report.metrics[use.metric[at]][2]], ["samples", (at) => use.samples[at]],
    ...["coverage_share", "mean", "p50", "p95", "p99", "p995", "max", "idle_share"].map((key) => [key, (at) => use[key][at]]),
    ["peak_hour_of_week", (at) => use.peak[at]], ["peak_hour_mean", (at) => use.peak_hour_mean[at]],
  ],
});

const { cov } = report;
const covWord = (name) => (at) => cov.words[cov[name][at]];

function coverageRow(at) {
  const word = (name) => covWord(name)(at);
  const row = element("tr");
  const type = headCell(document.createTextNode(shortType(word("type"))));
  type.title = word("type");
  const status = cell("");
  status.append(element("span", `status s-${word("status").replaceAll("_", "-")}`, word("status").replaceAll("_", " ")));
  const action = cell("");
  action.append(word("missing_action") ? element("code", "", word("missing_action")) : DASH);
  row.append(
    type, cell(word("account_id"), "id"), cell(word("region")), status, cell(cov.resources[at] ? number(cov.resources[at]) : DASH, "num"),
    cell(middle(word("error_code"), 40) || DASH, "", word("detail")), action,
  );
  return row;
}

new DataTable({
  id: "coverage",
  noun: "look-up",
  rows: cov.resources.length,
  render: coverageRow,
  text: (at) => ["type", "error_code", "missing_action", "detail"].map((name) => covWord(name)(at)).join("\n"),
  filters: Object.fromEntries(
    [["status", "status"], ["service", "service"], ["account", "account_id"], ["region", "region"]].map(([key, name]) => [
      key, { options: options(cov.words, cov[name]).map(([value, word]) => [value, word.replaceAll("_", " ")]), value: (at) => cov[name][at] },
    ]),
  ),
  columns: [
    ...[["type", "type"], ["account", "account_id"], ["region", "region"], ["status", "status"], ["error", "error_code"], ["action", "missing_action"]].map(
      ([key, name]) => ({ key, sort: (at) => covWord(name)(at) || null }),
    ),
    { key: "resources", sort: (at) => cov.resources[at] },
  ],
  csv: [
    ...["account_id", "region", "service", "type", "status"].map((name) => [name, covWord(name)]),
    ["resources", (at) => cov.resources[at]],
    ...["error_code", "missing_action", "detail"].map((name) => [name, covWord(name)]),
  ],
});

// Columns whose values count into the table's own words.
function worded(table, name) {
  return (at) => table.words[table[name][at]];
}

function wordOptions(table, name) {
  return options(table.words, table[name]).map(([value, word]) => [value, word.replaceAll("_", " ") || "none"]);
}

const { work, need, risk } = report;

function workloadRow(at) {
  const row = element("tr");
  const reason = cell(middle(work.reason[at], 160), "", work.reason[at]);
  row.append(
    headCell(bdi(middle(work.workload[at], 40))), cell(number(work.resources[at]), "num"), cell(work.waves[at] || DASH), cell(worded(work, "risk")(at) || DASH),
    cell(share(work.confidence[at]), "num"), cell(worded(work, "source")(at)), reason,
  );
  return row;
}

new DataTable({
  id: "workloads",
  noun: "workload",
  rows: work.workload.length,
  render: workloadRow,
  text: (at) => `${work.workload[at]}\n${work.reason[at]}`,
  filters: {
    risk: { options: wordOptions(work, "risk"), value: (at) => work.risk[at] },
    source: { options: wordOptions(work, "source"), value: (at) => work.source[at] },
  },
  columns: [
    { key: "workload", sort: (at) => work.workload[at].toLowerCase() },
    { key: "resources", sort: (at) => work.resources[at] },
    { key: "waves", sort: (at) => (work.waves[at] ? parseInt(work.waves[at], 10) : null) },
    { key: "risk", sort: (at) => LEVEL_ORDER.indexOf(worded(work, "risk")(at)) },
    { key: "confidence", sort: (at) => work.confidence[at] },
    { key: "source", sort: worded(work, "source") },
    { key: "reason", sort: (at) => work.reason[at] },
  ],
  csv: [
    ["workload", (at) => work.workload[at]], ["resources", (at) => work.resources[at]], ["waves", (at) => work.waves[at]], ["risk", worded(work, "risk")],
    ["confidence", (at) => work.confidence[at]], ["source", worded(work, "source")], ["reason", (at) => work.reason[at]],
  ],
});

function neededRow(at) {
  const row = element("tr");
  const group = headCell(bdi(middle(worded(need, "label")(at), 40)));
  group.title = worded(need, "group")(at);
  row.append(
    group, cell(worded(need, "direction")(at)), cell(worded(need, "port")(at)), cell(middle(worded(need, "peerLabel")(at), 48), "", worded(need, "peer")(at)),
    cell(number(need.edges[at]), "num"), cell(size(need.bytes[at]), "num"), cell(share(need.confidence[at]), "num"), cell(worded(need, "last")(at) || DASH),
  );
  return row;
}

new DataTable({
  id: "needed",
  noun: "rule",
  rows: need.group.length,
  render: neededRow,
  text: (at) => ["label", "group", "port", "peer", "peerLabel"].map((name) => worded(need, name)(at)).join("\n"),
  filters: {
    direction: { options: wordOptions(need, "direction"), value: (at) => need.direction[at] },
    kind: { options: wordOptions(need, "kind"), value: (at) => need.kind[at] },
  },
  columns: [
    { key: "group", sort: worded(need, "label") },
    { key: "direction", sort: worded(need, "direction") },
    { key: "port", sort: worded(need, "port") },
    { key: "peer", sort: worded(need, "peerLabel") },
    { key: "edges", sort: (at) => need.edges[at] },
    { key: "bytes", sort: (at) => need.bytes[at] },
    { key: "confidence", sort: (at) => need.confidence[at] },
    { key: "last", sort: worded(need, "last") },
  ],
  csv: [
    ...["group", "direction", "port", "peer", "kind"].map((name) => [name, worded(need, name)]),
    ...["edges", "bytes", "confidence"].map((name) => [name, (at) => need[name][at]]),
    ["last_seen", worded(need, "last")],
  ],
});

const riskOf = new Map(risk.res.map((i, at) => [i, at]));

function pointsText(known, upper) {
  return upper > known ? `${number(known)} to ${number(upper)}` : number(known);
}

// As dependency_words.factor_number writes it.
function factorNumber(value, unit) {
  if (value === null) return "not measured";
  if (unit === "yes or no") return value ? "yes" : "no";
  return ["bytes", "percent"].includes(unit) ? quantity(value, unit) : number(Math.round(value * 100) / 100);
}

function factorTable(at) {
  const found = Object.entries(risk.factors).filter(([, column]) => column.points[at] !== null);
  found.sort(([a, x], [b, y]) => (y.upper[at] ?? y.points[at]) - (x.upper[at] ?? x.points[at]) || comparable(a, b));
  const rows = found.map(([name, column]) => {
    const row = element("tr");
    const value = factorNumber(column.number[at], column.unit);
    row.append(headCell(bdi(name.replaceAll("_", " "))), cell(value, "num"), cell(number(column.points[at]), "num"), cell(number(column.upper[at] ?? column.points[at]), "num"));
    return row;
  });
  return smallTable(["Factor", "Number", "Points", "Up to"], rows);
}

function smallTable(names, rows) {
  const table = element("table");
  const head = table.createTHead().insertRow();
  names.forEach((name, at) => {
    const th = element("th", at ? "num" : "", name);
    th.scope = "col";
    head.append(th);
  });
  table.createTBody().append(...rows);
  const frame = element("div", "scroll");
  frame.append(table);
  return frame;
}

const dialog = document.getElementById("resource");

function fact(list, name, value) {
  const dd = element("dd");
  dd.append(value instanceof Node ? value : bdi(String(value)));
  list.append(element("dt", "", name), dd);
}

function relationList(title, found, end) {
  const part = document.createDocumentFragment();
  part.append(element("h3", "", `${title} (${number(found.length)})`));
  const list = element("ul");
  for (const at of found.slice(0, LISTED)) {
    const item = element("li");
    const other = rel[end][at];
    item.append(typeof other === "number" ? opener(other, 60) : bdi(`${middle(other, 72)} (not in the inventory)`));
    item.append(` ${report.kinds[rel.kind[at]].replaceAll(/[_-]/g, " ")}`);
    list.append(item);
  }
  if (found.length > LISTED) list.append(element("li", "sub", `and ${number(found.length - LISTED)} more`));
  part.append(list);
  return part;
}

function openResource(i) {
  const head = element("header");
  const title = element("h2");
  title.id = "resource-name";
  title.append(bdi(middle(res.name[i], 120)));
  const close = element("button", "", "Close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  const facts = element("dl");
  const id = document.createDocumentFragment();
  const copy = element("button", "small", "Copy");
  copy.type = "button";
  copy.addEventListener("click", () => copyText(res.uid[i]).then(() => { copy.textContent = "Copied"; }, () => { copy.textContent = "Not copied"; }));
  id.append(element("code", "", res.uid[i]), " ", copy);
  fact(facts, "Identifier", id);
  fact(facts, "Type", report.types[res.type[i]][0]);
  fact(facts, "Account, region", `${report.accounts[res.account[i]]}, ${report.regions[res.region[i]]}`);
  fact(facts, "State", report.states[res.state[i]]);
  fact(facts, "Holds data", res.stateful[i] ? (res.bytes[i] ? size(res.bytes[i]) : "yes") : "no");
  if (res.wave[i]) fact(facts, "Wave, move group", `${res.wave[i]}, ${report.groups[res.group[i]]}`);
  else if (res.reason[i] >= 0) fact(facts, "No wave", report.reasons[res.reason[i]]);
  if (res.tags[i]) {
    const tags = element("ul");
    for (const tag of res.tags[i].split("\n")) {
      const item = element("li");
      item.append(bdi(tag));
      tags.append(item);
    }
    fact(facts, "Tags", tags);
  }
  const scored = riskOf.get(i);
  if (scored !== undefined) {
    const points = pointsText(risk.points[scored], risk.upper[scored]);
    fact(facts, "Risk", `${risk.level[scored]}: ${points} ${points === "1" ? "point" : "points"}`);
  }
  moreFacts(facts, i);
  const parts = [head, facts];
  if (window.showInGraph && window.showInGraph.knows(res.uid[i])) {
    const shown = element("button", "small", "In the graph");
    shown.type = "button";
    shown.addEventListener("click", () => { dialog.close(); window.showInGraph(res.uid[i]); });
    parts.push(shown);
  }
  if (scored !== undefined) parts.push(element("h3", "", "Risk"), factorTable(scored));
  const uses = usesOf.get(i) || [];
  if (uses.length) parts.push(element("h3", "", "Utilisation"), usageTable(uses));
  if (weekOf.has(i)) {
    parts.push(element("p", "note", `${week.metric[weekOf.get(i)]} by hour of the week (UTC, Monday first)`), weekStrip(week.levels[weekOf.get(i)], 3));
  }
  if (outOf.has(i)) parts.push(relationList("Refers to", outOf.get(i), "to"));
  if (intoOf.has(i)) parts.push(relationList("Referred to by", intoOf.get(i), "from"));
  dialog.replaceChildren(...parts);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  close.focus();
}

function usageTable(uses) {
  const rows = uses.map((at) => {
    const [metric, , unit] = report.metrics[use.metric[at]];
    const row = element("tr");
    row.append(
      headCell(bdi(metric)), cell(quantity(use.p50[at], unit), "num"), cell(quantity(use.p95[at], unit), "num"),
      cell(quantity(use.max[at], unit), "num"), cell(share(use.coverage_share[at]), "num"),
    );
    return row;
  });
  return smallTable(["Metric", "p50", "p95", "Max", "Measured"], rows);
}

dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// Paper cannot be clicked: what the summary folds away is opened for it, and closed again.
const foldable = [...document.querySelectorAll("#trust .more, #summary .more")];
let openedForPrint = [];
window.addEventListener("beforeprint", () => {
  openedForPrint = foldable.filter((details) => !details.open);
  for (const details of openedForPrint) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of openedForPrint) details.open = false;
});

for (const span of document.querySelectorAll("span.res")) {
  const i = byUid.get(span.title);
  if (i === undefined) continue;
  const button = element("button", "open");
  button.type = "button";
  button.title = span.title;
  button.append(...span.childNodes);
  button.addEventListener("click", () => openResource(i));
  span.replaceWith(button);
}

for (const button of document.querySelectorAll(".show-wave")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    inventory.choose("wave", button.dataset.wave);
    document.getElementById("inventory").scrollIntoView();
  });
}

const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(entry.target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "0px 0px -80% 0px" });
for (const section of document.querySelectorAll("main > section")) reading.observe(section);
