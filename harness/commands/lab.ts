import { labDown } from "../../lib/lab/down.js";
import { labStatus } from "../../lib/lab/status.js";
import { labUp } from "../../lib/lab/up.js";
import { didYouMean } from "../suggest.js";

type Write = (text: string) => void;

export interface LabUpOptions {
  readonly name: string;
  readonly hosts: number;
  readonly memoryMiB?: number;
  readonly json?: boolean;
}

/** Brings a lab up and says how to use it. @returns the exit code */
export async function labUpVerb({ name, hosts, memoryMiB, json }: LabUpOptions, write: Write): Promise<number> {
  const say = json ? () => undefined : (line: string) => write(`${line}\n`);
  const lab = await labUp({ name, hosts, ...(memoryMiB === undefined ? {} : { memoryMiB }) }, say);
  if (json) write(`${JSON.stringify(lab, null, 2)}\n`);
  else
    write(
      `LAB        : ${lab.name} (${lab.hosts.join(", ")}; guests run under ${lab.virtType === "kvm" ? "KVM" : "TCG: KVM does not boot a guest here"})\n` +
        `INVENTORY  : ${lab.inventoryPath}\n` +
        `NEXT       : npx migstorm run --inventory ${lab.inventoryPath} scenarios/smoke.yaml\n` +
        `TAKE DOWN  : npx migstorm lab down --name ${lab.name}\n`,
    );
  return 0;
}

export async function labDownVerb({ name }: { readonly name: string }, write: Write): Promise<number> {
  const found = await labDown(name);
  const known = found ? [] : (await labStatus()).map((lab) => lab.name);
  write(
    found
      ? `lab ${name} is down, nothing of it is left\n`
      : `there is no lab named ${name}${didYouMean(name, known)}\n`,
  );
  return 0;
}

export async function labStatusVerb({ json }: { readonly json?: boolean }, write: Write): Promise<number> {
  const labs = await labStatus();
  if (json) write(`${JSON.stringify(labs, null, 2)}\n`);
  else if (labs.length === 0) write("no lab is up\n");
  else
    for (const { name, inventoryPath, machines } of labs)
      write(
        `${name}: ${machines.map(({ namespace, processes }) => `${namespace} (${processes} processes)`).join(", ")}\n  inventory: ${inventoryPath}\n`,
      );
  return 0;
}
