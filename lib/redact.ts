import { quote } from "./transport/quote.js";

/** Every form in which a registered secret may turn up. The only state of this kind: a secret is known once per process. */
const forms = new Set<string>();

/** A shorter value would take harmless text apart, and protects nothing. */
const MIN_CHARS = 4;

/** From now on the value never shows in what `redact` has seen: raw, base64, URL-encoded, shell-quoted, in JSON. */
export function registerSecret(value: string): void {
  if (value.length < MIN_CHARS) return;
  const json = JSON.stringify(value).slice(1, -1);
  const shell = quote(value).replace(/^'|'$/g, "");
  const all = [
    value,
    ...base64Forms(value),
    encodeURIComponent(value),
    formEncoded(value),
    shell,
    json,
    JSON.stringify(shell).slice(1, -1),
  ];
  for (const form of all) forms.add(form);
}

const formEncoded = (value: string): string => new URLSearchParams([["", value]]).toString().slice(1);

/** Base64 of the value alone, and as it looks inside a longer text, whose length shifts it by one or two bytes. */
function base64Forms(value: string): string[] {
  const inner = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
    const from = Math.ceil((shift * 4) / 3);
    return whole.toString("base64").slice(from, Math.floor((whole.length * 4) / 3));
  });
  return inner
    .flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")])
    .filter((f) => f.length >= MIN_CHARS);
}

/** The same over every text in plain data. */
export function redactAll<T>(value: T): T {
  const all = (one: unknown): unknown => {
    if (typeof one === "string") return redact(one);
    if (Array.isArray(one)) return one.map(all);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, all(inner)]));
  };
  return all(value) as T;
}

/** The text with every known secret blotted out. The longest form goes first, since one may contain another. */
export const redact = (text: string): string =>
  [...forms].sort((a, b) => b.length - a.length).reduce((rest, form) => rest.replaceAll(form, "***"), text);
