// One table over columns of data: search, filters, sorting, pages, copy as CSV. Text only ever enters the page as text.
const PAGE_ROWS = 50;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(text) {
  document.getElementById("live").textContent = text;
}

// A spreadsheet must not take a name for a formula, nor a comma for a border.
function csvCell(value) {
  let text = value === null || value === undefined ? "" : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("the browser refused to copy");
  }
}

function comparable(a, b) {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1; // what is missing comes last
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

class DataTable {
  // spec: id, noun, rows (count), columns [{key, sort(i), csv(i), csvName}], render(i) -> tr, text(i) -> string, filters {key: {words, value(i)}}
  constructor(spec) {
    this.spec = spec;
    this.tools = document.getElementById(`${spec.id}-tools`);
    this.pager = document.getElementById(`${spec.id}-pager`);
    this.table = document.getElementById(`${spec.id}-table`);
    if (!this.table) return;
    this.page = 0;
    this.sortKey = null;
    this.descending = false;
    this.haystack = null;
    this.shown = Array.from({ length: spec.rows }, (_, i) => i);
    this.wireTools();
    this.wireHead();
    this.wirePager();
    this.draw();
    // A header can only stick to the window where nothing between them scrolls, so only a table that fits gets one.
    this.frame = this.table.parentElement;
    new ResizeObserver(() => this.fit()).observe(this.frame);
    new ResizeObserver(() => this.fit()).observe(this.table);
  }

  fit() {
    this.frame.classList.toggle("fits", this.table.offsetWidth <= this.frame.clientWidth);
  }

  wireTools() {
    this.tools.hidden = false;
    document.getElementById(`${this.spec.id}-rest`)?.remove();
    this.search = this.tools.querySelector("input");
    let pending = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(pending);
      pending = setTimeout(() => this.refresh(), 120);
    });
    this.selects = [...this.tools.querySelectorAll("select")];
    for (const select of this.selects) {
      const filter = this.spec.filters[select.dataset.filter];
      for (const [value, label] of filter.options) {
        const option = element("option", "", label);
        option.value = String(value);
        select.append(option);
      }
      select.closest("label").hidden = filter.options.length < 2;
      select.addEventListener("change", () => this.refresh());
    }
    this.tools.querySelector(".copy").addEventListener("click", () => this.copy());
  }

  wireHead() {
    for (const th of this.table.tHead.querySelectorAll("th[data-key]")) {
      const button = element("button", "", th.textContent);
      button.type = "button";
      th.replaceChildren(button);
      button.addEventListener("click", () => this.sort(th));
    }
  }

  wirePager() {
    this.pager.hidden = false;
    for (const button of this.pager.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        this.page += Number(button.dataset.step);
        this.draw();
        this.table.scrollIntoView({ block: "start" });
      });
    }
  }

  sort(th) {
    const key = th.dataset.key;
    const numeric = th.classList.contains("num");
    this.descending = this.sortKey === key ? !this.descending : numeric;
    this.sortKey = key;
    for (const other of this.table.tHead.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
    this.refresh();
  }

  choose(filter, value) {
    for (const select of this.selects) select.value = select.dataset.filter === filter ? String(value) : "";
    this.search.value = "";
    this.refresh();
  }

  refresh() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !this.haystack) {
      this.haystack = Array.from({ length: this.spec.rows }, (_, i) => this.spec.text(i).toLowerCase());
    }
    const wanted = this.selects.filter((select) => select.value !== "").map((select) => [this.spec.filters[select.dataset.filter].value, Number(select.value)]);
    this.shown = [];
    for (let i = 0; i < this.spec.rows; i += 1) {
      if (wanted.every(([value, number]) => value(i) === number) && words.every((word) => this.haystack[i].includes(word))) this.shown.push(i);
    }
    if (this.sortKey) {
      const { sort } = this.spec.columns.find((column) => column.key === this.sortKey);
      const values = new Map(this.shown.map((i) => [i, sort(i)]));
      const sign = this.descending ? -1 : 1;
      this.shown.sort((a, b) => {
        const [x, y] = [values.get(a), values.get(b)];
        const order = comparable(x, y);
        return (x === null || y === null ? order : sign * order) || a - b;
      });
    }
    this.page = 0;
    this.draw();
    say(`${count(this.shown.length, this.spec.noun)} shown`);
  }

  draw() {
    const from = this.page * PAGE_ROWS;
    const rows = this.shown.slice(from, from + PAGE_ROWS);
    const body = this.table.tBodies[0];
    if (rows.length) {
      body.replaceChildren(...rows.map((i) => this.spec.render(i)));
    } else {
      const cell = element("td", "empty-row", "Nothing matches. Clear the search or a filter.");
      cell.colSpan = this.table.tHead.rows[0].cells.length;
      const row = element("tr");
      row.append(cell);
      body.replaceChildren(row);
    }
    const of = this.shown.length === this.spec.rows ? "" : `, filtered from ${number(this.spec.rows)}`;
    this.pager.querySelector(".range").textContent = rows.length
      ? `${number(from + 1)}${DASH}${number(from + rows.length)} of ${count(this.shown.length, this.spec.noun)}${of}`
      : `0 of ${count(this.spec.rows, this.spec.noun)}`;
    const [previous, next] = this.pager.querySelectorAll("button");
    previous.disabled = this.page === 0;
    next.disabled = from + PAGE_ROWS >= this.shown.length;
    previous.parentElement.hidden = this.shown.length <= PAGE_ROWS;
  }

  async copy() {
    const head = this.spec.csv.map(([name]) => csvCell(name)).join(",");
    const lines = this.shown.map((i) => this.spec.csv.map(([, value]) => csvCell(value(i))).join(","));
    try {
      await copyText([head, ...lines].join("\r\n") + "\r\n");
      say(`${count(this.shown.length, this.spec.noun)} copied`);
      this.flash("Copied");
    } catch {
      this.flash("Not copied: the browser refused");
    }
  }

  flash(text) {
    const button = this.tools.querySelector(".copy");
    button.textContent = text;
    setTimeout(() => { button.textContent = "Copy as CSV"; }, 2000);
  }
}
