import {
  CORE_SCHEMA,
  constructFromEvents,
  dump,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from "js-yaml";
import { HarnessError, messageOf } from "../lib/errors.js";
import { at, badInput, keyOf, type Path, type Source } from "./places.js";
import { readText } from "./read-text.js";

/** A YAML file that was read: its value, and where everything in it stands. */
export interface YamlFile {
  readonly value: unknown;
  readonly source: Source;
}

const MAX_DEPTH = 40;
const MAX_EVENTS = 100_000;

/**
 * Reads a YAML file of ours. Anchors, aliases, tags and merge keys are refused: a scenario does without, and a file of a
 * few lines could unfold into gigabytes with them.
 * @throws HarnessError `bad-input` with file, line and column
 */
export async function readYaml(file: string): Promise<YamlFile> {
  const text = await readText(file);
  const refuse = (offset: number, message: string): never => {
    throw badInput([at({ file, text }, offset, message)]);
  };
  const events = attempt(refuse, () => parseEvents(text, { filename: file, maxDepth: MAX_DEPTH }));
  if (events.length > MAX_EVENTS) refuse(0, `it has ${events.length} values, ${MAX_EVENTS} are allowed`);
  const offsets = offsetsOf(text, events, refuse);
  const value = attempt(refuse, () => constructFromEvents(events, { source: text, maxAliases: 0 }))[0];
  return { value, source: { file, text, offsets } };
}

/** Text that `readYaml` reads as this value again: sections as blocks, what is in them in one line each. */
export const yamlText = (value: object): string =>
  dump(value, { schema: CORE_SCHEMA, flowLevel: 2, lineWidth: -1, flowBracketPadding: true, noRefs: true });

type Refuse = (offset: number, message: string) => never;

function attempt<T>(refuse: Refuse, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    if (error instanceof YAMLException) return refuse(error.mark?.position ?? 0, error.reason);
    return refuse(0, messageOf(error));
  }
}

/** Refuses on the way what a file of ours does not have. */
function offsetsOf(text: string, events: readonly Event[], refuse: Refuse): Map<string, number> {
  const offsets = new Map<string, number>();
  const stack: Frame[] = [];
  let documents = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      stack.pop();
    } else if (event.type === EVENT_ID.DOCUMENT) {
      documents += 1;
      if (documents > 1) refuse(text.length - 1, "a second document begins in this file; one is wanted");
      stack.push({ kind: "document", path: [] });
    } else {
      refuseMarks(event, refuse);
      place(text, event, stack, offsets, refuse);
    }
  }
  return offsets;
}

type Valued = Exclude<Event, { type: typeof EVENT_ID.POP } | { type: typeof EVENT_ID.DOCUMENT }>;
type Scalar = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;

function refuseMarks(event: Valued, refuse: Refuse): void {
  if (event.anchorStart >= 0)
    refuse(event.anchorStart, "anchors and aliases (& and *) are not used here: write it out");
  if ("tagStart" in event && event.tagStart >= 0) refuse(event.tagStart, "tags (!) are not used here");
}

interface Frame {
  readonly kind: "document" | "mapping" | "sequence";
  readonly path: Path;
  /** Key whose value comes next, in a mapping. */
  key?: string | undefined;
  /** Index of the next entry, in a sequence. */
  index?: number;
}

function place(text: string, event: Valued, stack: Frame[], offsets: Map<string, number>, refuse: Refuse): void {
  const top = stack.at(-1);
  if (top === undefined || event.type === EVENT_ID.ALIAS) return;
  // What is left out, as in `a:`, has no place of its own; that of the mapping or list around it serves.
  const own = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
  const offset = own >= 0 ? own : (offsets.get(keyOf(top.path)) ?? 0);
  if (top.kind === "mapping" && top.key === undefined) {
    top.key =
      event.type === EVENT_ID.SCALAR
        ? keyFrom(getScalarValue(text, event), event, offset, refuse)
        : refuse(offset, "a key has to be a word");
    offsets.set(keyOf([...top.path, top.key]), offset);
    return;
  }
  const path = childPath(top);
  if (!offsets.has(keyOf(path))) offsets.set(keyOf(path), offset);
  top.key = undefined;
  if (event.type === EVENT_ID.MAPPING) stack.push({ kind: "mapping", path });
  if (event.type === EVENT_ID.SEQUENCE) stack.push({ kind: "sequence", path, index: 0 });
}

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);
/** What YAML reads as nothing, as true or false, or as a number when it stands without quotes. */
const NOT_TEXT = /^(?:~?|null|true|false|[-+]?(?:\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+|\.inf)|0[xo][\da-f]+|\.nan)$/i;

function keyFrom(key: string, { style }: Scalar, offset: number, refuse: Refuse): string {
  if (FORBIDDEN_KEYS.has(key)) refuse(offset, `${key} cannot be a key`);
  if (style !== SCALAR_STYLE.PLAIN) return key;
  if (key === "<<") refuse(offset, "merge keys (<<) are not used here: write it out");
  if (NOT_TEXT.test(key)) refuse(offset, `a key has to be a word, and YAML does not read ${key || "nothing"} as one`);
  return key;
}

function childPath(frame: Frame): Path {
  if (frame.kind === "document") return [];
  if (frame.kind === "mapping") return [...frame.path, frame.key ?? ""];
  const index = frame.index ?? 0;
  frame.index = index + 1;
  return [...frame.path, index];
}
