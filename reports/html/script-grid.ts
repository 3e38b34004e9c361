/** Draws the matrix from the list and narrows the list to a cell. Part of the page's one script; see `script.ts`. */
export const GRID_SCRIPT = `
const GRAVEST = ["FAIL", "ERROR", "INTERRUPTED", "WARN", "PASS", "CANCEL", "SKIP"];
const MOST_ROWS = 500;
const ALL_OTHERS = "others";
const gridForm = document.querySelector(".gridform");
const scenarios = $(".axes > ul").map((ul) => ({
  name: ul.dataset.name,
  axes: [...ul.children].map((li) => [...li.querySelectorAll("li")].map((word) => word.textContent)),
}));

function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const wordOf = (axes, axis, place) => place === "" || place === undefined ? "–" : axes[axis][place];
const placesOf = ({ row }) => row.dataset.a.split(",");
const inScenario = (index) => rows.filter(({ row }) => row.dataset.s === String(index));

function fillAxes() {
  const { axes } = scenarios[gridForm.scenario.selectedIndex];
  const cases = inScenario(gridForm.scenario.selectedIndex);
  const differ = axes.map((_, axis) => axis).filter((axis) => new Set(cases.map((one) => placesOf(one)[axis])).size > 1);
  const label = (axis) => axes[axis].slice(0, 4).join(", ") + (axes[axis].length > 4 ? ", …" : "");
  for (const select of [gridForm.rows, gridForm.columns]) select.replaceChildren(...differ.map((axis) => make("option", label(axis), { value: axis })));
  const bySize = [...differ].sort((a, b) => axes[b].length - axes[a].length);
  const isSmall = differ.length < 4 && cases.length <= 120;
  gridForm.rows.prepend(make("option", "every other axis", { value: ALL_OTHERS }));
  gridForm.rows.value = isSmall ? ALL_OTHERS : String(bySize[0]);
  gridForm.columns.value = String((isSmall ? bySize[0] : bySize[1]) ?? "");
}

function cellOf(cases, name) {
  const counts = new Map();
  for (const { verdict } of cases) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const verdict = GRAVEST.find((one) => counts.has(one));
  const silences = cases.map(({ row }) => Number.parseFloat(row.cells[4].textContent)).filter((ms) => !Number.isNaN(ms));
  const told = GRAVEST.filter((one) => counts.has(one)).map((one) => counts.get(one) + " " + one).join(", ");
  const downtime = silences.length === 0 ? "downtime not measured" : "longest downtime " + Math.max(...silences) + " ms";
  const button = make("button", verdict[0], { type: "button", class: verdict, title: name + ": " + told + "; " + downtime, "aria-label": name + ": " + told + "; " + downtime, "aria-pressed": "false", tabindex: "-1" });
  if (cases.length > 1) button.append(make("small", (counts.size > 1 ? counts.get(verdict) + "/" : "") + cases.length));
  button.addEventListener("click", () => {
    const isOff = button.getAttribute("aria-pressed") === "true";
    choose(isOff ? undefined : { name, of: new Set(cases.map(({ i }) => i)) });
    if (isOff) return;
    button.setAttribute("aria-pressed", "true");
    document.querySelector("#all").scrollIntoView();
  });
  return button;
}

function choose(next) {
  for (const pressed of $(".grid [aria-pressed=true]")) pressed.setAttribute("aria-pressed", "false");
  picked = next;
  show();
}

function drawGrid() {
  const scenario = gridForm.scenario.selectedIndex;
  const { axes } = scenarios[scenario];
  const column = Number(gridForm.columns.value);
  const others = gridForm.rows.value === ALL_OTHERS;
  const rowAxes = others ? [...gridForm.rows.options].map(({ value }) => value).filter((value) => value !== ALL_OTHERS && Number(value) !== column).map(Number) : [Number(gridForm.rows.value)];
  const lines = new Map();
  const columns = new Set();
  for (const one of inScenario(scenario)) {
    const places = placesOf(one);
    const words = rowAxes.map((axis) => wordOf(axes, axis, places[axis]));
    const name = others ? words.filter((word) => word !== "–").join(" ") || "all cases" : words[0];
    if (!lines.has(name)) lines.set(name, new Map());
    const line = lines.get(name);
    const at = wordOf(axes, column, places[column]);
    columns.add(at);
    line.set(at, [...(line.get(at) ?? []), one]);
  }
  const inOrder = [...axes[column], "–"].filter((word) => columns.has(word));
  const table = make("table");
  const head = make("tr");
  head.append(make("td"), ...inOrder.map((word) => make("th", word, { scope: "col" })));
  table.append(make("thead"), make("tbody"));
  table.tHead.append(head);
  for (const [name, line] of [...lines].slice(0, MOST_ROWS)) {
    const tr = make("tr");
    tr.append(make("th", name, { scope: "row" }), ...inOrder.map((word) => {
      const td = make("td");
      if (line.has(word)) td.append(cellOf(line.get(word), name + ", " + word));
      return td;
    }));
    table.tBodies[0].append(tr);
  }
  const grid = document.querySelector(".grid");
  grid.replaceChildren(table, ...(lines.size > MOST_ROWS ? [make("p", "… " + (lines.size - MOST_ROWS) + " more rows: choose one axis for the rows", { class: "more" })] : []));
  grid.querySelector("button")?.setAttribute("tabindex", "0");
  if (picked !== undefined) choose(undefined);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
function moveInGrid(event) {
  const step = STEPS[event.key];
  const cell = event.target.closest(".grid td");
  if (!step || !cell) return;
  event.preventDefault();
  const all = cell.closest("tbody").rows;
  let [y, x] = [cell.parentElement.sectionRowIndex, cell.cellIndex];
  for (;;) {
    [y, x] = [y + step[0], x + step[1]];
    const next = all[y]?.cells[x];
    if (!next) return;
    const button = next.querySelector("button");
    if (!button) continue;
    event.target.setAttribute("tabindex", "-1");
    button.setAttribute("tabindex", "0");
    button.focus();
    return;
  }
}

if (gridForm) {
  gridForm.scenario.replaceChildren(...scenarios.map(({ name }, index) => make("option", name, { value: index })));
  gridForm.scenario.closest("label").hidden = scenarios.length < 2;
  gridForm.addEventListener("submit", (event) => event.preventDefault());
  gridForm.scenario.addEventListener("change", () => { fillAxes(); drawGrid(); });
  for (const select of [gridForm.rows, gridForm.columns]) select.addEventListener("change", drawGrid);
  document.querySelector(".grid").addEventListener("keydown", moveInGrid);
  fillAxes();
  drawGrid();
}
`;
