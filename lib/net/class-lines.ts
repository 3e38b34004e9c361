import type { ClassFigures } from "../model/class-series.js";

/** A class as `tc -s class show` prints it. */
export interface ShownClass extends ClassFigures {
  readonly rateMbps?: number;
  readonly ceilMbps?: number;
}

/**
 * Reads the text form: of HTB, iproute2 6.1 prints text also where JSON is asked for. A class whose counters are not all
 * there is left out. Fixtures: `iproute2-6.1/class-*.txt`.
 */
export function parseClasses(text: string): ShownClass[] {
  return text
    .split(/^(?=class )/m)
    .slice(0, MAX_CLASSES)
    .flatMap(classOf);
}

const MAX_CLASSES = 1000;

function classOf(text: string): ShownClass[] {
  const lines = text.split("\n", 6).map((line) => line.slice(0, 500));
  const [head = "", sent = "", backlog = "", lent = ""] = lines;
  const id = /^class htb ([0-9a-f]{1,4}:[0-9a-f]{1,4}) /.exec(head)?.[1];
  const [, bytes, packets, dropped] = /^ Sent (\d{1,18}) bytes (\d{1,18}) pkt \(dropped (\d{1,18}),/.exec(sent) ?? [];
  const [, lended, borrowed] = /^ lended: (\d{1,18}) borrowed: (\d{1,18}) /.exec(lent) ?? [];
  if (id === undefined || bytes === undefined || lended === undefined) return [];
  const figures = { id, bytes: Number(bytes), packets: Number(packets), dropped: Number(dropped) };
  const rateMbps = mbpsOf(/ rate (\S+)/.exec(head)?.[1]);
  const ceilMbps = mbpsOf(/ ceil (\S+)/.exec(head)?.[1]);
  const backlogBytes = bytesOf(/^ (?:rate \S+ \S+ )?backlog (\S+) /.exec(backlog)?.[1]);
  return [
    {
      ...figures,
      lended: Number(lended),
      borrowed: Number(borrowed),
      ...(backlogBytes === undefined ? {} : { backlogBytes }),
      ...(rateMbps === undefined ? {} : { rateMbps }),
      ...(ceilMbps === undefined ? {} : { ceilMbps }),
    },
  ];
}

const RATES: Readonly<Record<string, number>> = { bit: 1e-6, Kbit: 1e-3, Mbit: 1, Gbit: 1e3, Tbit: 1e6 };
const SIZES: Readonly<Record<string, number>> = { b: 1, Kb: 2 ** 10, Mb: 2 ** 20, Gb: 2 ** 30 };

const mbpsOf = (text: string | undefined): number | undefined => inUnits(text, RATES);
const bytesOf = (text: string | undefined): number | undefined => inUnits(text, SIZES);

/** `250Mbit`, `64Kb` */
function inUnits(text = "", units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)([A-Za-z]{1,4})$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
