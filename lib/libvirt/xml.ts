import { XMLParser } from "fast-xml-parser";

/** Values stay text: an id of digits is not a number. Entities of the document itself are not expanded. */
const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: false, processEntities: false });

/**
 * The text of one element, e.g. `["capabilities", "host", "uuid"]`; of the first, where it stands several times.
 * `undefined` when it is not there, or when this is no XML.
 */
export function xmlText(xml: string, path: readonly string[]): string | undefined {
  let node: unknown;
  try {
    node = parser.parse(xml);
  } catch {
    // Not XML: then the element is not there either.
    return undefined;
  }
  for (const name of path) {
    if (Array.isArray(node)) node = node[0];
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, name)) return undefined;
    node = (node as Readonly<Record<string, unknown>>)[name];
  }
  return typeof node === "string" ? node : undefined;
}

/** Attributes and texts with their blanks, and a list of every kind of element, however few there are. */
const exact = new XMLParser({
  ...{ parseTagValue: false, parseAttributeValue: false, ignoreAttributes: false, processEntities: false },
  ...{ trimValues: false, isArray: (_: string, __: unknown, ___: boolean, isAttribute: boolean) => !isAttribute },
});

/**
 * The items of the element of that namespace in `<domain><metadata>`: the key and the text of each, whatever stands before
 * the colon of their names. Empty when there is none, or when this is no XML.
 */
export function xmlMetadata(xml: string, uri: string): { readonly key: string; readonly text: string }[] {
  let node: unknown;
  try {
    node = exact.parse(xml);
  } catch {
    return [];
  }
  return below(below([node], "domain"), "metadata")
    .flatMap((metadata) => Object.entries(metadata))
    .flatMap(([name, elements]) => {
      const prefix = name.includes(":") ? `:${name.split(":")[0]}` : "";
      return mappings(elements).filter((element) => element[`@_xmlns${prefix}`] === uri);
    })
    .flatMap((ours) => Object.entries(ours))
    .filter(([name]) => /^(?:[^:]*:)?item$/.test(name))
    .flatMap(([, elements]) => (Array.isArray(elements) ? elements : []))
    .flatMap((item: unknown) => {
      const key = isMapping(item) ? item["@_key"] : undefined;
      const text = isMapping(item) ? (item["#text"] ?? "") : undefined;
      return typeof key === "string" && typeof text === "string" ? [{ key: decoded(key), text: decoded(text) }] : [];
    });
}

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null;
const mappings = (value: unknown): Mapping[] => (Array.isArray(value) ? value.filter(isMapping) : []);
const below = (nodes: readonly unknown[], name: string): Mapping[] =>
  nodes.flatMap((node) => (isMapping(node) && Object.hasOwn(node, name) ? mappings(node[name]) : []));

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", apos: "'", quot: '"' };

/** The five entities that XML has by itself, and numbers; anything else stays as it is written. */
const decoded = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|apos|quot));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
