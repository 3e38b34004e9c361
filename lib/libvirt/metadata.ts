import type { Command } from "../model/command.js";
import { escapeXml } from "./domain-xml.js";
import { virsh } from "./virsh.js";
import { xmlMetadata } from "./xml.js";

/** Names our element in a guest's definition, where libvirt keeps it and carries it along in a migration. */
export const METADATA_URI = "https://migstorm.dev/instance/1";
/** What stands before our elements there. */
export const METADATA_KEY = "migstorm";

type Metadata = Readonly<Record<string, string>>;

/** The element that virsh is given; libvirt itself puts the namespace in. */
export const metadataXml = (metadata: Metadata): string =>
  `<instance>${Object.entries(metadata)
    .map(([key, value]) => `<item key='${escapeXml(key)}'>${escapeXml(value)}</item>`)
    .join("")}</instance>`;

/** Puts a guest's metadata in place of what it was: in what runs, and in what would be started again. */
export const setMetadata = (connectUri: string, guest: string, metadata: Metadata): Command =>
  virsh(
    connectUri,
    ...["metadata", "--domain", guest, "--live", "--config"],
    ...["--uri", METADATA_URI, "--key", METADATA_KEY, "--set", metadataXml(metadata)],
  );

/** What a definition as libvirt prints it has of ours; nothing where it has nothing, or cannot be read. */
export const metadataIn = (domainXml: string): Metadata =>
  Object.fromEntries(xmlMetadata(domainXml, METADATA_URI).map(({ key, text }) => [key, text]));
