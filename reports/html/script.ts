import { GRID_SCRIPT } from "./script-grid.js";

/**
 * The page's only script: filters, sorting, and opening the case that a link points to. The page is complete without it.
 * It reads the table that is there and writes no markup, only elements and their text, so that nothing in the page can become
 * code.
 */
export const SCRIPT = `
const $ = (selector) => [...document.querySelectorAll(selector)];
const body = document.querySelector("table.all tbody");
const rows = $("table.all tbody tr").map((row, i) => ({ row, i, verdict: row.dataset.v, text: row.textContent.toLowerCase() }));
const details = $("details.case");
const chips = $(".chip");
const form = document.querySelector(".filter");
const find = form.querySelector("input");
const chosen = new Set();
let picked;

function show() {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const { row, i, verdict, text } of rows) {
    const isShown = (chosen.size === 0 || chosen.has(verdict)) && words.every((word) => text.includes(word)) && (picked === undefined || picked.of.has(i));
    row.hidden = !isShown;
    if (details[i]) details[i].hidden = !isShown;
    if (isShown) count += 1;
  }
  form.querySelector("output").textContent = (count === rows.length ? "" : count + " of ") + rows.length + (rows.length === 1 ? " case" : " cases") + (picked === undefined ? "" : ", only " + picked.name);
  for (const chip of chips) chip.setAttribute("aria-pressed", String(chosen.has(chip.dataset.v)));
}

for (const chip of chips) chip.addEventListener("click", () => {
  if (!chosen.delete(chip.dataset.v)) chosen.add(chip.dataset.v);
  show();
});
find.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(() => { chosen.clear(); choose(undefined); }));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
  event.preventDefault();
  find.focus();
});

const valueOf = (cell) => { const number = Number.parseFloat(cell.textContent); return Number.isNaN(number) ? cell.textContent : number; };
$("table.all th").forEach((th, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...th.childNodes);
  th.append(button);
  button.addEventListener("click", () => {
    const isDown = th.getAttribute("aria-sort") === "ascending" || (th.className === "n" && column > 0 && !th.hasAttribute("aria-sort"));
    for (const other of $("table.all th")) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    const keyed = rows.map(({ row, i }) => ({ row, i, value: valueOf(row.cells[column]) }));
    const compare = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
    keyed.sort((a, b) => (typeof a.value === typeof b.value && isDown ? -1 : 1) * compare(a.value, b.value) || a.i - b.i);
    body.append(...keyed.map(({ row }) => row));
  });
});

for (const button of $("[data-all]")) button.addEventListener("click", () => {
  for (const one of details) if (!one.hidden) one.open = button.dataset.all === "open";
});

function reveal() {
  const target = /^#case-\\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (!target) return;
  const one = target.closest("details");
  one.hidden = false;
  one.open = true;
  one.querySelector("summary").focus({ preventScroll: true });
  one.scrollIntoView();
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => { if (event.target.closest('a[href^="#case-"]')) setTimeout(reveal); });

${GRID_SCRIPT}
form.hidden = false;
for (const element of $(".js")) element.hidden = false;
show();
reveal();
`;
