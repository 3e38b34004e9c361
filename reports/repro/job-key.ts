const ALLOWS = /^let (\S+) log in by ssh for this job$/;
const KEY = /^restrict ssh-ed25519 [A-Za-z0-9+/=]+ migstorm-([0-9a-z]+)$/;

/** Where the key lies that a change lets log in: on the host that logs in. Undefined for every other change. */
export const jobKeyFrom = (what: string): string | undefined => ALLOWS.exec(what)?.[1];

/**
 * The line of `authorized_keys` for a key that is made anew: it is read when the script runs. Undefined for other words.
 * @param host on which the key lies
 */
export function keyWord(word: string, host: string | undefined): string | undefined {
  const [, jobKey] = KEY.exec(word) ?? [];
  if (jobKey === undefined || host === undefined || !/^[A-Za-z0-9.-]+$/.test(host)) return undefined;
  return `"restrict $(on ${host} cat /run/migstorm/ssh-${jobKey}/id.pub </dev/null)"`;
}
