import assert from "node:assert/strict";
import { inventorySchema } from "../../../lib/model/inventory.js";
import type { Kept } from "../../../lib/model/kept.js";
import { type Keeping, keptLines } from "../../../reports/console/kept-lines.js";
import { renderHtml } from "../../../reports/html.js";
import { renderStepSummary } from "../../../reports/step-summary.js";
import { story } from "../../../reports/story.js";
import { buildCase, buildJob, buildResult } from "../../support/build.js";

const guests = [{ name: "g1", image: "tiny", host: "h1", mac: "52:54:00:00:00:01" }];
const login = { user: "root", identityFile: "/keys/guest", hostKey: `SHA256:${"x".repeat(43)}` };
const inventory = (over: object = {}, host: object = {}) =>
  inventorySchema.parse({
    hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system`, ...host })),
    images: { tiny: { disk: "tiny.qcow2", login } },
    network: { bridge: "br0" },
    ...over,
  });
const kept: Kept = {
  hosts: ["h1", "h2"],
  until: "2026-11-21T14:42:00.123Z",
  guests: [{ guest: "g1", places: [{ host: "h2", state: "paused" }], address: "192.0.2.7" }],
};
const lines = (given: Partial<Keeping> = {}, what = kept): string[] =>
  keptLines(what, {
    ...{ caseId: "s.a", inventory: inventory(), guests, folder: "/r/job-1" },
    ...{ caseFolder: "/r/job-1/test-results/s.a", knownHosts: "/r/known_hosts", ...given },
  });

describe("how to look at what is kept", () => {
  it("tells each machine and guest with its command, until when, and how it ends", () =>
    assert.deepEqual(lines(), [
      "KEPT       : h1 and h2 as s.a left them, until 2026-11-21T14:42:00Z; no other job gets them",
      "HOST       : h1",
      "             ssh -o UserKnownHostsFile=/r/known_hosts root@h1 'virsh -c qemu:///system list --all'",
      "HOST       : h2",
      "             ssh -o UserKnownHostsFile=/r/known_hosts root@h2 'virsh -c qemu:///system list --all'",
      "GUEST      : g1: paused on h2",
      "             ssh -o UserKnownHostsFile=/r/known_hosts -o IdentitiesOnly=yes -i /keys/guest root@192.0.2.7",
      "             ssh -t -o UserKnownHostsFile=/r/known_hosts root@h2 'virsh -c qemu:///system console g1'",
      "             h2:/var/log/libvirt/qemu/g1.log",
      "CASE       : /r/job-1/test-results/s.a",
      "ENDED      : pings, captures and all that came over this program's connections; guests, load and counters go on",
      "RELEASE    : npx migstorm release /r/job-1",
    ]));
  it("goes through sudo, another port, another libvirt, and this machine itself, as the inventory says", () => {
    const far = { become: "sudo", port: 2222, user: "ann", connectUri: "qemu+unix:///system?socket=/s" };
    assert.equal(
      lines({ inventory: inventory({}, far) })[2],
      `             ssh -o UserKnownHostsFile=/r/known_hosts -p 2222 ann@h1 'sudo virsh -c '\\''qemu+unix:///system?socket=/s'\\'' list --all'`,
    );
    assert.equal(
      lines({ inventory: inventory({}, { local: true }) })[2],
      "             virsh -c qemu:///system list --all",
    );
  });
  it("reaches guests through the machine that looks on, where there is one", () => {
    const observer = { name: "o1", address: "192.0.2.9", user: "ann", identityFile: "/keys/o1" };
    assert.equal(
      lines({ inventory: inventory({ observer }) })[6],
      "             ssh -o 'ProxyCommand=ssh -W %h:%p -o UserKnownHostsFile=/r/known_hosts -o IdentitiesOnly=yes -i /keys/o1 ann@192.0.2.9' -o UserKnownHostsFile=/r/known_hosts -o IdentitiesOnly=yes -i /keys/guest root@192.0.2.7",
    );
  });
  it("quotes folders with spaces for the shell and for ssh", () => {
    const told = lines({ folder: "/my jobs/job-1", knownHosts: "/my jobs/known_hosts" });
    assert.match(told[2] ?? "", /-o 'UserKnownHostsFile="\/my jobs\/known_hosts"' root@h1/);
    assert.equal(told.at(-1), "RELEASE    : npx migstorm release '/my jobs/job-1'");
  });
  it("says of a guest that it is on both hosts, or nowhere, and gives no line where there is no address", () => {
    const both = { guest: "g1", places: kept.hosts.map((host) => ({ host, state: "running" as const })) };
    assert.ok(lines({}, { ...kept, guests: [both] }).includes("GUEST      : g1: running on h1 and running on h2"));
    const none = lines({}, { ...kept, guests: [{ guest: "g1", places: [] }] });
    assert.ok(none.includes("GUEST      : g1: nowhere, as far as one can tell"));
    assert.ok(none.every((line) => !line.includes("/keys/guest")));
  });
  it("lets no control character out", () => {
    const told = lines({ caseId: "s.\u001b[31ma", folder: "/r/\u001b]0;x\u0007job\n1" });
    for (const line of told) assert.doesNotMatch(line, /\p{Cc}/u);
  });
});

describe("a case whose hosts were kept", () => {
  const result = buildResult({ case: buildCase({ id: "s.a" }), status: "FAIL", kept });
  it("says so in the summary for CI", () => {
    assert.match(
      renderStepSummary(buildJob([result])),
      /### Kept to be looked at\n\n- .*h1 and h2 were left as they were/,
    );
    assert.doesNotMatch(renderStepSummary(buildJob([buildResult()])), /Kept/);
  });
  it("says so in its story and on the page, which leads to how to look", () => {
    const told = "kept: h1 and h2 were left as they were, until 2026-11-21T14:42:00Z or `migstorm release`";
    assert.ok(story(result).includes(told));
    const html = renderHtml(buildJob([result]));
    assert.ok(html.includes(`${told}: <a href="test-results/s.a/look.txt">`));
    assert.ok(!renderHtml(buildJob([buildResult()])).includes("look.txt"));
  });
});
