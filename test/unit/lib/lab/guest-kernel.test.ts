import assert from "node:assert/strict";
import { lz4Payload } from "../../../../lib/lab/guest-kernel.js";

/** As much of a bzImage as says where its payload is: one boot sector, two of setup, 16 bytes of code. */
function image(payload: string): Buffer {
  const bytes = Buffer.alloc(3 * 512 + 16);
  bytes[0x1f1] = 2;
  bytes.writeUInt32LE(16, 0x248);
  const content = Buffer.concat([Buffer.from(payload, "latin1"), Buffer.from([8, 0, 0, 0])]);
  bytes.writeUInt32LE(content.length, 0x24c);
  return Buffer.concat([bytes, content, Buffer.from("what follows")]);
}

describe("kernel of a guest", () => {
  it("is cut out of its image without the length behind it", () => {
    const payload = "\x02\x21\x4c\x18compressed";
    assert.equal(lz4Payload(image(payload))?.toString("latin1"), payload);
  });

  it("stays in its image when it is compressed otherwise, or when the image is none", () => {
    assert.equal(lz4Payload(image("\x28\xb5\x2f\xfdcompressed")), undefined);
    assert.equal(lz4Payload(Buffer.alloc(1024)), undefined);
  });
});
