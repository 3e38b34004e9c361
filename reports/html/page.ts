import { createHash } from "node:crypto";
import { escapeHtml } from "./escape.js";
import { STYLE } from "./style.js";

const hashOf = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;

const STYLE_HASH = hashOf(STYLE);

/** Nothing may be loaded, and nothing run or applied but our own style and, where there is one, our own script. */
const policyOf = (script: string | undefined): string =>
  `default-src 'none'; style-src ${STYLE_HASH}; ${script === undefined ? "" : `script-src ${hashOf(script)}; `}base-uri 'none'; form-action 'none'`;

/** A whole page around its body. The title is foreign text, the body is markup. */
export const page = (title: string, body: readonly string[], script?: string): string =>
  [
    "<!doctype html>",
    '<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">',
    `<meta http-equiv=Content-Security-Policy content="${policyOf(script)}">`,
    '<meta name=referrer content=no-referrer><meta name=color-scheme content="light dark">',
    `<title>${escapeHtml(title, 300)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    ...body,
    ...(script === undefined ? [] : [`<script>${script}</script>`]),
    "</body></html>",
    "",
  ].join("\n");
