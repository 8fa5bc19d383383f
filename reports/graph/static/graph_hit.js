// What lies under the pointer.
function itemAt(px, py) {
  let best = null;
  let nearest = 8;
  for (const item of drawn.items) {
    const away = Math.hypot(screenX(place.x[item]) - px, screenY(place.y[item]) - py) - radius(item);
    if (away < nearest) [best, nearest] = [item, Math.min(away, nearest)];
  }
  return best;
}

function boxAt(px, py) {
  const [x, y] = [view.x + px / view.k, view.y + py / view.k];
  return [...opened].find((at) => x > box.x[at] && x < box.x[at] + g.width[at] && y > box.y[at] && y < box.y[at] + 30) ?? null;
}

function bundleAt(px, py) {
  const [x, y] = [view.x + px / view.k, view.y + py / view.k];
  const reach = 6 / view.k;
  let best = null;
  let nearest = reach;
  const candidates = state.near && state.selected.bundles ? state.selected.bundles : drawn.bundles;
  for (const bundle of candidates) {
    const p = curve(bundle);
    if (Math.min(p[0], p[2], p[4], p[6]) > x + reach || Math.max(p[0], p[2], p[4], p[6]) < x - reach) continue;
    if (Math.min(p[1], p[7]) > y + reach || Math.max(p[1], p[7]) < y - reach) continue;
    const away = distance(p, x, y);
    if (away < nearest) [best, nearest] = [bundle, away];
  }
  return best;
}

// To the nearest of 24 chords of the curve.
function distance(p, x, y) {
  let least = Infinity;
  let [fromX, fromY] = [p[0], p[1]];
  for (let step = 1; step <= 24; step += 1) {
    const t = step / 24;
    const u = 1 - t;
    const toX = u * u * u * p[0] + 3 * u * u * t * p[2] + 3 * u * t * t * p[4] + t * t * t * p[6];
    const toY = u * u * u * p[1] + 3 * u * u * t * p[3] + 3 * u * t * t * p[5] + t * t * t * p[7];
    const [dx, dy] = [toX - fromX, toY - fromY];
    const along = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - fromX - along * dx, y - fromY - along * dy));
    [fromX, fromY] = [toX, toY];
  }
  return least;
}
