// Colours by wave, risk or account; each comes with a sign that says the same in black and white.
// Waves: cividis (Nunez, Anderton and Renslow, 2018). Accounts: Okabe and Ito (2008). Both hold for the common kinds of colour blindness.
const CIVIDIS = ["#fee838", "#e1cc55", "#c3b369", "#a59c74", "#8a8678", "#707173", "#575d6d", "#3b496c", "#123570", "#00224e"];
const OKABE_ITO = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999"];
const RISK = { low: ["#bcdcf0", "L"], medium: ["#f0cf5b", "M"], high: ["#dd7626", "H"], critical: ["#8d1b45", "C"] };
const LEVELS = ["low", "medium", "high", "critical"];

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function ramp(share) {
  const at = share * (CIVIDIS.length - 1);
  const [low, high] = [channels(CIVIDIS[Math.floor(at)]), channels(CIVIDIS[Math.min(CIVIDIS.length - 1, Math.floor(at) + 1)])];
  return `#${low.map((value, k) => Math.round(value + (high[k] - value) * (at % 1)).toString(16).padStart(2, "0")).join("")}`;
}

// Black or white, whichever has the higher contrast on *hex* (WCAG's relative luminance).
function inkOn(hex) {
  const [red, green, blue] = channels(hex).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

function letters(at) {
  return at < 26 ? String.fromCharCode(65 + at) : `${letters(Math.floor(at / 26) - 1)}${letters(at % 26)}`;
}

function byWave() {
  const waves = [...new Set(n.wave)].filter(Boolean).sort((a, b) => a - b);
  const found = new Map(waves.map((wave, at) => {
    const colour = ramp(waves.length > 1 ? at / (waves.length - 1) : 0);
    return [wave, { key: wave, label: `Wave ${wave}`, sign: String(wave), colour }];
  }));
  found.set(0, { key: 0, label: "No wave", sign: "", colour: null });
  return { of: (i) => found.get(n.wave[i]), all: [...found.values()], dominant: mostFrequent };
}

function byRisk() {
  const found = new Map(LEVELS.map((level) => [level, { key: level, label: level, sign: RISK[level][1], colour: RISK[level][0] }]));
  found.set("", { key: "", label: "not scored", sign: "", colour: null });
  const highest = (entries) => entries.reduce((a, b) => (LEVELS.indexOf(b.key) > LEVELS.indexOf(a.key) ? b : a));
  return { of: (i) => found.get(word(n.risk[i])) || found.get(""), all: [...found.values()], dominant: highest };
}

function byAccount() {
  const accounts = [...new Set(n.account)].filter((number) => number >= 0).sort((a, b) => comparable(word(a), word(b)));
  const found = new Map(accounts.map((number, at) => [number, { key: number, label: word(number), sign: letters(at), colour: OKABE_ITO[at % OKABE_ITO.length] }]));
  found.set(-1, { key: -1, label: "outside", sign: "", colour: null });
  return { of: (i) => found.get(n.account[i]), all: [...found.values()], dominant: mostFrequent };
}

function mostFrequent(entries) {
  const tally = new Map();
  for (const entry of entries) tally.set(entry, (tally.get(entry) || 0) + 1);
  return [...tally].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

const SCHEMES = { wave: byWave(), risk: byRisk(), account: byAccount() };
let scheme = SCHEMES.wave;
const looks = new Map();

function chooseScheme(name) {
  scheme = SCHEMES[name];
  looks.clear();
}

// What an item looks like: its strongest entry, and the shares of all entries among its nodes.
function lookOf(item) {
  let look = looks.get(item);
  if (!look) {
    const entries = nodesOf(item).map(scheme.of);
    const parts = new Map();
    for (const entry of entries) parts.set(entry, (parts.get(entry) || 0) + 1);
    look = { main: scheme.dominant(entries), parts: scheme.all.filter((entry) => parts.has(entry)).map((entry) => [entry, parts.get(entry) / entries.length]) };
    looks.set(item, look);
  }
  return look;
}

function shapeOf(item) {
  const i = isGroup(item) ? members[item][0] : item - GROUPS;
  const kind = kinds[n.group[i]];
  if (kind === "outside") return "diamond";
  if (kind === "stays") return "square";
  return kind === "shared" || n.shared[i] >= 0 ? "hexagon" : "circle";
}
