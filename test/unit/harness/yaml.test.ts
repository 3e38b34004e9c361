import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expand } from "../../../harness/expand.js";
import { loadInventory, loadScenario } from "../../../harness/load.js";
import { readYaml } from "../../../harness/yaml.js";
import { HarnessError } from "../../../lib/errors.js";
import { cpuMs } from "../../support/cpu.js";
import { refusal, written } from "./written.js";

const HEAD = "name: s\nsummary: A question\n";
const MIB = 2 ** 20;

/** Laughs to the ninth power of nine: a few hundred bytes that unfold into gigabytes. */
const aliasBomb = (): string =>
  ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    .concat(
      "bcdefghi".split("").map((name, index) => {
        const before = "abcdefgh"[index];
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
      }),
    )
    .join("\n");

const hostile: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ["an alias bomb", aliasBomb(), /^given\.yaml:1:\d+: anchors and aliases \(& and \*\) are not used here/],
  ["an alias alone", "a: *b", /^given\.yaml:1:\d+: /],
  ["an anchor alone", "a: &b 1", /^given\.yaml:1:\d+: anchors and aliases/],
  ["brackets 100,000 deep", "[".repeat(100_000), /^given\.yaml:1:\d+: /],
  [
    "mappings 5,000 deep",
    Array.from({ length: 1_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
    /^given\.yaml:\d+:\d+: /,
  ],
  ["nested axes 2,000 deep, in flow style", `${HEAD}axes: ${"{a: {b: {axes: ".repeat(2_000)}`, /^given\.yaml:3:\d+: /],
  ["a __proto__ key", `${HEAD}__proto__: { polluted: true }`, /^given\.yaml:3:1: __proto__ cannot be a key/],
  [
    "a quoted __proto__ key, deep",
    `${HEAD}base: { guests: { "__proto__": { polluted: true } } }`,
    /^given\.yaml:3:\d+: __proto__ cannot be a key/,
  ],
  [
    "a __proto__ key written with escapes",
    `${HEAD}"__\\x70roto__": { polluted: true }`,
    /^given\.yaml:3:\d+: __proto__ cannot be a key/,
  ],
  [
    "a constructor key",
    `${HEAD}constructor: { prototype: { polluted: true } }`,
    /^given\.yaml:3:1: constructor cannot be a key/,
  ],
  [
    "a variant that is called prototype",
    `${HEAD}axes: { a: { prototype: {} } }`,
    /^given\.yaml:3:\d+: prototype cannot be a key/,
  ],
  ["a binary file", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]), /^given\.yaml: it is not a text file$/],
  [
    "bytes that are not UTF-8",
    new Uint8Array([0x6e, 0x61, 0x3a, 0x20, 0xff, 0xfe]),
    /^given\.yaml: it is not a text file in UTF-8$/,
  ],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 0x6e, 0, 0x61, 0]), /^given\.yaml: it is not a text file in UTF-8$/],
  ["an empty file", "", /^given\.yaml: it is empty$/],
  ["blanks only", " \n\n  \n", /^given\.yaml: it is empty$/],
  ["comments only", "# nothing\n# at all\n", /^given\.yaml:1:1: /],
  ["a file over 1 MiB", `# ${"x".repeat(MIB)}\n`, /^given\.yaml: it has 1048579 bytes, 1048576 are allowed$/],
  [
    "too many values in a file that is small enough",
    `[${"1,".repeat(200_000)}1]`,
    /^given\.yaml:1:1: it has \d+ values, 100000 are allowed/,
  ],
  ["a key twice", `${HEAD}tags: [a]\ntags: [b]\n`, /^given\.yaml:4:1: /],
  ["a variant twice", `${HEAD}axes:\n  one:\n    a: {}\n    a: {}\n`, /^given\.yaml:6:5: /],
  ["a tag", `${HEAD}tags: !!js/function "x"\n`, /^given\.yaml:3:\d+: tags \(!\) are not used here/],
  ["a tag of its own", `${HEAD}base: !thing { }\n`, /^given\.yaml:3:\d+: tags \(!\) are not used here/],
  [
    "a merge key",
    `${HEAD}base:\n  <<: { guests: { count: 2 } }\n`,
    /^given\.yaml:4:3: merge keys \(<<\) are not used here/,
  ],
  ["two documents", `${HEAD}---\n${HEAD}`, /^given\.yaml:\d+:\d+: a second document begins in this file/],
  [
    "a number as a key",
    `${HEAD}axes: { a: { 1: {} } }\n`,
    /^given\.yaml:3:14: a key has to be a word, and YAML does not read 1 as one/,
  ],
  ["true as a key", `${HEAD}axes: { a: { true: {} } }\n`, /a key has to be a word, and YAML does not read true as one/],
  ["no key at all", `${HEAD}base: { : 1 }\n`, /^given\.yaml:3:\d+: a key has to be a word/],
  ["a list as a key", `${HEAD}? [a, b]\n: 1\n`, /^given\.yaml:3:\d+: a key has to be a word/],
  [
    "a number in quotes as a variant's name",
    `${HEAD}axes: { a: { "1": {} } }\n`,
    /^given\.yaml:3:1[45]: axes\.a\.1: a name .* is not a bare number/,
  ],
  ["a list at the top", "- name: s\n- summary: x\n", /^given\.yaml:1:1: expected a mapping, found a list/],
  ["a word at the top", "hello\n", /^given\.yaml:1:1: expected a mapping, found "hello"/],
  ["nothing at the top", "~\n", /^given\.yaml:1:1: expected a mapping, found nothing/],
  ["tabs as indentation", `${HEAD}axes:\n\tone:\n\t\ta: {}\n`, /^given\.yaml:4:\d+: .*tab/i],
  ["a line of half a MiB", `${HEAD}${"x".repeat(MIB / 2)}\n`, /^given\.yaml:\d+:\d+: /],
  ["a key of half a MiB", `${HEAD}${"x".repeat(MIB / 2)}: 1\n`, /^given\.yaml:3:\d+: /],
  ["an open quote", `${HEAD}tags: ["a\n`, /^given\.yaml:\d+:\d+: /],
  ["only half of a pair of braces", `${HEAD}base: { guests: { count: 2 }\n`, /^given\.yaml:\d+:\d+: /],
  [
    "a product of 10^9 cases",
    `${HEAD}axes: { ${"abcdefghi"
      .split("")
      .map((axis) => `${axis}: { ${Array.from({ length: 10 }, (_, at) => `v${at}: {}`).join(", ")} }`)
      .join(", ")} }\n`,
    /^given\.yaml:3:1: axes: these axes make up to 1000000000 cases/,
  ],
  [
    "a thousand mistakes",
    `${HEAD}axes: { a: { ${Array.from({ length: 1_000 }, (_, at) => `v${at}: { wrong: 1 }`).join(", ")} } }\n`,
    /given\.yaml: and 950 more$/,
  ],
  [
    "long words that look like each other",
    `${HEAD}axes: { a: { ${Array.from({ length: 700 }, (_, at) => `${"v".repeat(55)}${at}: {}`).join(", ")} }, b: { x: { only: { a: [${Array.from({ length: 700 }, (_, at) => `${"v".repeat(54)}w${at}`).join(", ")}] } } } }\n`,
    /axis a has no variant/,
  ],
  [
    "numbers out of all proportion",
    `${HEAD}base: { guests: { count: 1e999, vcpus: -1, memory: 99999999999MiB } }\n`,
    /^given\.yaml:3:\d+: base\.guests/,
  ],
  ["control characters", `${HEAD}"\\e]0;owned\\a": 1\n`, /^given\.yaml:3:[12]: .*unknown key/],
];

const readers = [
  ["scenario", async (file: string) => expand(await loadScenario(file))],
  ["inventory", loadInventory],
] as const;

describe("hostile YAML", () => {
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  afterEach(() => {
    assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), before);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  for (const [what, content, expected] of hostile)
    it(`is refused in a sentence and in time: ${what}`, async () => {
      const file = written(content);
      let message = "";
      const spentMs = await cpuMs(async () => {
        message = await refusal(async () => expand(await loadScenario(file)));
      });
      assert.ok(spentMs < 2_000, `${spentMs} ms of CPU time`);
      assert.match(message, expected);
      assert.ok(message.length < 60_000, "short enough to be read");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(message, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      await refusal(() => loadInventory(file));
    });

  it("is refused with the name of the file: what is not there, a folder, a device, a link in a circle", async () => {
    const folder = mkdtempSync(join(tmpdir(), "migstorm-unit-"));
    try {
      symlinkSync("circle.yaml", join(folder, "circle.yaml"));
      assert.equal(await refusal(() => readYaml(join(folder, "none.yaml"))), "none.yaml: there is no such file");
      assert.match(await refusal(() => readYaml(folder)), /: this is a folder, not a file$/);
      assert.match(await refusal(() => readYaml("/dev/zero")), /^\/dev\/zero: this is not a regular file$/);
      assert.match(await refusal(() => readYaml(join(folder, "circle.yaml"))), /^circle\.yaml: ELOOP/);
      assert.match(await refusal(() => readYaml("a\0b")), /null bytes/);
      assert.equal(await refusal(() => readYaml("x\u001b[31m.yaml")), "x.yaml: there is no such file");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const good = `${HEAD}tags: [t]\nbase:\n  guests: { count: 2, image: [a, b], memory: 1GiB }\n  load:\n    - { on: guests, tool: stress, args: [--cpu, "4"] }\naxes:\n  mode:\n    pre: { migration: { mode: precopy, timeout: 5s } }\n    post: { migration: { mode: postcopy }, only: { place: [x] } }\n  place: { x: {}, y: { axes: { deep: { p: {}, q: {} } } } }\n`;
  const words = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "\n",
    "  ",
    "&a ",
    "*a",
    "!!map ",
    "<<: ",
    "? ",
    "| ",
    "> ",
    "'",
    '"',
    "#",
    "~",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "axes",
    "only",
    "name",
    "__proto__",
    "0x1f",
    "1e5",
    "\u0000",
    "\ufeff",
    "\u2028",
    "\ud83d\ude00",
    "\\x41",
    "a".repeat(300),
  ];
  const shreds = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 40 })
    .map((parts) => parts.join(""));
  const mutated = fc
    .tuple(
      fc.nat(good.length),
      fc.nat(20),
      shreds.map((text) => text.slice(0, 40)),
    )
    .map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut));

  it("the text that is mutated is good by itself", async () => {
    assert.equal(expand(await loadScenario(written(good))).length, 4);
  });

  for (const [kind, read] of readers)
    it(`never ends in anything but a ${kind} or a refusal, whatever stands in the file`, async () => {
      const file = written("x");
      const { writeFile } = await import("node:fs/promises");
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 1, arbitrary: shreds }, { weight: 3, arbitrary: mutated }),
          async (text) => {
            await writeFile(file, text);
            await read(file).catch((error: unknown) => {
              assert.ok(error instanceof HarnessError && error.code === "bad-input", String((error as Error).stack));
              assert.notEqual(error.message, "");
            });
          },
        ),
        { numRuns: 400 },
      );
    }).timeout(20_000);
});

describe("reading YAML", () => {
  it("knows the place of every value and key", async () => {
    const { source, value } = await readYaml(written("a:\n  b: [x, { c: y }]\nde: z\n"));
    assert.deepEqual(value, { a: { b: ["x", { c: "y" }] }, de: "z" });
    const places = Object.fromEntries(
      [...source.offsets].map(([path, offset]) => [path, source.text.slice(offset, offset + 3)]),
    );
    assert.deepEqual(places, {
      "[]": "a:\n",
      '["a"]': "a:\n",
      '["a","b"]': "b: ",
      '["a","b","0"]': "x, ",
      '["a","b","1"]': "{ c",
      '["a","b","1","c"]': "c: ",
      '["de"]': "de:",
    });
  });

  it("takes Windows line ends and a byte order mark as they come", async () => {
    const { value } = await readYaml(written("\ufeffname: s\r\nlist:\r\n  - a\r\n"));
    assert.deepEqual(value, { name: "s", list: ["a"] });
  });
});
