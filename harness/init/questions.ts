import { inventorySchema } from "../../lib/model/inventory.js";
import { schemaProblems } from "../../lib/model/schema-problems.js";
import { inventoryProblems } from "../inventory-problems.js";
import type { Path } from "../places.js";

/** Answers so far, by the question's key: `0.name`, `bridge`. */
export type Answers = Readonly<Record<string, string>>;

/** One question: what it decides in the inventory, and what is meant when nothing is answered. */
export interface Question {
  readonly key: string;
  readonly text: string;
  readonly fallback: (answers: Answers) => string | undefined;
  /** Parts of the inventory that the answer makes: their mistakes are the answer's. */
  readonly paths: readonly Path[];
}

const ofHost = (index: 0 | 1): Question[] => {
  const at = (key: string): string => `${index}.${key}`;
  const which = index === 0 ? "first" : "second";
  const like = (key: string, otherwise: string) => (answers: Answers) =>
    index === 0 ? otherwise : (answers[`0.${key}`] ?? otherwise);
  return [
    {
      key: at("name"),
      text: `Name of the ${which} host`,
      fallback: () => undefined,
      paths: [["hosts", index, "name"]],
    },
    {
      key: at("address"),
      text: "  its name or address, as this machine reaches it",
      fallback: (answers) => answers[at("name")],
      paths: [["hosts", index, "address"]],
    },
    { key: at("user"), text: "  user to log in as", fallback: like("user", "root"), paths: [["hosts", index, "user"]] },
    {
      key: at("login"),
      text: "  how: path of a private key, agent, or $NAME of an environment variable with the password",
      fallback: like("login", "agent"),
      paths: ["identityFile", "passwordEnv"].map((key) => ["hosts", index, key]),
    },
    {
      key: at("peer"),
      text: "  libvirt URI by which the other host reaches it",
      fallback: (answers) => `qemu+ssh://root@${answers[at("name")]}/system`,
      paths: [["hosts", index, "peerUri"]],
    },
  ];
};

/** In the order in which they are asked: what comes first is the default of what comes later. */
export const QUESTIONS: readonly Question[] = [
  ...ofHost(0),
  ...ofHost(1),
  {
    key: "bridge",
    text: "Bridge that guests hang on, on both hosts",
    fallback: () => "br0",
    paths: [["network", "bridge"]],
  },
  {
    key: "storage",
    text: "Storage that both see: a folder, nfs://SERVER/EXPORT, or none",
    fallback: () => "none",
    paths: [["storage"]],
  },
  {
    key: "image",
    text: "Guest: its base disk in that storage (base/guest.qcow2), or the path of a kernel on both hosts",
    fallback: ({ storage }) => (storage === "none" ? "/boot/vmlinuz" : "base/guest.qcow2"),
    paths: [["images"]],
  },
];

/** What is wrong with one answer, in the schema's own words; empty when nothing is. */
export function wrongWith({ paths }: Question, answers: Answers): string[] {
  const draft = draftOf(answers);
  return [...schemaProblems(inventorySchema, draft), ...inventoryProblems(draft)]
    .filter(({ path }) => paths.some((own) => own.every((key, index) => path[index] === key)))
    .map(({ message }) => message);
}

/** The inventory that the answers make, as far as they go. Pure; not checked. */
export function draftOf(answers: Answers): Record<string, unknown> {
  const login = loginOf(answers["0.login"]);
  return {
    hosts: [hostOf(answers, 0), hostOf(answers, 1)],
    storage: storageOf(answers, login),
    images: { guest: { ...imageOf(answers.image), login: { user: "root", ...login, hostKey: "first-use" } } },
    network: { bridge: answers.bridge },
  };
}

function hostOf(answers: Answers, index: number): Record<string, unknown> {
  const of = (key: string): string | undefined => answers[`${index}.${key}`];
  const user = of("user");
  return { name: of("name"), address: of("address"), ...asRoot(user), ...loginOf(of("login")), peerUri: of("peer") };
}

const asRoot = (user = "root"): Record<string, unknown> => (user === "root" ? { user } : { user, become: "sudo" });

function loginOf(answer: string | undefined): Record<string, unknown> {
  if (answer === undefined) return {};
  if (answer === "agent") return { agent: true };
  return answer.startsWith("$") ? { passwordEnv: answer.slice(1) } : { identityFile: answer };
}

function storageOf(answers: Answers, login: Record<string, unknown>): unknown {
  const { storage = "none" } = answers;
  if (storage === "none") return { kind: "none" };
  const [, server, path] = /^nfs:\/\/([^/]+)(\/.*)$/.exec(storage) ?? [];
  if (server === undefined) return { kind: "directory", path: storage };
  const machine = { name: server, address: server, ...asRoot(answers["0.user"]), ...login };
  return { kind: "nfs", server, export: path, machine, path };
}

const imageOf = (answer: string | undefined): Record<string, unknown> =>
  answer?.startsWith("/") ? { kernel: answer } : { disk: answer };
