import { HarnessError } from "../errors.js";
import { redact, registerSecret } from "../redact.js";

/** A shorter piece of an address may be an everyday word, which must not be blotted out of evidence. */
const MIN_CHARS = 16;

/** From now on the address shows nowhere that `redact` is at work: whole, its path, and what may be the secret in it. */
export function registerUrl(text: string): void {
  const { href, pathname, search, searchParams, username, password } = new URL(text);
  const parts = [...pathname.split("/"), username, password];
  const pieces = [
    pathname + search,
    pathname,
    pathname.slice(1),
    ...parts,
    ...parts.map(decoded),
    ...searchParams.values(),
  ];
  for (const whole of [text, href, href.replace(/\/$/, "")]) registerSecret(whole);
  for (const piece of pieces) if (piece.length >= MIN_CHARS) registerSecret(piece);
}

/** As a receiver may quote it in its answer. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // No such encoding: then it is what it is.
    return part;
  }
}

const DEFAULT = "MIGSTORM_NOTIFY";

/** What was taken out of the environment. */
type Hidden = { [DEFAULT]?: string };

const HIDDEN: Hidden = {};

/** Takes `MIGSTORM_NOTIFY` out of the environment, for `webhookUrl` alone: no program that any verb starts is to have it. */
export function hideWebhook(env: NodeJS.ProcessEnv = process.env, hidden: Hidden = HIDDEN): void {
  const value = env[DEFAULT];
  delete env[DEFAULT];
  if (value === undefined) return;
  hidden[DEFAULT] = value;
  if (isWebUrl(value.trim())) registerUrl(value.trim());
}

/**
 * The address of a webhook, registered as a secret.
 * @param given an http or https URL, or the name of an environment variable that holds one; absent: `MIGSTORM_NOTIFY`
 * @returns absent: nobody is to be told
 * @throws HarnessError `bad-input`, which never quotes what was given
 */
export function webhookUrl(
  given: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  hidden: Readonly<Hidden> = HIDDEN,
): string | undefined {
  if (given !== undefined && isWebUrl(given)) {
    registerUrl(given);
    // The process list shows what was typed until a title takes its place.
    process.title = ["migstorm", ...process.argv.slice(2).map(redact)].join(" ");
    return given;
  }
  if (given !== undefined && !VARIABLE.test(given))
    throw new HarnessError(
      "bad-input",
      "--notify takes an http or https URL, or the name of an environment variable that holds one",
    );
  const name = (given ?? DEFAULT).replace("$", "");
  const value = (env[name] ?? (name === DEFAULT ? hidden[DEFAULT] : undefined))?.trim() ?? "";
  // Programs that we start, on whatever machine, are not to have it.
  delete env[name];
  if (value === "" && given === undefined) return undefined;
  if (value === "")
    throw new HarnessError("bad-input", `the environment variable ${name}, which --notify names, is empty`);
  if (!isWebUrl(value)) throw new HarnessError("bad-input", `${name} in the environment holds no http or https URL`);
  registerUrl(value);
  return value;
}

const VARIABLE = /^\$?[A-Za-z_]\w*$/;

const isWebUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);
