import { readFile, stat } from "node:fs/promises";
import { constructFromEvents, EVENT_ID, type Event, getScalarValue, parseEvents, YAMLException } from "js-yaml";
import { HarnessError, messageOf } from "../lib/errors.js";

/** A place in a file: a path of keys and indices, as zod tells it. */
export type Path = readonly PropertyKey[];

export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** A YAML file that was read: its value, and where everything in it stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** One text for all problems: `file:line:column: place: message`, the line itself and a caret. */
  readonly describe: (problems: readonly Problem[]) => string;
}

const MAX_BYTES = 2 ** 20;
const MAX_DEPTH = 40;

/**
 * Reads a YAML file of ours. Anchors, aliases and tags are refused: a scenario does without, and a file of a few lines
 * could unfold into gigabytes with them.
 * @throws HarnessError `bad-input` with file, line and column
 */
export async function readYaml(file: string): Promise<YamlFile> {
  const source = await readText(file);
  const refuse = (offset: number, message: string): never => {
    throw badInput([at(file, source, offset, message)]);
  };
  const events = parse(file, source, refuse);
  const offsets = offsetsOf(source, events, refuse);
  const value = build(source, events, refuse);
  return {
    file,
    value,
    describe: (problems) => problems.map((problem) => describe(file, source, offsets, problem)).join("\n"),
  };
}

export const badInput = (problems: readonly string[]): HarnessError =>
  new HarnessError("bad-input", problems.join("\n"), { problems });

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
    if (text.trim() === "") throw new Error("it is empty");
    if (text.includes("\0")) throw new Error("it is not a text file");
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw badInput([`${file}: there is no such file`]);
    if (code === "EISDIR") throw badInput([`${file}: this is a folder, not a file`]);
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw badInput([`${file}: it is not a text file in UTF-8`]);
    throw badInput([`${file}: ${messageOf(error)}`]);
  }
}

type Refuse = (offset: number, message: string) => never;

function parse(file: string, source: string, refuse: Refuse): Event[] {
  try {
    return parseEvents(source, { filename: file, maxDepth: MAX_DEPTH });
  } catch (error) {
    return refuse(offsetIn(error), reasonOf(error));
  }
}

function build(source: string, events: Event[], refuse: Refuse): unknown {
  try {
    const documents = constructFromEvents(events, { source, maxAliases: 0 });
    if (documents.length !== 1) refuse(0, `one document is wanted, there are ${documents.length}`);
    return documents[0];
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    return refuse(offsetIn(error), reasonOf(error));
  }
}

const offsetIn = (error: unknown): number => (error instanceof YAMLException ? (error.mark?.position ?? 0) : 0);
const reasonOf = (error: unknown): string => (error instanceof YAMLException ? error.reason : messageOf(error));

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Offset of every value by its path; of a key for an entry of a mapping. Refuses what a file of ours does not have. */
function offsetsOf(source: string, events: readonly Event[], refuse: Refuse): Map<string, number> {
  const offsets = new Map<string, number>();
  const stack: Frame[] = [];
  let documents = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      stack.pop();
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      documents += 1;
      if (documents > 1) refuse(source.length - 1, "a second document begins in this file; one is wanted");
      stack.push({ kind: "document", path: [] });
      continue;
    }
    if (event.anchorStart >= 0)
      refuse(event.anchorStart, "anchors and aliases (& and *) are not used here: write it out");
    if ("tagStart" in event && event.tagStart >= 0) refuse(event.tagStart, "tags (!) are not used here");
    place(source, event, stack, offsets, refuse);
  }
  return offsets;
}

interface Frame {
  readonly kind: "document" | "mapping" | "sequence";
  readonly path: Path;
  /** Key whose value comes next, in a mapping. */
  key?: string | undefined;
  /** Index of the next entry, in a sequence. */
  index?: number;
}

type Valued = Exclude<Event, { type: typeof EVENT_ID.POP } | { type: typeof EVENT_ID.DOCUMENT }>;

function place(source: string, event: Valued, stack: Frame[], offsets: Map<string, number>, refuse: Refuse): void {
  const top = stack.at(-1);
  if (top === undefined || event.type === EVENT_ID.ALIAS) return;
  const offset = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
  if (top.kind === "mapping" && top.key === undefined) {
    if (event.type !== EVENT_ID.SCALAR) refuse(offset, "a key has to be a word");
    const key = getScalarValue(source, event as Extract<Event, { type: typeof EVENT_ID.SCALAR }>);
    if (FORBIDDEN_KEYS.has(key)) refuse(offset, `${key} cannot be a key`);
    top.key = key;
    offsets.set(keyOf([...top.path, key]), offset);
    return;
  }
  const path = childPath(top);
  if (!offsets.has(keyOf(path))) offsets.set(keyOf(path), offset);
  top.key = undefined;
  if (event.type === EVENT_ID.MAPPING) stack.push({ kind: "mapping", path });
  if (event.type === EVENT_ID.SEQUENCE) stack.push({ kind: "sequence", path, index: 0 });
}

function childPath(frame: Frame): Path {
  if (frame.kind === "document") return [];
  if (frame.kind === "mapping") return [...frame.path, frame.key ?? ""];
  const index = frame.index ?? 0;
  frame.index = index + 1;
  return [...frame.path, index];
}

const keyOf = (path: Path): string => JSON.stringify(path.map(String));

/** What is missing has no place of its own: then the nearest thing around it is named. */
function describe(
  file: string,
  source: string,
  offsets: ReadonlyMap<string, number>,
  { path, message }: Problem,
): string {
  let offset: number | undefined;
  for (let length = path.length; offset === undefined && length >= 0; length -= 1)
    offset = offsets.get(keyOf(path.slice(0, length)));
  const place = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
  return at(file, source, offset ?? 0, `${place}${message}`);
}

function at(file: string, source: string, offset: number, message: string): string {
  const before = source.slice(0, offset).split("\n");
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const text = source.split("\n")[line - 1] ?? "";
  const shown = text.length > 160 ? "" : `\n    ${text}\n    ${" ".repeat(column - 1)}^`;
  return `${file}:${line}:${column}: ${message}${shown}`;
}
