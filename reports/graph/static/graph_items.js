// Items on the canvas: their shapes, colours, signs and names.
function outline(to, shape, x, y, r) {
  to.beginPath();
  if (shape === "circle" || r < 3) {
    to.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  if (shape === "square") {
    to.rect(x - r * 0.86, y - r * 0.86, r * 1.72, r * 1.72);
    return;
  }
  const corners = shape === "diamond" ? 4 : 6;
  for (let at = 0; at < corners; at += 1) {
    const turn = (2 * Math.PI * at) / corners;
    to.lineTo(x + r * 1.12 * Math.cos(turn), y + r * 1.12 * Math.sin(turn));
  }
  to.closePath();
}

function radius(item) {
  return Math.max(2, place.r[item] * Math.min(1.6, view.k));
}

function dimmed(item) {
  if (state.near && !state.near.has(item)) return true;
  return state.lit !== null && !lookOf(item).parts.some(([entry]) => entry.key === state.lit);
}

function paintItem(item) {
  const [x, y, r] = [screenX(place.x[item]), screenY(place.y[item]), radius(item)];
  if (x < -r - 200 || y < -r - 20 || x > view.width + r || y > view.height + r) return;
  const look = lookOf(item);
  const shape = shapeOf(item);
  const faint = dimmed(item);
  if (faint && state.onlyNear) return;
  pen.globalAlpha = faint ? 0.22 : 1;
  outline(pen, shape, x, y, r);
  pen.fillStyle = look.main.colour || theme.paper;
  pen.fill();
  if (look.parts.length > 1 && r >= 5) paintShares(look.parts, shape, x, y, r);
  pen.lineWidth = r < 4 ? 0.75 : 1.25;
  pen.strokeStyle = theme.ink;
  outline(pen, shape, x, y, r);
  pen.stroke();
  if (isGroup(item) && g.cyclic[item] && r >= 4) {
    outline(pen, shape, x, y, r + 3);
    pen.stroke();
  }
  if (r >= 8 && look.main.sign) {
    pen.font = `600 ${Math.min(12, Math.round(r * 1.1))}px ${theme.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = inkOn(look.main.colour);
    if (look.parts.length > 1) { // on a pie of several colours the sign needs a ground of its own
      pen.beginPath();
      pen.arc(x, y, Math.min(r * 0.7, 9), 0, 2 * Math.PI);
      pen.fillStyle = theme.paper;
      pen.fill();
      pen.fillStyle = theme.ink;
    }
    pen.fillText(look.main.sign, x, y + 0.5);
  }
  paintName(item, x, y, r);
  pen.globalAlpha = 1;
}

function paintShares(parts, shape, x, y, r) {
  pen.save();
  outline(pen, shape, x, y, r);
  pen.clip();
  let from = -Math.PI / 2;
  for (const [entry, part] of parts) {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, r * 1.2, from, from + part * 2 * Math.PI);
    pen.fillStyle = entry.colour || theme.paper;
    pen.fill();
    from += part * 2 * Math.PI;
  }
  pen.restore();
}

const measured = new Map();

function fitted(text, room) {
  const key = `${pen.font}\n${text}`;
  let full = measured.get(key);
  if (full === undefined) {
    full = pen.measureText(text).width;
    measured.set(key, full);
  }
  if (full <= room) return text;
  return middle(text, Math.max(1, Math.floor((text.length * room) / full) - 1));
}

// Of this painting: rows of the canvas -> the left edges of what is drawn in them. A name may run on as far as nothing is in its way.
const SPOT_ROW = 16;
let spots = null;

function freeRight(begin, y) {
  if (!spots) {
    spots = new Map();
    for (const item of drawn.items) {
      const row = Math.floor(screenY(place.y[item]) / SPOT_ROW);
      if (!spots.has(row)) spots.set(row, []);
      spots.get(row).push(screenX(place.x[item]) - radius(item));
    }
  }
  const at = Math.floor(y / SPOT_ROW);
  let end = view.width;
  for (const row of [at - 1, at, at + 1]) {
    for (const left of spots.get(row) || []) if (left > begin && left < end) end = left;
  }
  return end - begin - 8;
}

function paintName(item, x, y, r) {
  const called = state.hovered === item || (state.selected && state.selected.item === item);
  const high = (isGroup(item) ? g.slot[item] : 20) * view.k;
  const room = isGroup(item) ? (LANE - 40) * view.k - r : 150 * view.k;
  if (!called && (high < 12.5 || room < 36)) return;
  pen.font = `${called ? 600 : 400} 12px ${theme.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  const amount = isGroup(item) && members[item].length > 1 ? ` (${members[item].length})` : "";
  const whole = middle(nameOf(item), 60) + amount;
  let text = whole;
  if (!called && fitted(whole, room) !== whole) text = fitted(whole, Math.max(room, freeRight(x + r + 5, y)));
  pen.lineWidth = 3.5;
  pen.lineJoin = "round";
  pen.strokeStyle = theme.paper;
  pen.strokeText(text, x + r + 5, y);
  pen.fillStyle = theme.ink;
  pen.fillText(text, x + r + 5, y);
}
