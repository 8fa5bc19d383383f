// What is selected, in words: a group, a resource, a bundle of edges, or one edge with its evidence.
const panel = document.getElementById("graph-panel");
const LISTED_AT_MOST = 40;

function named(text, atMost = 44) {
  return element("bdi", "", middle(text, atMost));
}

function button(text, act, className = "") {
  const made = element("button", className);
  made.type = "button";
  made.append(text);
  made.addEventListener("click", act);
  return made;
}

function link(text, title, act) {
  const made = button(named(text), act, "open");
  made.title = title;
  return made;
}

function facts(rows) {
  const list = element("dl");
  for (const [name, value] of rows) {
    if (value === "" || value === null || value === undefined) continue;
    const dd = element("dd");
    dd.append(value instanceof Node ? value : element("bdi", "", String(value)));
    list.append(element("dt", "", name), dd);
  }
  return list;
}

function listOf(title, entries, total = entries.length) {
  const part = document.createDocumentFragment();
  part.append(element("h4", "", `${title} (${number(total)})`));
  const list = element("ul");
  for (const entry of entries.slice(0, LISTED_AT_MOST)) {
    const item = element("li");
    item.append(...entry);
    list.append(item);
  }
  if (total > LISTED_AT_MOST) list.append(element("li", "sub", `and ${number(total - LISTED_AT_MOST)} more, in the table below`));
  part.append(list);
  return part;
}

function bundleEntries(bundles, end) {
  const sorted = [...bundles].sort((a, b) => b.bytes - a.bytes || a.key - b.key);
  return sorted.map((bundle) => [
    link(nameOf(bundle[end]), "Show the evidence", () => selectBundle(bundle)),
    element("span", "sub", ` ${bundleWords(bundle)}`),
  ]);
}

function bundleWords(bundle) {
  const seen = bundle.seen & SEEN ? size(bundle.bytes) : "stated only";
  return `${bundle.edges.length > 1 ? `${number(bundle.edges.length)} dependencies, ` : ""}${seen}${bundle.shut ? ", not allowed now" : ""}`;
}

function tally(nodes) {
  const found = new Map();
  for (const i of nodes) {
    const level = word(n.risk[i]) || "not scored";
    found.set(level, (found.get(level) || 0) + 1);
  }
  return [...LEVELS, "not scored"].filter((level) => found.has(level)).map((level) => `${level} ${number(found.get(level))}`).join(", ");
}

function distinct(nodes, column) {
  return [...new Set(nodes.map((i) => word(column[i])))].filter(Boolean).sort().join(", ");
}

function showNothing() {
  const heaviest = [...drawn.bundles].sort((a, b) => b.bytes - a.bytes || a.key - b.key).slice(0, 8);
  const hint = element("p", "note", "Select a circle for what it needs and what needs it, a line for its evidence. A double click, or Enter, opens a group.");
  const entries = heaviest.map((bundle) => [
    link(`${middle(nameOf(bundle.a), 24)} \u2192 ${middle(nameOf(bundle.b), 24)}`, "Show the evidence", () => selectBundle(bundle)),
    element("span", "sub", ` ${bundleWords(bundle)}`),
  ]);
  panel.replaceChildren(element("h3", "", "Nothing selected"), hint, ...(entries.length ? [listOf("Heaviest lines", entries)] : []));
}

function head(kind, title) {
  const made = element("header");
  const name = element("h3");
  name.append(named(title, 90));
  made.append(element("p", "kicker", kind), name);
  return made;
}

function actions(...buttons) {
  const made = element("p", "graph-actions");
  made.append(...buttons, button("Clear", () => select(null), "small"));
  return made;
}

function nearButton() {
  const made = button(state.onlyNear ? "Show all" : "Only neighbours", toggleNear, "small");
  made.setAttribute("aria-pressed", String(state.onlyNear));
  return made;
}

const GROUP_WORDS = { moves: "Move group", stays: "Resources that stay", shared: "Shared service", outside: "Outside the estate" };

function showGroup(at, bundles) {
  const inside = members[at];
  const open = opened.has(at);
  const mine = new Set(open ? inside.map((i) => GROUPS + i) : [at]);
  const stored = inside.reduce((sum, i) => sum + Math.max(0, n.bytes[i]), 0);
  const single = inside.length === 1;
  const reasons = lines(g.reasons[at]);
  panel.replaceChildren(
    head(g.cyclic[at] ? `${GROUP_WORDS[kinds[at]]}, bound in a cycle` : GROUP_WORDS[kinds[at]], g.label[at]),
    facts([
      ["Wave", g.wave[at] || ""], ["Why there", reasons.join("; ")], ["Resources", single ? "" : number(inside.length)], ["Risk", kinds[at] === "moves" ? tally(inside) : ""],
      ["Accounts", distinct(inside, n.account)], ["Workloads", distinct(inside, n.workload)], ["Holds", stored ? size(stored) : ""],
      ["Identifier", kinds[at] === "moves" ? g.id[at] : ""],
    ]),
    actions(...(single ? [] : [button(open ? "Close the group" : "Open the group", () => toggleGroup(at), "small")]), nearButton()),
    ...needLists(bundles, mine),
    listOf("Resources", inside.slice(0, LISTED_AT_MOST).map((i) => [link(n.name[i], uids[i], () => select({ node: i })), element("span", "sub", ` ${word(n.type[i])}`)]), inside.length),
  );
}

function needLists(bundles, mine) {
  const needs = bundles.filter((bundle) => mine.has(bundle.a) && !mine.has(bundle.b));
  const neededBy = bundles.filter((bundle) => mine.has(bundle.b) && !mine.has(bundle.a));
  return [
    ...(needs.length ? [listOf("Needs", bundleEntries(needs, "b"))] : []),
    ...(neededBy.length ? [listOf("Needed by", bundleEntries(neededBy, "a"))] : []),
  ];
}

function riskWords(i) {
  if (n.risk[i] < 0) return "";
  const upper = n.upper[i] > n.points[i] ? `, up to ${number(n.upper[i])} with what was not measured` : "";
  return `${word(n.risk[i])}${n.points[i] >= 0 ? `: ${number(n.points[i])} ${n.points[i] === 1 ? "point" : "points"}${upper}` : ""}`;
}

function showNode(i) {
  const at = n.group[i];
  const id = document.createDocumentFragment();
  const copy = button("Copy", () => copyText(uids[i]).then(() => { copy.textContent = "Copied"; }, () => { copy.textContent = "Not copied"; }), "small");
  id.append(element("code", "", uids[i]), " ", copy);
  const group = members[at].length > 1 ? link(g.label[at], g.id[at], () => select({ group: at })) : "";
  const page = typeof openResource === "function" && byUid.has(uids[i]) ? [button("Its page", () => openResource(byUid.get(uids[i])), "small")] : [];
  const edgeEntries = (list, end) => [...list].sort((a, b) => e.bytes[b] - e.bytes[a] || a - b).map((edge) => [
    link(n.name[e[end][edge]], "Show the evidence", () => select({ edge })),
    element("span", "sub", ` ${portText(edge)}, ${e.seen[edge] & SEEN ? size(e.bytes[edge]) : "stated only"}${isShut(edge) ? ", not allowed now" : ""}`),
  ]);
  panel.replaceChildren(
    head(n.held[i] ? `Shared service (${word(n.shared[i])}), held out of grouping` : n.shared[i] >= 0 ? `Shared service (${word(n.shared[i])})` : word(n.type[i]), n.name[i]),
    facts([
      ["Identifier", id], ["Type", word(n.type[i])], ["Account", word(n.account[i])], ["Region", word(n.region[i])], ["Workload", word(n.workload[i])],
      ["Wave", n.wave[i] || ""], ["Stays", word(n.stays[i])], ["Group", group], ["Risk", riskWords(i)], ["Holds", n.bytes[i] > 0 ? size(n.bytes[i]) : ""],
      ["Why shared", word(n.why[i])],
    ]),
    actions(...page, ...(members[at].length > 1 && !opened.has(at) ? [button("Open its group", () => toggleGroup(at), "small")] : []), nearButton()),
    ...(edgesOut[i].length ? [listOf("Needs", edgeEntries(edgesOut[i], "to"))] : []),
    ...(edgesIn[i].length ? [listOf("Needed by", edgeEntries(edgesIn[i], "from"))] : []),
  );
}

function showBundle(bundle) {
  const sorted = [...bundle.edges].sort((a, b) => e.bytes[b] - e.bytes[a] || a - b);
  if (sorted.length === 1) {
    showEdge(sorted[0]);
    return;
  }
  const entries = sorted.slice(0, LISTED_AT_MOST).map((at) => [
    link(`${middle(n.name[e.from[at]], 24)} \u2192 ${middle(n.name[e.to[at]], 24)}`, "Show the evidence", () => select({ edge: at })),
    element("span", "sub", ` ${portText(at)}, ${e.seen[at] & SEEN ? size(e.bytes[at]) : "stated only"}`),
  ]);
  panel.replaceChildren(
    head("Dependencies", `${middle(nameOf(bundle.a), 40)} needs ${middle(nameOf(bundle.b), 40)}`),
    facts([["Together", bundleWords(bundle)]]),
    actions(),
    listOf("Each of them", entries, sorted.length),
  );
}

const ALLOWED = { 1: "yes, by the rules as they are now", 0: "no: rules or routes do not let it through now", "-1": "could not be told" };

function explained(kind, number_) {
  return number_ < 0 ? "" : graph.explain[kind][word(number_)] || word(number_);
}

function daysWords(at) {
  if (e.days[at] < 0) return "";
  return e.logged[at] >= 0 ? `${number(e.days[at])}, of ${count(e.logged[at], "fully logged day")}` : number(e.days[at]);
}

function showEdge(at) {
  const seen = (e.seen[at] & SEEN) !== 0;
  const end = (i) => link(n.name[i], uids[i], () => select({ node: i }));
  const via = lines(e.via[at]).map((uid) => middle(localId(uid), 60)).join("; ");
  panel.replaceChildren(
    head("Dependency", `${middle(n.name[e.from[at]], 40)} needs ${middle(n.name[e.to[at]], 40)}`),
    facts([
      ["Needs", end(e.from[at])], ["Is needed", end(e.to[at])], ["Port", portText(at)], ["Known by", evidenceWord(at)], ["Stated as", lines(e.statements[at]).join(", ")],
      ["Allowed", ALLOWED[e.allowed[at]]], ["Data", seen ? `${size(e.bytes[at])} in ${count(e.packets[at], "packet")}, ${count(e.flows[at], "record")}` : ""],
      ["First seen", instant(e.first[at])], ["Last seen", instant(e.last[at])], ["Days seen", daysWords(at)], ["Rhythm", explained("periodicity", e.periodicity[at])],
      ["Confidence", `${e.confidence[at]}${NARROW_SPACE}%`], ["Server told by", explained("direction", e.direction[at])], ["Addresses", explained("resolution", e.resolution[at])],
      ["By way of", via],
    ]),
    actions(),
  );
}
