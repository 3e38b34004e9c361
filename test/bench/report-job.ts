import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DomainEvent, Evidence, KernelLine } from "../../lib/model/check.js";
import type { NewEvent } from "../../lib/model/event.js";
import type { CapturePoint } from "../../lib/model/path.js";
import type { CaseResult, JobPlan } from "../../lib/model/result.js";
import { buildCheck, buildJobPlan, buildPlan, stampEvents } from "../support/build.js";
import { storm } from "../support/sample-job.js";

/** What of a case's folder the reports are made from, and what they link to. */
const KEPT = /^(?:evidence\.json|collected|.*-top\.log)$/;

/**
 * Writes the folder of a job of so many cases: those of another job over and over, with their events, evidence and logs, under
 * ids of their own.
 */
export async function replicate(from: string, into: string, count: number): Promise<void> {
  const plan = JSON.parse(await readFile(join(from, "plan.json"), "utf8")) as JobPlan;
  const lines = (await readFile(join(from, "events.ndjson"), "utf8")).split("\n").filter((line) => line !== "");
  const whole = lines.map((line) => JSON.parse(line) as NewEvent);
  const began = new Set(whole.flatMap((event) => (event.type === "case-started" ? [event.caseId] : [])));
  const plans = plan.plans.filter((one) => one.verdict === "run" && began.has(one.case.id));
  const eventsOf = new Map(plans.map(({ case: { id } }) => [id, whole.filter((event) => idOf(event) === id)]));
  const copies = Array.from({ length: count }, (_, index) => {
    const one = plans[index % plans.length];
    if (one === undefined) throw new Error(`${from} has no case that began`);
    return { one, id: `${one.case.id}.n${String(index + 1).padStart(4, "0")}` };
  });
  await mkdir(into, { recursive: true });
  const told = copies.map(({ one, id }, index) => ({
    ...one,
    case: { ...one.case, id, variants: [...one.case.variants, `a${index % 10}`, `b${Math.floor(index / 10)}`] },
  }));
  await writeFile(join(into, "plan.json"), JSON.stringify({ ...plan, plans: told }));
  const job = whole.filter((event) => idOf(event) === undefined);
  const renamed = copies.flatMap(({ one, id }, index) =>
    (eventsOf.get(one.case.id) ?? []).map((event) => asCopy(event, told[index]?.case ?? one.case, id)),
  );
  await writeFile(
    join(into, "events.ndjson"),
    [...job.slice(0, -1), ...renamed, ...job.slice(-1)].map((event) => `${JSON.stringify(event)}\n`).join(""),
  );
  for (const { one, id } of copies) {
    const source = join(from, "test-results", one.case.id);
    const names = (await readdir(source)).filter((name) => KEPT.test(name));
    for (const name of names) await cp(join(source, name), join(into, "test-results", id, name), { recursive: true });
  }
}

const idOf = (event: NewEvent): string | undefined =>
  event.type === "case-ended" ? event.result.case.id : "caseId" in event ? event.caseId : undefined;

function asCopy(event: NewEvent, own: CaseResult["case"], id: string): NewEvent {
  if (event.type === "case-ended") return { ...event, result: { ...event.result, case: { ...own, id } } };
  return "caseId" in event ? { ...event, caseId: id } : event;
}

/** Writes the folder of a job of ten cases as a lab's looks: every tenth went wrong, and all were watched with probes. */
export async function writeSample(folder: string): Promise<void> {
  const cases = Array.from({ length: 10 }, (_, index) => {
    const result = storm(index + 1, `orderly.precopy.stressed.v${index + 1}`, 90);
    return index === 0 ? wrong(result) : result;
  });
  const events = cases.flatMap((result): NewEvent[] => {
    const { commands, migrations, phases, settings: _, ...verdict } = result;
    const caseId = result.case.id;
    return [
      { type: "case-started", caseId },
      ...phases.flatMap(({ name }): NewEvent[] => [
        { type: "step-started", caseId, step: name },
        { type: "step-ended", caseId, step: name },
      ]),
      ...commands.map((command): NewEvent => ({ type: "command", caseId, command })),
      ...migrations.map((record): NewEvent => ({ type: "migration-ended", caseId, record })),
      { type: "case-ended", result: verdict },
    ];
  });
  await mkdir(folder, { recursive: true });
  const plan = buildJobPlan({ plans: cases.map((result) => buildPlan({ case: result.case })) });
  await writeFile(join(folder, "plan.json"), JSON.stringify(plan));
  const all: NewEvent[] = [
    { type: "job-started", jobId: plan.jobId },
    ...events,
    { type: "job-ended", interrupted: false, leftovers: [] },
  ];
  await writeFile(
    join(folder, "events.ndjson"),
    stampEvents(all)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(""),
  );
  for (const result of cases) {
    const own = join(folder, "test-results", result.case.id);
    await mkdir(join(own, "collected"), { recursive: true });
    await writeFile(join(own, "evidence.json"), JSON.stringify(evidenceOf(result), null, 2));
    await writeFile(join(own, "h1-top.log"), text("top - 20:00:00 up 3 min, load average 0.70", 200));
    if (result.status === "FAIL")
      for (const host of ["h1", "h2"])
        await writeFile(join(own, "collected", `${host}.txt`), text("LISTEN 0 128 198.51.100.1:16509 libvirtd", 3_000));
  }
}

const wrong = (result: CaseResult): CaseResult => ({
  ...result,
  status: "FAIL",
  checks: [
    ...result.checks,
    buildCheck({ check: "host-kernel-log", status: "FAIL", message: "h1: a BUG", lines: [{ place: "h1", line: 60 }] }),
  ],
});

const text = (line: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${line} ${index}\n`).join("");

/** As much as a case with probes gathers in the lab: about 100 KB as it is stored. */
function evidenceOf(result: CaseResult): Partial<Evidence> {
  const { legs, migrations } = result;
  const [startMs, endMs] = [legs[0]?.startMs ?? 0, legs.at(-1)?.endMs ?? 1];
  const seconds = Math.ceil((endMs - startMs) / 1_000);
  const added: KernelLine[] = Array.from({ length: 120 }, (_, index) => ({
    ...{ level: 6, text: `br0: port 2(vnet${index}) entered forwarding state`, atMs: startMs + index },
  }));
  const events: DomainEvent[] = migrations.flatMap(({ guest, startMs: atMs = 0, source }) =>
    [1, 2, 3].map((pass) => ({
      ...{ atMs: atMs + pass * 100, host: source, guest },
      ...{ event: "migration-iteration", detail: `iteration: '${pass}'` },
    })),
  );
  const points = (count: number): (readonly [number, number])[] =>
    Array.from({ length: count }, (_, index) => [startMs + (index * (endMs - startMs)) / count, index * 0.3] as const);
  const series = Array.from({ length: seconds }, (_, second) =>
    (["in", "out"] as const).map(
      (direction): CapturePoint => ({ second, interface: "eth1", group: "data", direction, side: "to", bytes: 9e6 }),
    ),
  ).flat();
  const hosts = ["h1", "h2"];
  return {
    ...{ case: result.case, legs, migrations, events, eventGaps: [], guests: [], load: [], boots: [] },
    hosts: hosts.map((host) => ({ host, kernelLog: { added } })),
    faults: [{ do: "block-data", host: "h2", leg: 1, startMs }],
    progress: migrations.map(({ leg, guest, startMs: atMs = 0 }) => ({
      ...{ leg, guest, pageSizeBytes: 4096 },
      points: Array.from({ length: 20 }, (_, index) => [atMs + index * 50, 2e8 - index * 1e7, 900, 1] as const),
    })),
    path: {
      ...{ legs: [], totals: [] },
      captures: hosts.map((host) => ({ host, packets: 9, startMs, counts: [], series })),
      cpu: hosts.flatMap((host) =>
        ["host", "libvirt", "qemu g1", "qemu g2"].map((process) => ({ host, process, points: points(60) })),
      ),
      classes: hosts.map((host) => ({
        ...{ host, interface: "eth1", id: "1:30" },
        points: points(60).map(([ms, value]) => [ms, value * 1e6, 0, 0, 0, 0, 0] as const),
      })),
    },
  };
}
