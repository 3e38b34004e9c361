import { join } from "node:path";
import type { LabLayout, LabMachine } from "./layout.js";
import { mustSh } from "./sh.js";

/** Longer than any lab lasts. */
const DAYS = "3650";

/** Nobody but root reads a key, from the moment that it is there. What openssl has to say is told when it fails. */
const CA = `umask 077
mkdir -p "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$3" -subj "/CN=$2" \\
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \\
  -keyout "$1/ca-key.pem" -out "$1/ca-cert.pem" 2>"$1/said" || { cat "$1/said" >&2; exit 1; }
rm -f "$1/said"`;

/** One key for both ends of a migration: as a host it answers, and as a host it calls. */
const HOST = `umask 077
mkdir -p "$2"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$5" -subj "/CN=$3" \\
  -CA "$1/ca-cert.pem" -CAkey "$1/ca-key.pem" \\
  -addext basicConstraints=critical,CA:FALSE -addext keyUsage=digitalSignature,keyEncipherment \\
  -addext extendedKeyUsage=serverAuth,clientAuth -addext "subjectAltName=$4" \\
  -keyout "$2/server-key.pem" -out "$2/server-cert.pem" 2>"$2/said" || { cat "$2/said" >&2; exit 1; }
rm -f "$2/said"
cp "$1/ca-cert.pem" "$2/ca-cert.pem"
ln -s server-key.pem "$2/client-key.pem"
ln -s server-cert.pem "$2/client-cert.pem"`;

const caFolder = ({ folder }: LabLayout): string => join(folder, "ca");

/** The lab's own certificate authority; its key stays outside of the machines and goes with the lab. */
export const makeCa = (lab: LabLayout): Promise<string> =>
  mustSh(CA, [caFolder(lab), `migstorm lab ${lab.name}`, DAYS]);

/** A host's key and its certificate, for the name and the addresses under which the others reach it. */
export const makeCertificate = (lab: LabLayout, machine: LabMachine, folder: string): Promise<string> => {
  const names = [`DNS:${machine.hostname}`, `IP:${machine.address}`, `IP:${machine.migrationAddress}`];
  return mustSh(HOST, [caFolder(lab), folder, machine.hostname, names.join(","), DAYS]);
};
