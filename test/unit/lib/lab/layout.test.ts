import assert from "node:assert/strict";
import { groupsOf, LAB_NAME, labLayout, namespacesOf, SLOTS } from "../../../../lib/lab/layout.js";

const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
const layouts = slots.map((slot) => labLayout(`lab${slot}`, slot, 3));

describe("layout of a lab", () => {
  it("gives no two machines one address, one identity or one namespace, in whatever lab", () => {
    const machines = layouts.flatMap((lab) => lab.machines);
    for (const key of ["address", "migrationAddress", "uuid", "namespace", "group", "folder"] as const)
      assert.equal(new Set(machines.map((machine) => machine[key])).size, machines.length, key);
  });

  it("keeps to 198.18.0.0/15, with a network of its own for each lab", () => {
    const inside = /^198\.1[89]\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.\d+(\/\d+)?$/;
    for (const { machines, runnerAddress, guestPool } of layouts)
      for (const address of [...machines.flatMap((m) => [m.address, m.migrationAddress]), runnerAddress, guestPool])
        assert.match(address, inside);
    assert.equal(new Set(layouts.map(({ runnerAddress }) => runnerAddress)).size, SLOTS);
  });

  it("has link names that the kernel takes", () => {
    for (const { runnerLink } of layouts) assert.ok(runnerLink.length <= 15, runnerLink);
  });

  it("gives libvirt identities that are UUIDs", () => {
    for (const { uuid } of layouts.flatMap((lab) => lab.machines))
      assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("finds a lab's own namespaces and groups, and not those of a lab whose name begins alike", () => {
    const own = labLayout("a", 0, 2);
    const other = labLayout("a-h1", 1, 2);
    for (const namespace of [own.switchNamespace, ...own.machines.map((machine) => machine.namespace)])
      assert.match(namespace, namespacesOf("a"));
    for (const group of [own.makerGroup, ...own.machines.map((machine) => machine.group)])
      assert.match(group, groupsOf("a"));
    for (const namespace of [other.switchNamespace, ...other.machines.map((machine) => machine.namespace)])
      assert.doesNotMatch(namespace, namespacesOf("a"));
    for (const group of [other.makerGroup, ...other.machines.map((machine) => machine.group)])
      assert.doesNotMatch(group, groupsOf("a"));
  });

  it("takes only names that are short and plain", () => {
    for (const name of ["lab", "a", "t1-2", "a".repeat(16)]) assert.match(name, LAB_NAME);
    for (const name of ["", "A", "-a", "1", "a b", "a/b", "a.b", "a".repeat(17)]) assert.doesNotMatch(name, LAB_NAME);
  });
});
