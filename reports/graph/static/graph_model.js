// The graph as numbers: which groups are open, what is shown, and the bundles of edges between what is shown.
const graph = JSON.parse(document.getElementById("graph-data").textContent);
const { n, g, e, c } = graph;
const NODES = n.rest.length;
const GROUPS = g.id.length;
const EDGES = e.from.length;
const LANE = 184;
const SEEN = 1;
const STATED = 2;

function word(number) {
  return number < 0 ? "" : graph.words[number];
}

function lines(number) {
  return number < 0 ? [] : graph.words[number].split("\n");
}

const uids = n.rest.map((rest, i) => word(n.prefix[i]) + rest);
const kinds = g.kind.map(word);
const members = Array.from({ length: GROUPS }, () => []);
n.group.forEach((group, i) => members[group].push(i));
const edgesOut = Array.from({ length: NODES }, () => []);
const edgesIn = Array.from({ length: NODES }, () => []);
for (let at = 0; at < EDGES; at += 1) {
  edgesOut[e.from[at]].push(at);
  edgesIn[e.to[at]].push(at);
}

// An item is what is drawn as one: a closed group by its number, or a node of an open group by GROUPS plus its number.
const opened = new Set();
const showing = { shared: true, outside: true, stated: true };
const place = { x: new Float64Array(GROUPS + NODES), y: new Float64Array(GROUPS + NODES), r: new Float64Array(GROUPS + NODES) };
const box = { x: new Float64Array(GROUPS), y: new Float64Array(GROUPS) };
const drawn = { items: [], bundles: [], byPair: new Map(), touching: new Map(), columns: [], width: 0, height: 0 };

function itemOfNode(i) {
  return opened.has(n.group[i]) ? GROUPS + i : n.group[i];
}

function isGroup(item) {
  return item < GROUPS;
}

function nodesOf(item) {
  return isGroup(item) ? members[item] : [item - GROUPS];
}

function nodeHidden(i) {
  return (!showing.shared && n.held[i] === 1) || (!showing.outside && kinds[n.group[i]] === "outside");
}

function edgeHidden(at) {
  return nodeHidden(e.from[at]) || nodeHidden(e.to[at]) || (!showing.stated && e.seen[at] === STATED);
}

// An open box needs more room than its circle did: what is right of its lane, below it, and in later rows moves away by just that.
function makeRoom() {
  const lanes = 1 + Math.max(-1, ...new Set(g.lane));
  const rows = 1 + Math.max(-1, ...new Set(g.row));
  const wider = new Float64Array(lanes);
  const taller = new Float64Array(lanes);
  const rowOf = new Int32Array(lanes);
  for (let at = 0; at < GROUPS; at += 1) rowOf[g.lane[at]] = g.row[at];
  for (const at of opened) {
    wider[g.lane[at]] = Math.max(wider[g.lane[at]], g.width[at] + 24 - LANE);
    taller[g.lane[at]] += Math.max(0, g.height[at] + 12 - g.slot[at]);
  }
  const right = new Float64Array(lanes + 1);
  const down = new Float64Array(rows + 1);
  const before = new Float64Array(rows);
  for (let lane = 0; lane < lanes; lane += 1) {
    right[lane] = before[rowOf[lane]];
    before[rowOf[lane]] += Math.max(0, wider[lane]);
    down[rowOf[lane] + 1] = Math.max(down[rowOf[lane] + 1], taller[lane]);
  }
  for (let row = 0; row < rows; row += 1) down[row + 1] += down[row];
  return { right, down, wider, rowOf };
}

function placeItems() {
  const room = makeRoom();
  const order = Array.from({ length: GROUPS }, (_, at) => at).sort((a, b) => g.lane[a] - g.lane[b] || g.y[a] - g.y[b]);
  let lane = -1;
  let below = 0;
  for (const at of order) {
    if (g.lane[at] !== lane) {
      lane = g.lane[at];
      below = 0;
    }
    const left = g.x[at] - 36 + room.right[lane];
    const top = g.y[at] - g.slot[at] / 2 + room.down[g.row[at]] + below;
    place.x[at] = g.x[at] + room.right[lane];
    place.y[at] = top + g.slot[at] / 2;
    place.r[at] = g.r[at];
    if (opened.has(at)) {
      box.x[at] = left;
      box.y[at] = top;
      below += Math.max(0, g.height[at] + 12 - g.slot[at]);
      for (const i of members[at]) {
        place.x[GROUPS + i] = left + n.x[i];
        place.y[GROUPS + i] = top + n.y[i];
        place.r[GROUPS + i] = 6;
      }
    }
  }
  drawn.columns = c.label.map((label, at) => {
    let end = c.lane[at] + 1;
    let wide = Math.max(0, room.wider[c.lane[at]]);
    for (; end < room.rowOf.length && end !== c.lane[at + 1] && room.rowOf[end] === c.row[at]; end += 1) wide += Math.max(0, room.wider[end]);
    return {
      label: word(label), when: word(c.when[at]), x: c.x[at] + room.right[c.lane[at]], width: c.width[at] + wide,
      y: c.y[at] + room.down[c.row[at]], height: Math.max(...c.height.filter((_, other) => c.row[other] === c.row[at])) + room.down[c.row[at] + 1] - room.down[c.row[at]],
    };
  });
  drawn.width = Math.max(1, ...drawn.columns.map((column) => column.x + column.width));
  drawn.height = Math.max(1, ...drawn.columns.map((column) => column.y + column.height));
}

function gatherBundles() {
  drawn.byPair = new Map();
  drawn.touching = new Map();
  for (let at = 0; at < EDGES; at += 1) {
    const [a, b] = [itemOfNode(e.from[at]), itemOfNode(e.to[at])];
    if (a === b || edgeHidden(at)) continue;
    const key = a * (GROUPS + NODES) + b;
    let bundle = drawn.byPair.get(key);
    if (!bundle) {
      bundle = { key, a, b, edges: [], bytes: 0, seen: 0, shut: false };
      drawn.byPair.set(key, bundle);
      for (const item of [a, b]) {
        if (drawn.touching.has(item)) drawn.touching.get(item).push(bundle);
        else drawn.touching.set(item, [bundle]);
      }
    }
    bundle.edges.push(at);
    bundle.bytes += e.bytes[at];
    bundle.seen |= e.seen[at];
    bundle.shut ||= isShut(at);
  }
  drawn.bundles = [...drawn.byPair.values()];
}

// Seen in traffic, but the rules of today do not let it through.
function isShut(at) {
  return (e.seen[at] & SEEN) !== 0 && e.allowed[at] === 0;
}

function rebuild() {
  placeItems();
  drawn.items = [];
  for (let at = 0; at < GROUPS; at += 1) {
    const inside = members[at].filter((i) => !nodeHidden(i));
    if (!inside.length) continue;
    if (opened.has(at)) for (const i of inside) drawn.items.push(GROUPS + i);
    else drawn.items.push(at);
  }
  gatherBundles();
}

function bundleOfEdge(at) {
  return drawn.byPair.get(itemOfNode(e.from[at]) * (GROUPS + NODES) + itemOfNode(e.to[at]));
}

function nameOf(item) {
  return isGroup(item) ? g.label[item] : n.name[item - GROUPS];
}

function portText(at) {
  if (e.protocol[at] < 0) return "configuration";
  const usual = e.protocol[at] === 6 || e.protocol[at] === 17 ? graph.services[e.port[at]] : "";
  return `${graph.protocols[e.protocol[at]]}${e.port[at] > 0 ? ` ${e.port[at]}` : ""}${usual ? ` (${usual})` : ""}`;
}

function evidenceWord(at) {
  const seen = ["neither", "seen", "stated", "seen and stated"][e.seen[at]];
  return isShut(at) ? `${seen}, not allowed now` : seen;
}

// Minutes since the epoch's start, as "22 Nov 2026, 20:30 UTC".
function instant(minutes) {
  if (minutes < 0) return "";
  const at = new Date((graph.since + minutes) * 60000);
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][at.getUTCMonth()];
  return `${at.getUTCDate()} ${month} ${at.getUTCFullYear()}, ${at.toISOString().slice(11, 16)} UTC`;
}

function isoInstant(minutes) {
  return minutes < 0 ? null : new Date((graph.since + minutes) * 60000).toISOString().slice(0, 16) + "Z";
}
