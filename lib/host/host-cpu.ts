/** The CPU of a host as libvirt names it: a model, and what the processor can beyond that. */
export interface HostCpu {
  readonly model: string;
  readonly features: readonly string[];
}

/** From `virsh capabilities`. Undefined where there is no model: under emulation, or when this is no such text. */
export function parseHostCpu(capabilities: string): HostCpu | undefined {
  const cpu = /<host>[\s\S]*?<cpu>([\s\S]*?)<\/cpu>/.exec(capabilities)?.[1] ?? "";
  const model = /<model>([\w.+-]{1,100})<\/model>/.exec(cpu)?.[1];
  if (model === undefined) return undefined;
  return { model, features: [...cpu.matchAll(/<feature name='([\w.+-]{1,100})'\/>/g)].map(([, name = ""]) => name) };
}
