import assert from "node:assert/strict";
import { parseDomainStates } from "../../../../lib/libvirt/domain-states.js";
import { fixture } from "../../../support/fixture.js";

const block = (name: string, state: number): string =>
  `Domain: '${name}'\n  state.state=${state}\n  state.reason=1\n\n`;

describe("states of all domains", () => {
  it("reads both sides of a running migration", () => {
    assert.deepEqual(
      [...parseDomainStates(fixture("virsh-9.0.0/domstats-running-source.txt"))],
      [
        ["other-1", "running"],
        ["other-2", "running"],
        ["ms-ab12cd3-001-g1", "running"],
      ],
    );
    assert.deepEqual(
      [...parseDomainStates(fixture("virsh-9.0.0/domstats-running-target.txt"))],
      [["ms-ab12cd3-001-g1", "paused"]],
    );
  });
  it("knows every state", () => {
    const text = [1, 2, 3, 4, 5, 6, 7].map((state) => block(`g${state}`, state)).join("");
    assert.deepEqual(
      [...parseDomainStates(text).values()],
      ["running", "idle", "paused", "in shutdown", "shut off", "crashed", "pmsuspended"],
    );
  });
  it("takes odd names as they are", () => {
    const names = ["a b", "it's", "  ", "x'y", "__proto__", "state.state=5"];
    assert.deepEqual([...parseDomainStates(names.map((name) => block(name, 1)).join("")).keys()], names);
  });
  it("reads a host without domains", () => assert.equal(parseDomainStates("\n").size, 0));
  for (const [name, text] of [
    ["no state", "Domain: 'a'\n\n"],
    ["state 0 is no answer", block("a", 0)],
    ["an unknown state", block("a", 9)],
    ["a line that is no field", "Domain: 'a'\n  state.state=1\nerror: oops\n"],
    ["something before the first domain", "error: oops\n"],
    ["a header cut off", "Domain: 'a\n"],
  ] as const)
    it(`refuses half an answer: ${name}`, () => assert.throws(() => parseDomainStates(text), /virsh domstats/));
});
