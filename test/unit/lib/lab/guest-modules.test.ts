import assert from "node:assert/strict";
import { neededModules } from "../../../../lib/lab/guest-modules.js";

const DEPENDENCIES = `kernel/net/core/failover.ko:
kernel/drivers/net/net_failover.ko: kernel/net/core/failover.ko
kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko kernel/net/core/failover.ko kernel/virtio.ko
kernel/virtio.ko:
kernel/virtio_console.ko: kernel/virtio.ko
`;

describe("modules of a guest", () => {
  it("are the wanted ones and all that they need", () => {
    assert.deepEqual(
      neededModules(DEPENDENCIES, ["virtio_net"]).map((line) => line.split(":")[0]),
      [
        "kernel/net/core/failover.ko",
        "kernel/drivers/net/net_failover.ko",
        "kernel/drivers/net/virtio_net.ko.xz",
        "kernel/virtio.ko",
      ],
    );
  });

  it("are none when the package has none of that name, built in as they may be", () => {
    assert.deepEqual(neededModules(DEPENDENCIES, ["virtio"]), ["kernel/virtio.ko:"]);
    assert.deepEqual(neededModules(DEPENDENCIES, ["virtio_blk"]), []);
  });
});
