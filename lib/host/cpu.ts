import { HarnessError } from "../errors.js";
import type { Opening } from "../transport/opening.js";
import { pausingScript } from "../transport/pausing.js";
import type { Remote, Run, Running } from "../transport/transport.js";
import { type CpuReading, parseCpuLine } from "./cpu-readings.js";
import { CPU_SCRIPT } from "./cpu-script.js";

/** With what a reading takes, less than the half second that must not be exceeded between two of them. */
const PAUSE_S = "0.45";

/** Shows in the host's list of processes what this is. */
const NAME = "migstorm-cpu";

/**
 * Reads the CPU of libvirt's daemons, of each guest's QEMU and of the host more often than every half second, until it is
 * stopped. When `ended` resolves and nobody stopped it, readings are missing from then on. On a host whose CPUs are all
 * taken it comes later; `upS` says when a reading was made.
 * @throws HarnessError `unreachable`, also when the machine does not begin in time; the reason of the signal
 */
export const startCpuSampler = (
  remote: Remote,
  onReading: (reading: CpuReading) => void,
  opening: Opening = {},
): Promise<Running> =>
  remote.start(
    pausingScript(CPU_SCRIPT, NAME, PAUSE_S),
    (line) => {
      const reading = parseCpuLine(line);
      if (reading !== undefined) onReading(reading);
    },
    { what: "the sampler of CPU time", ...opening },
  );

/**
 * The same once, now: where a leg begins and where it ends.
 * @throws HarnessError `command-failed` when the host does not say
 */
export async function readCpu(run: Run): Promise<CpuReading> {
  const command = { ...pausingScript(CPU_SCRIPT, NAME, ""), timeoutMs: 30_000 };
  const { exitCode, host, stdout, stderr } = await run(command);
  const reading = parseCpuLine(stdout.trim());
  if (exitCode !== 0 || reading === undefined)
    throw new HarnessError("command-failed", `${host}: cannot read the CPU time of its processes: ${stderr.trim()}`);
  return reading;
}
