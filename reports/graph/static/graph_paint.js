// The canvas: bands for columns, curves for bundles, shapes for items, names where there is room for them.
const canvas = document.getElementById("graph-canvas");
const pen = canvas.getContext("2d");
const layer = document.createElement("canvas"); // the curves, kept while the view only moves
const layerPen = layer.getContext("2d");
const view = { x: 0, y: 0, k: 1, width: 1, height: 1, dpr: 1 };
const state = { selected: null, hovered: null, near: null, onlyNear: false, lit: null };
let theme = {};
let layerView = null;
let frame = 0;
let settle = 0;
const WIDTHS = [1, 1.6, 2.4, 3.6, 5, 7]; // by powers of a hundred of bytes
const CHUNK = 400; // curves in one path: a rasteriser takes more than its share of time for a larger one

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "raised", "ink", "quiet", "line", "line-strong", "accent", "warn"];
  theme = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  theme.font = style.getPropertyValue("--font").trim() || "sans-serif";
}

function screenX(x) {
  return (x - view.x) * view.k;
}

function screenY(y) {
  return (y - view.y) * view.k;
}

function fit(pad = 28) {
  view.k = Math.min(1.25, (view.width - 2 * pad) / drawn.width, (view.height - 2 * pad - 24) / drawn.height);
  view.x = drawn.width / 2 - view.width / 2 / view.k;
  view.y = drawn.height / 2 - (view.height + 24) / 2 / view.k;
}

function bucket(bytes) {
  return bytes < 1 ? 0 : Math.min(WIDTHS.length - 1, Math.floor(Math.max(0, Math.log10(bytes) - 2) / 2));
}

function lineWidth(bundle) {
  return WIDTHS[bucket(bundle.bytes)] * Math.min(1.3, Math.max(0.4, Math.sqrt(view.k)));
}

// The four points of a bundle's curve. What needs stands right of what it needs; within a column and backwards it bows to the left.
function curve({ a, b }) {
  const [ax, ay, bx, by] = [place.x[a], place.y[a], place.x[b], place.y[b]];
  if (ax - bx > 40) {
    const bend = Math.min(220, (ax - bx) / 2);
    return [ax - place.r[a], ay, ax - place.r[a] - bend, ay, bx + place.r[b] + bend, by, bx + place.r[b], by];
  }
  const bow = 28 + Math.min(120, Math.abs(ay - by) / 5);
  const left = Math.min(ax, bx) - bow;
  return [ax - place.r[a], ay, Math.min(left, ax - bow), ay, Math.min(left, bx - bow), by, bx - place.r[b], by];
}

function outsideView(p, slack = 0) {
  const [left, right] = [view.x - slack, view.x + view.width / view.k + slack];
  const [top, bottom] = [view.y - slack, view.y + view.height / view.k + slack];
  return Math.max(p[0], p[2], p[4], p[6]) < left || Math.min(p[0], p[2], p[4], p[6]) > right || Math.max(p[1], p[7]) < top || Math.min(p[1], p[7]) > bottom;
}

function strokeBundles(to, bundles, colourOf, alpha, { wider = 0, slack = 0 } = {}) {
  const styles = new Map();
  for (const bundle of bundles) {
    const key = `${colourOf(bundle)} ${bundle.shut ? 2 : bundle.seen & SEEN ? 0 : 1} ${bucket(bundle.bytes)}`;
    if (styles.has(key)) styles.get(key).push(bundle);
    else styles.set(key, [bundle]);
  }
  to.globalAlpha = alpha;
  for (const alike of styles.values()) {
    const [one] = alike;
    to.strokeStyle = colourOf(one);
    to.lineWidth = (lineWidth(one) + wider) / view.k;
    to.setLineDash((one.shut ? [7, 3, 2, 3] : one.seen & SEEN ? [] : [4, 4]).map((length) => length / view.k));
    for (let from = 0; from < alike.length; from += CHUNK) {
      to.beginPath();
      for (const bundle of alike.slice(from, from + CHUNK)) {
        const p = curve(bundle);
        if (outsideView(p, slack)) continue;
        to.moveTo(p[0], p[1]);
        to.bezierCurveTo(p[2], p[3], p[4], p[5], p[6], p[7]);
      }
      to.stroke();
    }
  }
  to.setLineDash([]);
  to.globalAlpha = 1;
}

function arrowHeads(to, bundles, colourOf) {
  const length = 8 / view.k;
  for (const bundle of bundles) {
    const p = curve(bundle);
    if (outsideView(p)) continue;
    const turn = Math.atan2(p[7] - p[5], p[6] - p[4]);
    to.fillStyle = colourOf(bundle);
    to.beginPath();
    to.moveTo(p[6], p[7]);
    for (const side of [-0.45, 0.45]) to.lineTo(p[6] - length * Math.cos(turn + side), p[7] - length * Math.sin(turn + side));
    to.fill();
  }
}

function world(to) {
  to.setTransform(view.dpr * view.k, 0, 0, view.dpr * view.k, -view.x * view.k * view.dpr, -view.y * view.k * view.dpr);
}

function plainColour(bundle) {
  return bundle.shut ? theme.warn : theme.quiet;
}

function paintLayer() {
  layer.width = canvas.width;
  layer.height = canvas.height;
  world(layerPen);
  const crowd = drawn.bundles.length;
  strokeBundles(layerPen, drawn.bundles, plainColour, crowd > 4000 ? 0.28 : crowd > 1000 ? 0.4 : 0.6);
  if (crowd < 1500 && view.k > 0.35) arrowHeads(layerPen, drawn.bundles, plainColour);
  layerView = { x: view.x, y: view.y, k: view.k };
}

// Where a column's band stands on the screen; null where it is out of sight.
function bandOf(column) {
  const [left, top, wide, high] = [screenX(column.x - 14), screenY(column.y - 8), (column.width + 28) * view.k, (column.height + 16) * view.k];
  return left > view.width || left + wide < 0 || top > view.height || top + high < 0 ? null : { left, top, wide, high };
}

function paintBands() {
  pen.fillStyle = theme.raised;
  for (const column of drawn.columns) {
    const band = bandOf(column);
    if (band) pen.fillRect(band.left, band.top, band.wide, band.high);
  }
}

// Over the curves, so that no crowd of them hides which wave is which.
function paintHeadings() {
  pen.font = `600 12px ${theme.font}`;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.lineWidth = 4;
  pen.strokeStyle = theme.paper;
  pen.fillStyle = theme.quiet;
  for (const column of drawn.columns) {
    const band = bandOf(column);
    if (!band) continue;
    const text = [`${column.label}${column.when ? `, ${column.when}` : ""}`, column.label, column.label.split(",")[0], column.label.replace(/^\D+(?=\d+$)/, "")].find((one) => pen.measureText(one).width < band.wide);
    if (!text) continue;
    const y = Math.min(Math.max(band.top - 6, 16), band.top + band.high); // the heading stays in sight while its column is
    pen.strokeText(text, Math.max(band.left, 4) + 2, y);
    pen.fillText(text, Math.max(band.left, 4) + 2, y);
  }
}

function paintBoxes() {
  for (const at of opened) {
    const [left, top, wide, high] = [screenX(box.x[at]), screenY(box.y[at]), g.width[at] * view.k, g.height[at] * view.k];
    pen.fillStyle = theme.paper;
    pen.strokeStyle = state.selected && state.selected.group === at ? theme.accent : theme["line-strong"];
    pen.lineWidth = state.selected && state.selected.group === at ? 2 : 1;
    pen.beginPath();
    pen.roundRect(left, top, wide, high, 6);
    pen.fill();
    pen.stroke();
    if (view.k < 0.45) continue;
    pen.fillStyle = theme.ink;
    pen.font = `600 ${Math.min(13, 13 * view.k)}px ${theme.font}`;
    pen.textBaseline = "middle";
    pen.fillText(fitted(`\u2212 ${g.label[at]} (${members[at].length})`, wide - 16), left + 8, top + 15 * view.k);
  }
}

// The bundles of the selection, over all others: what it needs in the accent's colour, what needs it in the warning's.
function highlighted() {
  if (state.hovered && state.hovered.bundle) return [state.hovered.bundle];
  if (!state.selected) return [];
  if (state.selected.bundle) return [state.selected.bundle];
  return state.selected.bundles || [];
}

function highlightColour(bundle) {
  if (!state.selected || !state.selected.items) return theme.accent;
  return state.selected.items.has(bundle.a) ? theme.accent : theme.warn;
}

function paint() {
  frame = 0;
  spots = null;
  const same = layerView && layerView.k === view.k && layerView.x === view.x && layerView.y === view.y;
  if (!layerView) paintLayer();
  pen.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
  pen.fillStyle = theme.paper;
  pen.fillRect(0, 0, view.width, view.height);
  paintBands();
  paintBoxes();
  const scale = view.k / layerView.k;
  pen.globalAlpha = state.near || state.lit !== null ? (state.onlyNear ? 0 : 0.2) : 1;
  pen.drawImage(layer, (layerView.x - view.x) * view.k, (layerView.y - view.y) * view.k, view.width * scale, view.height * scale);
  pen.globalAlpha = 1;
  world(pen);
  const strong = highlighted();
  strokeBundles(pen, strong, highlightColour, 0.95, { wider: 0.8 });
  if (strong.length < 400) arrowHeads(pen, strong, highlightColour);
  pen.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
  paintHeadings();
  for (const item of drawn.items) paintItem(item);
  for (const item of [state.selected && state.selected.item, state.hovered]) if (typeof item === "number") paintRing(item);
  clearTimeout(settle);
  if (!same) settle = setTimeout(() => { layerView = null; requestPaint(); }, 90);
}

function paintRing(item) {
  if (isGroup(item) && opened.has(item)) return;
  pen.lineWidth = 2.5;
  pen.strokeStyle = theme.accent;
  outline(pen, shapeOf(item), screenX(place.x[item]), screenY(place.y[item]), radius(item) + 4);
  pen.stroke();
  paintName(item, screenX(place.x[item]), screenY(place.y[item]), radius(item));
}

function requestPaint() {
  if (!frame) frame = requestAnimationFrame(paint);
}

function repaintAll() {
  layerView = null;
  requestPaint();
}

function resize() {
  const frameBox = canvas.parentElement.getBoundingClientRect();
  if (!frameBox.width || !frameBox.height) return false;
  view.dpr = Math.min(2, window.devicePixelRatio || 1);
  view.width = Math.round(frameBox.width);
  view.height = Math.round(frameBox.height);
  canvas.width = Math.round(view.width * view.dpr);
  canvas.height = Math.round(view.height * view.dpr);
  layerView = null;
  return true;
}
