import assert from "node:assert/strict";
import fc from "fast-check";
import { domainXml, escapeXml } from "../../../../lib/libvirt/domain-xml.js";
import { parseAddress } from "../../../../lib/libvirt/guest-address.js";
import { guestChange, guestGone } from "../../../../lib/libvirt/guest-change.js";
import { type GuestSpec, knowsTranslationCache } from "../../../../lib/libvirt/guest-spec.js";
import { virtInstallArgs } from "../../../../lib/libvirt/virt-install.js";
import { xmlText } from "../../../../lib/libvirt/xml.js";

const GUEST: GuestSpec = {
  name: "ms-ab12cd3-001-g1",
  memoryMiB: 192,
  vcpus: 2,
  virtType: "qemu",
  arch: "x86_64",
  kernel: "/boot/vmlinuz",
  initrd: "/boot/initrd",
  cmdline: 'console=ttyS0 a="<&>"',
  disks: [
    {
      source: { kind: "nfs", server: "s1", path: "/srv/x.qcow2" },
      format: "qcow2",
      bus: "virtio",
      cache: "none",
      target: "vda",
    },
  ],
  bridge: "br0",
  mac: "52:54:00:00:00:01",
};

describe("definition of a guest", () => {
  it("is XML that gives back what went in", () => {
    const xml = domainXml(GUEST);
    assert.equal(xmlText(xml, ["domain", "name"]), GUEST.name);
    assert.equal(xmlText(xml, ["domain", "vcpu"]), "2");
    assert.match(xml, /<cmdline>console=ttyS0 a=&quot;&lt;&amp;&gt;&quot;<\/cmdline>/);
    assert.match(xml, /<source protocol='nfs' name='\/srv\/x.qcow2'><host name='s1'\/>/);
    assert.match(xml, /machine='q35'/);
    assert.doesNotMatch(xml, /<cpu|graphics/);
  });
  it("names network disks by server, port and name, and tells the guest their serials", () => {
    const disk = { format: "raw", bus: "virtio", cache: "none" } as const;
    const xml = domainXml({
      ...GUEST,
      disks: [
        { ...disk, source: { kind: "iscsi", portal: "s1", port: 3260, target: "iqn.2026-01.a:b" }, target: "vda" },
        { ...disk, source: { kind: "nbd", server: "s1", port: 10810, exportName: "x" }, target: "vdb", serial: "d1" },
      ],
    });
    assert.match(xml, /<source protocol='iscsi' name='iqn.2026-01.a:b\/1'><host name='s1' port='3260'\/><\/source>/);
    assert.match(xml, /<source protocol='nbd' name='x'><host name='s1' port='10810'\/><\/source>/);
    assert.match(xml, /<target dev='vdb' bus='virtio'\/>\n *<serial>d1<\/serial>/);
    assert.equal(xml.match(/<serial>/g)?.length, 1);
  });
  it("checks the CPU with KVM, and has nothing that is for emulation", () => {
    const xml = domainXml({ ...GUEST, virtType: "kvm" });
    assert.match(xml, /<cpu mode='host-model'\/>/);
    assert.match(xml, /<features><acpi\/><apic\/><\/features>/);
  });
  it("limits what QEMU keeps of translated code, whoever writes it", () => {
    const given = { ...GUEST, translationCacheMiB: 64 };
    const cache = "<tcg><tb-cache unit='MiB'>64</tb-cache></tcg>";
    assert.ok(domainXml(given).includes(`  <features><acpi/><apic/>${cache}</features>`));
    assert.ok(domainXml({ ...given, arch: "aarch64" }).includes(`  <features>${cache}</features>`));
    assert.doesNotMatch(domainXml({ ...given, arch: "aarch64", virtType: "kvm" }), /features/);
    assert.doesNotMatch(domainXml(GUEST), /tcg/);
    const { apply } = guestChange(given, { connectUri: "qemu:///system", by: "virt-install" });
    assert.ok(apply.args.includes(cache));
  });
  it("boots from the disk without a kernel", () => {
    const { kernel: _, initrd: __, cmdline: ___, ...rest } = GUEST;
    assert.match(domainXml(rest), /<boot dev='hd'\/>/);
  });
  it("gives a scsi disk its controller, and other machines no ISA device", () => {
    const xml = domainXml({ ...GUEST, arch: "aarch64", disks: [{ ...GUEST.disks[0]!, bus: "scsi" }] });
    assert.match(xml, /model='virtio-scsi'/);
    assert.match(xml, /machine='virt'/);
    assert.doesNotMatch(xml, /panic|apic/);
  });
  it("holds any name without breaking out of its element", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.doesNotMatch(escapeXml(text), /[<>'"]|&(?!(amp|lt|gt|apos|quot);)/);
      }),
    ));
  it("does not let virt-install see the disk, and doubles commas", () => {
    const args = virtInstallArgs({ ...GUEST, cmdline: "console=ttyS0,115200" }, "qemu:///system").join(" ");
    assert.match(args, /--disk none/);
    assert.match(args, /kernel_args=console=ttyS0,,115200/);
    assert.doesNotMatch(args, /srv/);
  });
  it("puts values into arguments, never into scripts", () => {
    const odd = { ...GUEST, name: "$(reboot)" };
    for (const by of ["definition", "virt-install"] as const) {
      const { apply, undo } = guestChange(odd, { connectUri: "qemu:///system", by });
      for (const { args } of [apply, undo]) {
        assert.doesNotMatch(args[1] ?? "", /reboot/);
        assert.ok(args.slice(2).includes(odd.name));
      }
    }
    assert.deepEqual(
      guestGone("g1", "qemu:///system").undo,
      guestChange({ ...GUEST, name: "g1" }, { connectUri: "qemu:///system", by: "definition" }).undo,
    );
  });
});

describe("knowsTranslationCache", () => {
  it("is so from 8.0.0 on, and not where the version is not known", () =>
    assert.deepEqual(["7.10.0", "8.0.0", "9.0.0", "11.3.0", "unknown"].map(knowsTranslationCache), [
      false,
      true,
      true,
      true,
      false,
    ]));
});

describe("address of a guest", () => {
  const table = ` Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 lo         00:00:00:00:00:00    ipv4         127.0.0.1/8
 vnet0      52:54:00:00:00:01    ipv6         fe80::1/64
 -          -                    ipv4         10.0.0.9/24
 vnet0      52:54:00:00:00:01    ipv4         198.18.1.5/20
`;
  it("is that of its card", () => assert.equal(parseAddress(table, "52:54:00:00:00:01"), "198.18.1.5"));
  it("is not known as long as nobody knows it", () =>
    assert.equal(parseAddress(table, "52:54:00:00:00:02"), undefined));
});

describe("XML", () => {
  it("leaves numbers as they are", () => assert.equal(xmlText("<a><b>007</b></a>", ["a", "b"]), "007"));
  it("takes the first of several", () => assert.equal(xmlText("<a><b>x</b><b>y</b></a>", ["a", "b", "c"]), undefined));
  it("finds nothing where there is nothing", () => {
    assert.equal(xmlText("", ["a"]), undefined);
    assert.equal(xmlText("<a/>", ["a", "__proto__", "x"]), undefined);
    assert.equal(xmlText("not xml <", ["a"]), undefined);
  });
});
