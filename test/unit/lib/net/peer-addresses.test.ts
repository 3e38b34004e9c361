import assert from "node:assert/strict";
import fc from "fast-check";
import { parseHosts, peerAddresses } from "../../../../lib/net/peer-addresses.js";
import type { Run } from "../../../../lib/transport/transport.js";

const ASKED = "198.18.0.12     STREAM lab-h2\n198.18.0.12     DGRAM  \nfd00::12        STREAM \n";
const answering =
  (stdout: string): Run =>
  async (command) =>
    ({ command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 }) as never;

describe("addresses of the other host", () => {
  it("are what getent tells, each once", () => assert.deepEqual(parseHosts(ASKED), ["198.18.0.12", "fd00::12"]));

  it("take those that are addresses already, with brackets or without, and ask for the others", async () =>
    assert.deepEqual(await peerAddresses(answering(ASKED), ["lab-h2", "[::1]", undefined, "10.0.0.1"]), [
      ...["::1", "10.0.0.1"],
      ...["198.18.0.12", "fd00::12"],
    ]));

  it("must not be none: nothing would be counted then", () =>
    assert.rejects(peerAddresses(answering(""), ["nowhere"]), /no address is known of nowhere/));

  it("hold nothing but addresses, whatever a host prints", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const address of parseHosts(text)) assert.match(address, /^[0-9a-fA-F.:%\w]+$/);
      }),
    );
  });
});
