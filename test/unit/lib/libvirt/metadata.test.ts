import assert from "node:assert/strict";
import fc from "fast-check";
import { METADATA_URI, metadataIn, metadataXml } from "../../../../lib/libvirt/metadata.js";
import { fixture } from "../../../support/fixture.js";

/** As libvirt puts what it is given into a definition. */
const definition = (metadata: Readonly<Record<string, string>>): string => {
  const ours = metadataXml(metadata).replaceAll(/<(\/?)(instance|item)/g, "<$1migstorm:$2");
  const named = ours.replace("<migstorm:instance", `<migstorm:instance xmlns:migstorm="${METADATA_URI}"`);
  return `<domain type='qemu'><name>g1</name><metadata><other:x xmlns:other="https://else"><item key="no">1</item></other:x>${named}</metadata></domain>`;
};

describe("metadata in a guest's definition", () => {
  it("is read from what libvirt prints of a running guest", () =>
    assert.deepEqual(metadataIn(fixture("virsh-9.0.0/dumpxml-metadata.txt")), {
      "hw:wrs:live_migration_tunnel": "True",
      note: `"a" & <b> 'c'`,
    }));

  it("comes back as it was, whatever it is", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab &<>'\"#x;:äß€\u{1f600}") });
    const key = fc
      .string({ unit: fc.constantFrom(..."abcXYZ019:._-"), minLength: 1 })
      .filter((one) => one !== "__proto__");
    fc.assert(
      fc.property(fc.dictionary(key, text), (metadata) => {
        assert.deepEqual(metadataIn(definition(metadata)), { ...metadata });
      }),
    );
  });

  it("is nothing where there is none, or none of ours", () => {
    for (const xml of [
      ...["", "<", "<domain/>", "<domain><metadata/></domain>", "error: failed to get domain"],
      `<domain><metadata><a:instance xmlns:a="https://else"><a:item key="k">v</a:item></a:instance></metadata></domain>`,
      `<domain><metadata><instance><item key="k">v</item></instance></metadata></domain>`,
      `<domain><instance xmlns="${METADATA_URI}"><item key="k">v</item></instance></domain>`,
    ])
      assert.deepEqual(metadataIn(xml), {}, xml);
  });

  it("leaves out what is not an item with a key", () => {
    const xml = `<domain><metadata><m:instance xmlns:m="${METADATA_URI}"><m:item>v</m:item><m:item key="k"><b/></m:item><m:other key="o">v</m:other><m:item key="e"/></m:instance></metadata></domain>`;
    assert.deepEqual(metadataIn(xml), { k: "", e: "" });
  });
});
