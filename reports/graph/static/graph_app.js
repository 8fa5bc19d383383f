// Selection, pointer, keys, search and toggles.
const app = document.getElementById("graph-app");
const tip = document.getElementById("graph-tip");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const embedded = app.dataset.embedded === "true";
let gliding = 0;

// *wanted* is {group}, {node}, {edge} or null; *show* brings it into view (a choice made outside the canvas).
function select(wanted, show = false) {
  state.selected = wanted && resolved(wanted);
  state.near = state.selected ? neighbours(state.selected) : null;
  if (!state.selected) state.onlyNear = false;
  refreshPanel();
  for (const table of Object.values(TABLES)) table.follow();
  if (state.selected && show) glideTo(state.selected);
  if (state.selected) say(`Selected: ${panel.querySelector("h3").textContent}`);
  requestPaint();
}

function selectBundle(bundle) {
  select({ edges: bundle.edges });
}

// The selection with all that the drawing and the tables ask of it.
function resolved(wanted) {
  const found = { wanted, item: null, group: null, bundle: null, bundles: [], items: null, edges: new Set(), nodes: new Set(), groups: new Set() };
  if (wanted.group !== undefined) {
    found.group = wanted.group;
    found.item = opened.has(wanted.group) ? null : wanted.group;
    found.nodes = new Set(members[wanted.group]);
  } else if (wanted.node !== undefined) {
    found.group = n.group[wanted.node];
    found.item = itemOfNode(wanted.node);
    found.nodes = new Set([wanted.node]);
  }
  if (wanted.edge !== undefined || wanted.edges) {
    found.edges = new Set(wanted.edges || [wanted.edge]);
    const [first] = found.edges;
    found.bundle = bundleOfEdge(first) || null;
    for (const at of found.edges) for (const i of [e.from[at], e.to[at]]) found.nodes.add(i);
  } else {
    for (const i of found.nodes) for (const at of [...edgesOut[i], ...edgesIn[i]]) if (!edgeHidden(at)) found.edges.add(at);
    found.items = new Set([...found.nodes].map(itemOfNode));
    found.bundles = [...new Set([...found.edges].map(bundleOfEdge))].filter(Boolean);
  }
  found.groups = new Set([...found.nodes].map((i) => n.group[i]));
  return found;
}

function neighbours(selected) {
  const near = new Set(selected.items || []);
  for (const bundle of selected.bundle ? [selected.bundle] : selected.bundles) near.add(bundle.a).add(bundle.b);
  for (const i of selected.nodes) near.add(itemOfNode(i));
  return near;
}

function refreshPanel() {
  const selected = state.selected;
  if (!selected) showNothing();
  else if (selected.wanted.group !== undefined) {
    if (members[selected.group].length === 1) showNode(members[selected.group][0]);
    else showGroup(selected.group, selected.bundles);
  } else if (selected.wanted.node !== undefined) showNode(selected.wanted.node);
  else if (selected.wanted.edge !== undefined) showEdge(selected.wanted.edge);
  else if (selected.bundle && selected.wanted.edges.length > 1) showBundle(selected.bundle);
  else showEdge(selected.wanted.edges[0]);
  panel.scrollTop = 0;
}

function toggleNear() {
  state.onlyNear = !state.onlyNear;
  refreshPanel();
  requestPaint();
}

// Opens or closes groups; what *anchor* shows stays where it is on the screen.
function regroup(change, anchor = null) {
  const before = anchor === null ? null : [screenX(place.x[anchor]), screenY(place.y[anchor])];
  change();
  looks.clear();
  rebuild();
  if (before) {
    view.x = (opened.has(anchor) ? box.x[anchor] + 36 : place.x[anchor]) - before[0] / view.k;
    view.y = (opened.has(anchor) ? box.y[anchor] + 15 : place.y[anchor]) - before[1] / view.k;
  }
  state.hovered = null;
  if (state.selected) select(state.selected.wanted);
  else refreshPanel();
  repaintAll();
}

function toggleGroup(at) {
  if (members[at].length < 2) return;
  regroup(() => { if (!opened.delete(at)) opened.add(at); }, at);
  say(`${g.label[at]} ${opened.has(at) ? "opened" : "closed"}`);
}

function zoom(factor, px = view.width / 2, py = view.height / 2) {
  const k = Math.min(4, Math.max(0.02, view.k * factor));
  view.x += px / view.k - px / k;
  view.y += py / view.k - py / k;
  view.k = k;
  requestPaint();
}

function glideTo(selected) {
  const spots = [...neighbours({ ...selected, bundles: [] })].filter((item) => place.x[item]);
  if (!spots.length) return;
  const centre = (axis) => (Math.min(...spots.map((item) => place[axis][item])) + Math.max(...spots.map((item) => place[axis][item]))) / 2;
  const k = Math.max(view.k, Math.min(0.8, view.width / (420 + Math.max(...spots.map((item) => place.x[item])) - Math.min(...spots.map((item) => place.x[item])))));
  const [fromX, fromY, fromK] = [view.x + view.width / 2 / view.k, view.y + view.height / 2 / view.k, view.k];
  const [toX, toY] = [centre("x"), centre("y")];
  cancelAnimationFrame(gliding);
  const start = performance.now();
  const step = (now) => {
    const t = still.matches ? 1 : Math.min(1, (now - start) / 260);
    const part = t * (2 - t);
    view.k = fromK + (k - fromK) * part;
    view.x = fromX + (toX - fromX) * part - view.width / 2 / view.k;
    view.y = fromY + (toY - fromY) * part - view.height / 2 / view.k;
    paint();
    if (t < 1) gliding = requestAnimationFrame(step);
  };
  gliding = requestAnimationFrame(step);
}

const fingers = new Map();
let moved = 0;

function at(event) {
  const frameBox = canvas.getBoundingClientRect();
  return [event.clientX - frameBox.left, event.clientY - frameBox.top];
}

function hover(px, py) {
  const item = itemAt(px, py);
  const bundle = item === null && boxAt(px, py) === null ? bundleAt(px, py) : null;
  const found = item ?? (bundle && { bundle });
  const same = found === state.hovered || (bundle && state.hovered && state.hovered.bundle === bundle);
  if (!same) {
    state.hovered = found;
    requestPaint();
  }
  canvas.classList.toggle("pointing", item !== null || bundle !== null || boxAt(px, py) !== null);
  tip.hidden = item === null && bundle === null;
  if (tip.hidden) return;
  tip.replaceChildren(...(item !== null ? itemTip(item) : bundleTip(bundle)));
  tip.style.left = `${Math.min(px + 14, view.width - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(py + 14, view.height - tip.offsetHeight - 8)}px`;
}

function itemTip(item) {
  const inside = nodesOf(item);
  const [i] = inside;
  const what = inside.length > 1 ? count(inside.length, "resource") : word(n.type[i]);
  const wave = isGroup(item) ? g.wave[item] : n.wave[i];
  const risk = inside.length > 1 ? tally(inside) : word(n.risk[i]);
  return [named(nameOf(item), 60), element("span", "sub", [what, wave ? `wave ${wave}` : "", risk && `risk ${risk}`].filter(Boolean).join(", "))];
}

function bundleTip(bundle) {
  const name = element("bdi", "", `${middle(nameOf(bundle.a), 32)} needs ${middle(nameOf(bundle.b), 32)}`);
  return [name, element("span", "sub", bundle.edges.length === 1 ? `${portText(bundle.edges[0])}, ${bundleWords(bundle)}` : bundleWords(bundle))];
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, at(event));
  moved = 0;
});

canvas.addEventListener("pointermove", (event) => {
  const now = at(event);
  const before = fingers.get(event.pointerId);
  if (!before) {
    hover(...now);
    return;
  }
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, spot]) => spot);
  if (others.length) {
    const [other] = others;
    zoom(Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1])), other[0], other[1]);
  }
  const part = others.length ? 0.5 : 1;
  view.x -= (part * (now[0] - before[0])) / view.k;
  view.y -= (part * (now[1] - before[1])) / view.k;
  moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
  fingers.set(event.pointerId, now);
  tip.hidden = true;
  canvas.classList.add("dragging");
  requestPaint();
});

function lift(event) {
  fingers.delete(event.pointerId);
  canvas.classList.remove("dragging");
}

canvas.addEventListener("pointerup", (event) => {
  lift(event);
  if (moved > 5) return;
  const [px, py] = at(event);
  const item = itemAt(px, py);
  const opener = item === null ? boxAt(px, py) : null;
  const bundle = item === null && opener === null ? bundleAt(px, py) : null;
  if (item !== null) select(isGroup(item) ? { group: item } : { node: item - GROUPS });
  else if (opener !== null) select({ group: opener });
  else if (bundle) selectBundle(bundle);
  else select(null);
});
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("pointerleave", () => { tip.hidden = true; state.hovered = null; requestPaint(); });

canvas.addEventListener("dblclick", (event) => {
  const [px, py] = at(event);
  const item = itemAt(px, py);
  const found = item !== null && isGroup(item) ? item : boxAt(px, py);
  if (found !== null) toggleGroup(found);
});

// Within a longer page the wheel scrolls the page until the drawing has the focus; with Ctrl it always zooms.
canvas.addEventListener("wheel", (event) => {
  if (embedded && !event.ctrlKey && document.activeElement !== canvas) return;
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.04 : 0.0016)), ...at(event));
}, { passive: false });

// Items in reading order: rows, columns, then down.
function step(by) {
  const order = [...drawn.items].sort((a, b) => rowOfItem(a) - rowOfItem(b) || place.x[a] - place.x[b] || place.y[a] - place.y[b]);
  const from = state.selected && state.selected.item !== null ? order.indexOf(state.selected.item) : by > 0 ? -1 : 0;
  const item = order[(from + by + order.length) % order.length];
  if (item !== undefined) select(isGroup(item) ? { group: item } : { node: item - GROUPS }, true);
}

function rowOfItem(item) {
  return g.row[isGroup(item) ? item : n.group[item - GROUPS]];
}

const KEYS = {
  ArrowLeft: () => { view.x -= 60 / view.k; }, ArrowRight: () => { view.x += 60 / view.k; },
  ArrowUp: () => { view.y -= 60 / view.k; }, ArrowDown: () => { view.y += 60 / view.k; },
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: () => fit(),
  n: () => step(1), p: () => step(-1), f: () => { if (state.selected) toggleNear(); },
  Enter: () => { if (state.selected && state.selected.group !== null) toggleGroup(state.selected.group); },
  Escape: () => select(null), "/": () => search.focus(),
};

canvas.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
  requestPaint();
});

const search = document.getElementById("graph-search");
const hits = document.getElementById("graph-hits");
const haystack = n.name.map((name, i) => `${name}\n${uids[i]}`.toLowerCase());
const groupHaystack = g.label.map((label, at_) => `${label}\n${g.id[at_]}`.toLowerCase());

function findHits() {
  const parts = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (text) => parts.every((part) => text.includes(part));
  const groups = parts.length ? groupHaystack.flatMap((text, at_) => (members[at_].length > 1 && matches(text) ? [{ group: at_ }] : [])) : [];
  const nodes = parts.length ? haystack.flatMap((text, i) => (matches(text) ? [{ node: i }] : [])) : [];
  const found = [...groups.slice(0, 4), ...nodes].slice(0, 10);
  hits.replaceChildren(...found.map((hit) => {
    const item = element("li");
    const what = hit.group === undefined ? word(n.type[hit.node]) : `${GROUP_WORDS[kinds[hit.group]].toLowerCase()}, ${count(members[hit.group].length, "resource")}`;
    const choose = button(named(hit.group === undefined ? n.name[hit.node] : g.label[hit.group]), () => { closeHits(); select(hit, true); canvas.focus({ preventScroll: true }); }, "hit");
    choose.append(element("span", "sub", ` ${what}`));
    item.append(choose);
    return item;
  }));
  if (parts.length && !found.length) hits.append(element("li", "sub", "Nothing has that name or id."));
  hits.hidden = !parts.length;
  if (parts.length) say(`${count(groups.length + nodes.length, "match").replace(/matchs$/, "matches")}`);
}

function closeHits() {
  hits.hidden = true;
}

let typing = 0;
search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(findHits, 100); });
search.closest(".graph-find").addEventListener("keydown", (event) => {
  const all = [...hits.querySelectorAll("button")];
  if (event.key === "Escape") { closeHits(); search.focus(); }
  if (event.key === "Enter" && event.target === search) { clearTimeout(typing); findHits(); hits.querySelector("button")?.click(); }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
    event.preventDefault();
    const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? search : all[Math.min(next, all.length - 1)]).focus();
  }
});
document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".graph-find")) closeHits(); });

const legend = document.getElementById("graph-legend");

function drawLegend() {
  const used = new Map();
  for (let i = 0; i < NODES; i += 1) used.set(scheme.of(i), (used.get(scheme.of(i)) || 0) + 1);
  legend.replaceChildren(...scheme.all.filter((entry) => used.has(entry)).map((entry) => {
    const item = element("li");
    const choose = button("", () => {
      state.lit = state.lit === entry.key ? null : entry.key;
      for (const other of legend.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === choose && state.lit !== null));
      requestPaint();
    });
    choose.setAttribute("aria-pressed", "false");
    const swatch = element("span", "graph-swatch", entry.sign);
    if (entry.colour) {
      swatch.style.background = entry.colour;
      swatch.style.color = inkOn(entry.colour);
    }
    swatch.setAttribute("aria-hidden", "true");
    choose.append(swatch, element("bdi", "", entry.label), element("span", "sub", ` ${number(used.get(entry))}`));
    item.append(choose);
    return item;
  }));
}

document.getElementById("graph-colour").addEventListener("change", (event) => {
  chooseScheme(event.target.value);
  state.lit = null;
  drawLegend();
  requestPaint();
});
for (const box_ of app.querySelectorAll("input[data-show]")) {
  box_.addEventListener("change", () => regroup(() => { showing[box_.dataset.show] = box_.checked; }));
}
for (const tab of document.querySelectorAll(".graph-tabs [data-table]")) tab.addEventListener("click", () => showTable(tab.dataset.table));
app.querySelector("[data-act=in]").addEventListener("click", () => zoom(1.3));
app.querySelector("[data-act=out]").addEventListener("click", () => zoom(1 / 1.3));
app.querySelector("[data-act=fit]").addEventListener("click", () => { fit(); requestPaint(); });
const openAll = app.querySelector("[data-act=open]");
openAll.addEventListener("click", () => {
  const open = opened.size === 0;
  regroup(() => {
    opened.clear();
    if (open) members.forEach((inside, group) => { if (inside.length > 1) opened.add(group); });
  });
  openAll.textContent = open ? "Close all groups" : "Open all groups";
  fit();
  repaintAll();
});

function retheme() {
  readTheme();
  repaintAll();
}

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
// Paper is white whatever the screen is: the drawing is painted anew in the colours of the print style sheet.
window.matchMedia("print").addEventListener("change", () => { readTheme(); layerView = null; paint(); });

app.hidden = false;
document.querySelector(".graph-tabs").hidden = false;
showTable("edges");
drawLegend();
rebuild();
readTheme();
let fitted_ = false;
new ResizeObserver(() => {
  if (!resize()) return;
  const first = !fitted_;
  if (first) fit();
  fitted_ = true;
  paint();
  if (first) performance.mark("graph-ready");
  document.documentElement.dataset.graph = "ready";
}).observe(canvas.parentElement);
showNothing();

// For the page that holds the graph: brings a resource into view and selects it.
const numberOf = new Map(uids.map((uid, i) => [uid, i]));
window.showInGraph = (uid) => {
  select({ node: numberOf.get(uid) }, true);
  document.getElementById("graph").scrollIntoView();
  canvas.focus({ preventScroll: true });
};
window.showInGraph.knows = (uid) => numberOf.has(uid);
