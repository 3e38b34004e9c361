/**
 * The script of the page of `serve`. It puts what the stream tells into the page as text only, and makes no markup of it; a
 * link is made of a case's id, encoded.
 */
export const LIVE_SCRIPT = `
const main = document.querySelector("main");
const by = (id) => document.getElementById(id);
const put = (id, text) => { const to = by(id); if (to.textContent !== text) to.textContent = text; };
const row = (...cells) => {
  const tr = document.createElement("tr");
  for (const cell of cells) { const td = document.createElement("td"); td.append(cell); tr.append(td); }
  return tr;
};
const marked = (status) => { const b = document.createElement("b"); b.className = status; b.textContent = status; return b; };
const linked = (id) => {
  const a = document.createElement("a");
  a.href = main.dataset.files + "test-results/" + encodeURIComponent(id) + "/";
  a.textContent = id;
  return a;
};
const span = (ms) => !Number.isFinite(ms) ? "?" : ms < 60000 ? (ms / 1000).toFixed(1) + " s" : Math.floor(ms / 60000) + " min " + Math.floor(ms / 1000 % 60) + " s";
const since = (iso) => span(Math.max(0, Date.now() - Date.parse(iso)));
const remaining = (m) => m.remainingMiB === undefined ? "not told yet" : m.remainingMiB + " of " + (m.totalMiB ?? "?") + " MiB";
let last;
let top = "";

function tell() {
  if (!last) return;
  const { state } = last;
  const quiet = state.lastAt && !state.end ? "; last event " + since(state.lastAt) + " ago" : "";
  put("told", (state.end ? (state.end === "ended" ? "Ended" : "Interrupted") : state.startedAt ? "Not ended" : "Nothing yet") + quiet);
  put("now", state.current ? state.current.caseId + ", " + since(state.current.startedAt) + (state.current.step ? ": " + state.current.step : "") : "No case is under way.");
}

function show(news) {
  if (news.job !== main.dataset.job) { location.reload(); return; }
  last = news;
  const { state, planned } = news;
  const shown = Object.entries(state.counts).filter(([, count]) => count > 0).map(([status, count]) => count + " " + status);
  put("headline", state.jobId ?? news.job);
  put("counts", state.judged + (planned === undefined ? "" : " of " + planned) + " cases" + (shown.length ? ": " + shown.join(", ") : ""));
  by("progress").max = Math.max(1, planned ?? state.judged);
  by("progress").value = state.judged;
  by("legs").hidden = state.migrations.length === 0;
  by("legs").tBodies[0].replaceChildren(...state.migrations.map((m) =>
    row(String(m.leg), m.guest, m.source + " → " + m.target, remaining(m), m.megabytesPerS === undefined ? "" : String(m.megabytesPerS), since(m.startedAt))));
  const now = JSON.stringify(state.verdicts);
  if (now !== top) by("verdicts").tBodies[0].replaceChildren(...state.verdicts.map((v) =>
    row(marked(v.status), linked(v.caseId), v.why ?? "", span(v.durationMs))));
  top = now;
  tell();
}

const stream = new EventSource(main.dataset.events);
stream.addEventListener("state", (event) => show(JSON.parse(event.data)));
stream.addEventListener("error", () => put("told", "The stream broke off; trying again."));
setInterval(tell, 1000);
`;
