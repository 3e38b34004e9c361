import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { relative } from "node:path/posix";

/** Who may import whom. A folder may always import itself; the longest matching row counts. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  "lib/model": [],
  lib: [],
  reports: ["lib/model"],
  "harness/checks": ["lib/model"],
  harness: ["lib"],
  "harness/commands": ["harness", "lib", "reports"],
  "harness/cli.ts": ["harness", "lib", "reports"],
};

/** Floors that compute only: of Node itself they may import these modules and no other. Elsewhere all are open. */
const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  "lib/model": [],
  reports: ["node:crypto"],
  "harness/checks": [],
};

/** Where each npm package may be imported: replacing one is a change in one place. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  commander: ["harness/cli.ts", "harness/commands"],
  execa: ["lib/transport/local.ts"],
  "fast-xml-parser": ["lib/libvirt"],
  "js-yaml": ["harness/yaml.ts"],
  mocha: ["harness/suite.ts"],
  "p-limit": ["harness/engine"],
  pcap: ["lib/capture/node-pcap.ts"],
  ssh2: ["lib/transport"],
  winston: ["lib/log.ts"],
  zod: ["lib/model"],
};

/** Files that a few places alone may import: a profile scales cases by data, before they are planned, and never runs one in another way. */
const KNOWN_TO: Readonly<Record<string, readonly string[]>> = {
  "lib/model/profile.ts": [
    "harness/commands",
    "harness/explain.ts",
    "harness/load.ts",
    "harness/profile.ts",
    "lib/model",
    "reports/case-page.ts",
    "reports/console.ts",
    "reports/html/profile-text.ts",
    "reports/scale-text.ts",
  ],
  "harness/profile.ts": ["harness/commands", "harness/explain.ts"],
};

const root = resolve(import.meta.dirname, "../..");
const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** What a source imports against the tables, in words. */
function violations(file: string, source: string): string[] {
  const row = rowOf(file, Object.keys(FLOORS));
  if (row === undefined) return [`${file}: no floor covers this file`];
  return importsOf(source)
    .filter((name) => !permitted(file, row, name))
    .map((name) => `${file} imports ${name.startsWith(".") ? targetOf(file, name) : name}`);
}

function permitted(file: string, row: string, name: string): boolean {
  if (name.startsWith(".")) {
    const target = targetOf(file, name);
    const isKnown = KNOWN_TO[target]?.some((place) => inside(file, place)) ?? true;
    return isKnown && [row, ...(FLOORS[row] ?? [])].some((folder) => inside(target, folder));
  }
  if (name.startsWith("node:")) return NODE_MODULES[row]?.includes(name) ?? true;
  return (PACKAGES[packageOf(name)] ?? []).some((place) => inside(file, place));
}

const rowOf = (file: string, rows: readonly string[]): string | undefined =>
  rows.filter((key) => inside(file, key)).sort((a, b) => b.length - a.length)[0];

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")` and `require("x")`, types included. */
const importsOf = (source: string): string[] =>
  [
    ...source.matchAll(/^\s*(?:import|export)\s(?:[^;"'`]*\sfrom\s*)?(["'])([^"'\s]+)\1/gm),
    ...source.matchAll(/\b(?:import|require|resolve)\(\s*(["'`])((?:\.\.?\/|node:|@?[a-z])[^"'`\s]*)\1\s*\)/g),
  ].map((match) => match[2] ?? "");

/** A path inside the project, as the source file is called: `lib/x.ts` for `./x.js`. */
const targetOf = (file: string, name: string): string =>
  relative("/", resolve("/", dirname(file), name)).replace(/\.js$/, ".ts");

const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

describe("floors", () => {
  const files = ["lib", "harness", "reports"].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(?:ts|mjs|js|cjs)$/.test(file))
      .map((file) => join(top, file)),
  );
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

  it("every import goes downwards, and each package is imported in its place only", () => {
    assert.ok(files.length > 100, "the files were found");
    assert.deepEqual(
      [...sources].flatMap(([file, source]) => violations(file, source)),
      [],
    );
  });

  it("sees every import of the present code that a plain search sees", () => {
    for (const [file, source] of sources) {
      const lines = source.split("\n").filter((line) => /^(?:import|export|\}) .*from "/.test(line));
      assert.ok(importsOf(source).length >= lines.length, `an import of ${file} is not seen`);
    }
  });

  it("every package of the tables is used, and every package of package.json is in the tables", () => {
    const imported = new Set([...sources.values()].flatMap(importsOf).map(packageOf));
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.deepEqual(Object.keys(PACKAGES).sort(), Object.keys(dependencies).sort());
    assert.deepEqual(
      Object.keys(PACKAGES).filter((name) => !imported.has(name)),
      [],
    );
  });

  it("every place that may know of profiles does, and nobody who plans, runs or judges a case as much as names one", () => {
    const importers = (target: string): string[] =>
      [...sources].flatMap(([file, source]) =>
        importsOf(source).some((name) => targetOf(file, name) === target) ? [file] : [],
      );
    for (const [target, places] of Object.entries(KNOWN_TO))
      for (const place of places)
        assert.ok(
          importers(target).some((file) => inside(file, place)),
          `${place} does not import ${target}`,
        );
    const runners = ["harness/engine", "harness/checks", "harness/plan.ts", "harness/run-one-case.ts"];
    for (const place of runners) {
      const own = [...sources].filter(([file]) => inside(file, place));
      assert.ok(own.length > 0, place);
      assert.deepEqual(
        own.filter(([, source]) => /profile/i.test(source)).map(([file]) => file),
        [],
      );
    }
  });

  const noticed: readonly (readonly [string, string, string, string])[] = [
    [
      "a check that touches a host",
      "harness/checks/x.ts",
      'import { a } from "../../lib/libvirt/virsh.js";',
      "lib/libvirt/virsh.ts",
    ],
    [
      "a check that uses the engine",
      "harness/checks/x.ts",
      'import type { A } from "../engine/context.js";',
      "harness/engine/context.ts",
    ],
    [
      "a check that reads files",
      "harness/checks/x.ts",
      'import { readFile } from "node:fs/promises";',
      "node:fs/promises",
    ],
    [
      "a lib file that knows the harness",
      "lib/net/tc.ts",
      'import type { A } from "../../harness/plan.js";',
      "harness/plan.ts",
    ],
    ["a model that imports the rest of lib", "lib/model/x.ts", 'export * from "../errors.js";', "lib/errors.ts"],
    ["a model that reads the clock of the machine", "lib/model/x.ts", 'import os from "node:os";', "node:os"],
    [
      "a report that loads on demand what it may not have",
      "reports/html.ts",
      'const x = await import("../lib/store/layout.js");',
      "lib/store/layout.ts",
    ],
    ["a report that reads files", "reports/html.ts", "import { readFileSync } from 'node:fs';", "node:fs"],
    [
      "an engine that writes reports",
      "harness/engine/x.ts",
      'import { junit } from "../../reports/junit.js";',
      "reports/junit.ts",
    ],
    [
      "an engine that knows of profiles",
      "harness/engine/x.ts",
      'import { applyProfile } from "../profile.js";',
      "harness/profile.ts",
    ],
    [
      "a check that knows of profiles",
      "harness/checks/x.ts",
      'import type { Profile } from "../../lib/model/profile.js";',
      "lib/model/profile.ts",
    ],
    [
      "a tool that knows of profiles",
      "lib/stress/x.ts",
      'import type { Profile } from "../model/profile.js";',
      "lib/model/profile.ts",
    ],
    [
      "a report that does not print profiles and knows of them",
      "reports/x.ts",
      'import { readChanges } from "../lib/model/profile.js";',
      "lib/model/profile.ts",
    ],
    ["lib importing tests", "lib/net/x.ts", 'import "../../test/support/build.js";', "test/support/build.ts"],
    ["a second place for execa", "lib/lab/x.ts", 'import { execa } from "execa";', "execa"],
    ["a second place for execa beside the first", "lib/transport/ssh.ts", 'import { execa } from "execa";', "execa"],
    ["ssh2 outside the transport", "harness/machines.ts", 'import type { Client } from "ssh2";', "ssh2"],
    ["winston outside the log", "harness/job.ts", 'import winston from "winston";', "winston"],
    ["a second reader of YAML", "harness/load.ts", 'import { load } from "js-yaml";', "js-yaml"],
    ["mocha outside the suite", "harness/job.ts", 'import Mocha from "mocha";', "mocha"],
    [
      "a part of mocha outside the suite",
      "harness/job.ts",
      'import R from "mocha/lib/runner.js";',
      "mocha/lib/runner.js",
    ],
    ["p-limit outside the engine", "harness/job.ts", 'import pLimit from "p-limit";', "p-limit"],
    ["commander outside the command line", "harness/plan.ts", 'import { Command } from "commander";', "commander"],
    ["zod outside the model", "lib/libvirt/x.ts", 'import { z } from "zod";', "zod"],
    [
      "an XML parser outside libvirt",
      "reports/junit.ts",
      'import { XMLParser } from "fast-xml-parser";',
      "fast-xml-parser",
    ],
    ["a package that nobody agreed on", "lib/net/x.ts", 'const _ = require("lodash");', "lodash"],
    [
      "an import over several lines",
      "harness/checks/x.ts",
      'import {\n  a,\n  b,\n} from "../../lib/poll.js";',
      "lib/poll.ts",
    ],
  ];
  for (const [what, file, source, told] of noticed)
    it(`notices ${what}`, () => assert.deepEqual(violations(file, source), [`${file} imports ${told}`]));

  it("notices a file that no floor covers", () => {
    assert.deepEqual(violations("tools/x.ts", ""), ["tools/x.ts: no floor covers this file"]);
  });

  it("lets the imports through that the tables allow", () => {
    assert.deepEqual(violations("harness/commands/x.ts", 'import { html } from "../../reports/html/page.js";'), []);
    assert.deepEqual(violations("harness/checks/x.ts", 'import type { A } from "./check.js";'), []);
    assert.deepEqual(violations("reports/x.ts", 'import { createHash } from "node:crypto";'), []);
    assert.deepEqual(violations("lib/model/x.ts", 'import { z } from "zod";'), []);
  });
});
