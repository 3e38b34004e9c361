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
