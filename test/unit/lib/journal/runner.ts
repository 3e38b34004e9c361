import { changeHosts } from "../../../../lib/journal/change-host.js";
import { createJournal } from "../../../../lib/journal/journal.js";
import { acquireLock } from "../../../../lib/lock/host-lock.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import { fileChange } from "./file-change.js";

/**
 * A runner that changes a host until it is killed. The host is a folder: a change makes a file there, a moment after it
 * was told to, as a real one would.
 */
const [, , journal = "", host = "", base = "", fence = ""] = process.argv;
const remote = openLocal("h1");
const record = { jobId: "j", who: "w", controller: "c", pid: process.pid, since: "", reason: "", resultsDir: "" };
await acquireLock(remote, "t1", record, { base });
await createJournal(journal);
process.stdout.write("begun\n");
for (let i = 0; ; i += 1) {
  const changes = [0, 1].map((j) => fileChange(`${host}/${i}-${j}`));
  await changeHosts({ journal, remote, base, ...(fence === "fence" ? { token: "t1" } : {}) }, changes);
}
