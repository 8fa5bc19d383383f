// Restores what reports/readiness/pack.py made small: columns of texts, of sparse numbers, of hourly levels.
const LEVEL_SIGNS = ".01234";

const UNPACK = {
  $texts({ forms, form, values }) {
    const gaps = values.split(" ");
    let next = 0;
    return form.map((number) => {
      const [first, ...rest] = forms[number];
      return rest.reduce((text, piece) => text + gaps[next++] + piece, first);
    });
  },
  $numbers(text) {
    return text.split(",").map((one) => (one === "" ? null : Number(one)));
  },
  $levels(column) {
    const pairs = new Map();
    Array.from(LEVEL_SIGNS).forEach((a, i) => Array.from(LEVEL_SIGNS).forEach((b, j) => pairs.set((LEVEL_SIGNS.length * i + j).toString(36), a + b)));
    return column.map((text) => Array.from(text, (sign) => pairs.get(sign)).join(""));
  },
};

function unpack(data) {
  if (data === null || typeof data !== "object" || Array.isArray(data)) return data;
  const entries = Object.entries(data);
  if (entries.length === 1 && Object.hasOwn(UNPACK, entries[0][0])) return UNPACK[entries[0][0]](entries[0][1]);
  return Object.fromEntries(entries.map(([key, value]) => [key, unpack(value)]));
}
