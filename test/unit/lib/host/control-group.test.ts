import assert from "node:assert/strict";
import fc from "fast-check";
import { controlGroup, parseControlGroup } from "../../../../lib/host/control-group.js";

describe("the control group of a host", () => {
  for (const [what, text, group] of [
    ["of a lab, version 1", "5:devices:/\n4:memory:/migstorm-two-h1\n3:cpuset:/\n0::/\n", "/migstorm-two-h1"],
    ["of a lab, version 2", "0::/migstorm-two-h1\n", "/migstorm-two-h1"],
    ["of a machine with systemd", "0::/init.scope\n", undefined],
    ["of a container with systemd", "0::/machine.slice/web/init.scope\n", "/machine.slice/web"],
    ["of a machine without it", "4:memory:/\n0::/\n", undefined],
    ["with memory beside another controller", "4:cpu,memory:/a\n0::/b\n", "/a"],
    ["seen from within a namespace", "0::/../..\n", undefined],
    ["of a kernel without groups", "", undefined],
  ] as const)
    it(`${what}: ${group ?? "none"}`, () => assert.equal(parseControlGroup(text), group));

  it("is a path or nothing, whatever was printed", () =>
    fc.assert(fc.property(fc.string(), (text) => parseControlGroup(`0::${text}`)?.startsWith("/") !== false)));
  it("is none where the host does not answer", async () =>
    assert.equal(await controlGroup(() => Promise.reject(new Error("gone"))), undefined));
});
