import type { Inventory } from "../../lib/model/inventory.js";
import { secret } from "./execute.js";

/** Of a stored job: a secret is known by its value, and that is where the inventory says. */
export function knowSecrets({ hosts, observer, storage, images }: Inventory): void {
  const logins = [
    ...[...hosts, ...(observer ? [observer] : []), ...(storage.kind === "nfs" ? [storage.machine] : [])],
    ...Object.values(images).map(({ login }) => login),
  ];
  for (const { passwordEnv, passphraseEnv } of logins)
    for (const name of [passwordEnv, passphraseEnv]) if (name !== undefined) secret(name);
}
