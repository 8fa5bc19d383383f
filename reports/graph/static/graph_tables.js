// The same graph as three tables, in step with the selection: dependencies, groups, resources.
class GraphTable extends DataTable {
  // spec adds: marked(i) -> whether row i belongs to the selection, and act(i), which selects it
  refresh() {
    super.refresh();
    if (!this.only || !this.only.checked || !state.selected) return;
    this.shown = this.shown.filter((i) => this.spec.marked(i));
    this.draw();
    say(`${count(this.shown.length, this.spec.noun)} shown`);
  }

  wireTools() {
    super.wireTools();
    this.only = this.tools.querySelector("input[type=checkbox]");
    this.only.closest("label").hidden = false;
    this.only.addEventListener("change", () => this.refresh());
  }

  draw() {
    super.draw();
    const from = this.page * PAGE_ROWS;
    this.shown.slice(from, from + PAGE_ROWS).forEach((i, at) => {
      if (state.selected && this.spec.marked(i)) this.table.tBodies[0].rows[at].setAttribute("aria-selected", "true");
    });
  }

  // The page with the first row of the selection.
  follow() {
    if (this.only.checked) {
      this.refresh();
      return;
    }
    const at = state.selected ? this.shown.findIndex((i) => this.spec.marked(i)) : -1;
    if (at >= 0) this.page = Math.floor(at / PAGE_ROWS);
    this.draw();
  }
}

function cellOf(text, className, title) {
  const td = element("td", className, text);
  if (title) td.title = title;
  return td;
}

function rowHead(...children) {
  const th = element("th");
  th.scope = "row";
  th.append(...children);
  return th;
}

function rowOf(...cells) {
  const row = element("tr");
  row.append(...cells);
  return row;
}

function choices(numbers, label) {
  return [...new Set(numbers)].sort((a, b) => comparable(label(a), label(b))).map((value) => [value, String(label(value))]);
}

function waveChoices(waves) {
  return [...new Set(waves)].sort((a, b) => (a || Infinity) - (b || Infinity)).map((wave) => [wave, wave ? `Wave ${wave}` : "No wave"]);
}

const evidenceWords = Array.from({ length: EDGES }, (_, at) => evidenceWord(at));
const evidenceAll = [...new Set(evidenceWords)].sort();
const ports = Array.from({ length: EDGES }, (_, at) => portText(at));
const portsAll = [...new Set(ports)].sort();
const none = (value) => (value < 0 ? null : value);

const edgesTable = new GraphTable({
  id: "graph-edges",
  noun: "edge",
  rows: EDGES,
  marked: (at) => state.selected.edges.has(at),
  render: (at) => rowOf(
    rowHead(link(n.name[e.from[at]], uids[e.from[at]], () => select({ edge: at }, true))), cellNamed(e.to[at]), cellOf(ports[at]),
    cellOf(evidenceWords[at], isShut(at) ? "alert" : ""), cellOf(e.seen[at] & SEEN ? size(e.bytes[at]) : DASH, "num"),
    cellOf(instant(e.first[at]).split(",")[0] || DASH), cellOf(instant(e.last[at]).split(",")[0] || DASH), cellOf(e.days[at] < 0 ? DASH : number(e.days[at]), "num"),
    cellOf(`${e.confidence[at]}${NARROW_SPACE}%`, "num"), cellOf({ 1: "yes", 0: "no", "-1": "not known" }[e.allowed[at]]),
  ),
  text: (at) => `${n.name[e.from[at]]}\n${uids[e.from[at]]}\n${n.name[e.to[at]]}\n${uids[e.to[at]]}\n${ports[at]}\n${word(e.statements[at])}`,
  filters: {
    evidence: { options: evidenceAll.map((text, value) => [value, text]), value: (at) => evidenceAll.indexOf(evidenceWords[at]) },
    port: { options: portsAll.map((text, value) => [value, text]), value: (at) => portsAll.indexOf(ports[at]) },
    allowed: { options: choices(e.allowed, (value) => ({ 1: "yes", 0: "no", "-1": "not known" }[value])), value: (at) => e.allowed[at] },
  },
  columns: [
    { key: "from", sort: (at) => n.name[e.from[at]].toLowerCase() }, { key: "to", sort: (at) => n.name[e.to[at]].toLowerCase() },
    { key: "port", sort: (at) => none(e.port[at]) }, { key: "evidence", sort: (at) => evidenceWords[at] },
    { key: "bytes", sort: (at) => (e.seen[at] & SEEN ? e.bytes[at] : null) }, { key: "first", sort: (at) => none(e.first[at]) },
    { key: "last", sort: (at) => none(e.last[at]) }, { key: "days", sort: (at) => none(e.days[at]) }, { key: "confidence", sort: (at) => e.confidence[at] },
    { key: "allowed", sort: (at) => none(e.allowed[at]) },
  ],
  csv: [
    ["source_uid", (at) => uids[e.from[at]]], ["target_uid", (at) => uids[e.to[at]]], ["kind", (at) => word(e.kind[at])],
    ["protocol", (at) => none(e.protocol[at])], ["port", (at) => none(e.port[at])], ["bytes", (at) => e.bytes[at]], ["packets", (at) => e.packets[at]],
    ["flows", (at) => e.flows[at]], ["first_seen", (at) => isoInstant(e.first[at])], ["last_seen", (at) => isoInstant(e.last[at])],
    ["days_seen", (at) => none(e.days[at])], ["days_logged", (at) => none(e.logged[at])], ["confidence", (at) => e.confidence[at] / 100],
    ["allowed", (at) => (e.allowed[at] < 0 ? null : e.allowed[at] === 1)], ["observed", (at) => (e.seen[at] & SEEN) !== 0],
    ["configured", (at) => (e.seen[at] & STATED) !== 0], ["resolution", (at) => word(e.resolution[at])], ["direction", (at) => word(e.direction[at])],
    ["periodicity", (at) => word(e.periodicity[at])], ["statements", (at) => lines(e.statements[at]).join(" ")], ["via", (at) => lines(e.via[at]).join(" ")],
  ],
});

function cellNamed(i) {
  const td = cellOf("", "", uids[i]);
  td.append(named(n.name[i], 40));
  return td;
}

// For each group: how many others it needs, how many need it, and the bytes between.
function groupSums() {
  const needs = members.map(() => new Set());
  const neededBy = members.map(() => new Set());
  const bytes = new Float64Array(GROUPS);
  for (let at = 0; at < EDGES; at += 1) {
    const [a, b] = [n.group[e.from[at]], n.group[e.to[at]]];
    if (a === b) continue;
    needs[a].add(b);
    neededBy[b].add(a);
    bytes[a] += e.bytes[at];
    bytes[b] += e.bytes[at];
  }
  return { needs: needs.map((found) => found.size), neededBy: neededBy.map((found) => found.size), bytes };
}

const sums = groupSums();
const worstRisk = members.map((inside) => Math.max(-1, ...inside.map((i) => LEVELS.indexOf(word(n.risk[i])))));
const kindNames = ["moves", "shared", "stays", "outside"];
const groupsTable = new GraphTable({
  id: "graph-groups",
  noun: "group",
  rows: GROUPS,
  marked: (at) => state.selected.groups.has(at),
  render: (at) => rowOf(
    rowHead(link(g.label[at], g.id[at], () => select({ group: at }, true)), ...(g.cyclic[at] ? [" ", element("span", "status s-cycle", "cycle")] : [])),
    cellOf(GROUP_WORDS[kinds[at]]), cellOf(g.wave[at] ? number(g.wave[at]) : DASH, "num"), cellOf(number(members[at].length), "num"), cellOf(LEVELS[worstRisk[at]] || DASH),
    cellOf(number(sums.needs[at]), "num"), cellOf(number(sums.neededBy[at]), "num"), cellOf(sums.bytes[at] ? size(sums.bytes[at]) : DASH, "num"),
  ),
  text: (at) => `${g.label[at]}\n${g.id[at]}\n${members[at].map((i) => `${n.name[i]}\n${uids[i]}`).join("\n")}`,
  filters: {
    kind: { options: choices(kinds.map((kind) => kindNames.indexOf(kind)), (value) => GROUP_WORDS[kindNames[value]]), value: (at) => kindNames.indexOf(kinds[at]) },
    wave: { options: waveChoices(g.wave), value: (at) => g.wave[at] },
    risk: { options: [...new Set(worstRisk)].sort().map((level) => [level, LEVELS[level] || "not scored"]), value: (at) => worstRisk[at] },
  },
  columns: [
    { key: "group", sort: (at) => g.label[at].toLowerCase() }, { key: "kind", sort: (at) => GROUP_WORDS[kinds[at]] }, { key: "wave", sort: (at) => g.wave[at] || null },
    { key: "resources", sort: (at) => members[at].length }, { key: "risk", sort: (at) => none(worstRisk[at]) }, { key: "needs", sort: (at) => sums.needs[at] },
    { key: "neededby", sort: (at) => sums.neededBy[at] }, { key: "bytes", sort: (at) => sums.bytes[at] },
  ],
  csv: [
    ["group", (at) => g.id[at]], ["label", (at) => g.label[at]], ["kind", (at) => kinds[at]], ["wave", (at) => g.wave[at] || null], ["resources", (at) => members[at].length],
    ["cyclic", (at) => g.cyclic[at] === 1], ["highest_risk", (at) => LEVELS[worstRisk[at]] || null], ["needs_groups", (at) => sums.needs[at]],
    ["needed_by_groups", (at) => sums.neededBy[at]], ["bytes_across", (at) => sums.bytes[at]], ["reasons", (at) => lines(g.reasons[at]).join("; ")],
  ],
});

const nodesTable = new GraphTable({
  id: "graph-nodes",
  noun: "resource",
  rows: NODES,
  marked: (i) => state.selected.nodes.has(i),
  render: (i) => rowOf(
    rowHead(link(n.name[i], uids[i], () => select({ node: i }, true))), cellOf(word(n.type[i])), cellOf(word(n.account[i]) || DASH, "id"), cellOf(word(n.region[i]) || DASH),
    cellOf(middle(word(n.workload[i]), 32) || DASH), cellOf(n.wave[i] ? number(n.wave[i]) : DASH, "num", word(n.stays[i])), cellOf(word(n.risk[i]) || DASH),
    cellOf(n.points[i] < 0 ? DASH : `${number(n.points[i])}${n.upper[i] > n.points[i] ? `${DASH}${number(n.upper[i])}` : ""}`, "num"),
    cellOf(number(edgesOut[i].length), "num"), cellOf(number(edgesIn[i].length), "num"),
  ),
  text: (i) => `${n.name[i]}\n${uids[i]}\n${word(n.workload[i])}\n${word(n.type[i])}`,
  filters: {
    type: { options: choices(n.type, word), value: (i) => n.type[i] },
    account: { options: choices(n.account, (value) => word(value) || "outside"), value: (i) => n.account[i] },
    wave: { options: waveChoices(n.wave), value: (i) => n.wave[i] },
    risk: { options: choices(n.risk, (value) => word(value) || "not scored"), value: (i) => n.risk[i] },
  },
  columns: [
    { key: "name", sort: (i) => n.name[i].toLowerCase() }, { key: "type", sort: (i) => word(n.type[i]) }, { key: "account", sort: (i) => word(n.account[i]) || null },
    { key: "region", sort: (i) => word(n.region[i]) || null }, { key: "workload", sort: (i) => word(n.workload[i]) || null }, { key: "wave", sort: (i) => n.wave[i] || null },
    { key: "risk", sort: (i) => none(LEVELS.indexOf(word(n.risk[i]))) }, { key: "points", sort: (i) => none(n.upper[i]) },
    { key: "out", sort: (i) => edgesOut[i].length }, { key: "in", sort: (i) => edgesIn[i].length },
  ],
  csv: [
    ["uid", (i) => uids[i]], ["name", (i) => n.name[i]], ["type", (i) => word(n.type[i])], ["account_id", (i) => word(n.account[i])], ["region", (i) => word(n.region[i])],
    ["workload", (i) => word(n.workload[i])], ["move_group", (i) => (kinds[n.group[i]] === "moves" ? g.id[n.group[i]] : null)], ["wave", (i) => n.wave[i] || null],
    ["stays_reason", (i) => word(n.stays[i])], ["risk_level", (i) => word(n.risk[i])], ["risk_points", (i) => none(n.points[i])], ["risk_upper_points", (i) => none(n.upper[i])],
    ["storage_bytes", (i) => none(n.bytes[i])], ["shared_service", (i) => word(n.shared[i])], ["needs", (i) => edgesOut[i].length], ["needed_by", (i) => edgesIn[i].length],
  ],
});

const TABLES = { edges: edgesTable, groups: groupsTable, nodes: nodesTable };

function showTable(name) {
  for (const tab of document.querySelectorAll(".graph-tabs [data-table]")) tab.setAttribute("aria-pressed", String(tab.dataset.table === name));
  for (const key of Object.keys(TABLES)) document.getElementById(`graph-${key}-part`).hidden = key !== name;
}
