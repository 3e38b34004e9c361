import type { CaseResult, HostFacts, JobResult } from "../../lib/model/result.js";
import { scaleTexts } from "../scale-text.js";
import type { Twins } from "./numbers.js";

/** Something that two jobs do not have in common. Absent on one side: it had none. */
export interface Change {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

/** A parameter that cases of both jobs have with different values. */
export interface ParamChange extends Change {
  readonly cases: number;
  /** One of those cases. */
  readonly example: string;
}

type Settled = Pick<JobResult, "jobId" | "version" | "hosts" | "profile">;

const OF_HOST: readonly (readonly [name: string, read: (facts: HostFacts) => string])[] = [
  ["name", ({ host }) => host],
  ["system", ({ system }) => system],
  ["libvirt", ({ libvirtVersion }) => libvirtVersion],
  ["QEMU", ({ qemuVersion }) => qemuVersion],
  ["virtualisation", ({ virtType }) => virtType],
  ["UUID", ({ hostUuid }) => hostUuid],
  ["SELinux", ({ seLinux }) => seLinux],
  ["daemons", ({ daemons }) => [...daemons].sort().join(" ")],
  ["tools", ({ tools }) => [...tools].sort().join(" ")],
];

/** Versions and settings that may make two jobs differ, by name. Hosts count by their part: 1 is the source. */
export function settingsOf({ jobId, version, hosts, profile }: Settled): Map<string, string> {
  const ownNames = withoutJobKey(jobId);
  return new Map([
    ["migstorm", version],
    ...(profile === undefined ? [] : [["profile", `${profile.name}: ${scaleTexts(profile).join("; ")}`] as const]),
    ...hosts.flatMap((facts, index) =>
      OF_HOST.map(([name, read]) => [`host ${index + 1} ${name}`, ownNames(read(facts))] as const),
    ),
  ]);
}

/** A lab that a job brings up for itself has the job's key in its names. */
function withoutJobKey(jobId: string): (text: string) => string {
  const key = /-([0-9a-f]{7})$/.exec(jobId)?.[1];
  return (text) => (key === undefined ? text : text.replaceAll(key, "*"));
}

/** What differs between two sets of settings, in the order of the first. */
export const settingChanges = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => changeOf(name, before.get(name), after.get(name)));

const changeOf = (name: string, before: string | undefined, after: string | undefined): Change => ({
  name,
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

/** Seed and order: what makes two jobs of equal cases different runs. */
export function orderChanges(before: JobResult, after: JobResult): Change[] {
  const seeds = [String(before.seed), String(after.seed)] as const;
  const [old, now] = [orderWord(before.argv), orderWord(after.argv)];
  const isSame = inSameOrder(before.cases, after.cases);
  return [
    ...(seeds[0] === seeds[1] ? [] : [changeOf("seed", ...seeds)]),
    ...(isSame ? [] : [changeOf("order of the cases", old, old === now ? `${now}, but another one` : now)]),
  ];
}

function orderWord(argv: readonly string[]): string {
  const at = argv.indexOf("--order");
  const joined = argv.find((word) => word.startsWith("--order="))?.slice("--order=".length);
  return joined ?? (at < 0 ? undefined : argv[at + 1]) ?? "file";
}

function inSameOrder(before: readonly CaseResult[], after: readonly CaseResult[]): boolean {
  const [old, now] = [new Set(before.map(({ case: { id } }) => id)), new Set(after.map(({ case: { id } }) => id))];
  const inBefore = before.filter(({ case: { id } }) => now.has(id));
  const inAfter = after.filter(({ case: { id } }) => old.has(id));
  return inBefore.every((result, index) => result.case.id === inAfter[index]?.case.id);
}

/** Parameters that differ, each change with the number of cases that have it. */
export function paramChanges(twins: readonly Twins[]): ParamChange[] {
  const changes = new Map<string, ParamChange>();
  for (const { before, after } of twins)
    for (const change of settingChanges(flat(before.case.params), flat(after.case.params))) {
      const key = JSON.stringify(change);
      const known = changes.get(key) ?? { ...change, cases: 0, example: before.case.id };
      changes.set(key, { ...known, cases: known.cases + 1 });
    }
  return [...changes.values()];
}

export const haveEqualParams = ({ before, after }: Twins): boolean =>
  settingChanges(flat(before.case.params), flat(after.case.params)).length === 0;

/** `migration.timeout` → `120000`: each section's keys; what is deeper stays JSON. */
export function flat(params: object): Map<string, string> {
  const values = new Map<string, string>();
  for (const [section, value] of Object.entries(params) as [string, unknown][])
    if (typeof value !== "object" || value === null || Array.isArray(value)) values.set(section, JSON.stringify(value));
    else for (const [key, inner] of Object.entries(value)) values.set(`${section}.${key}`, JSON.stringify(inner));
  return values;
}
