import type { Profile } from "../../lib/model/profile.js";
import { scaleTexts } from "../scale-text.js";
import { escapeHtml } from "./escape.js";

/** With what it does, so that nobody takes the figures of small guests for those of large ones. */
export const profileText = (profile: Profile): string =>
  `<b>${escapeHtml(profile.name)}</b> ${escapeHtml(profile.summary)} <small>${escapeHtml(scaleTexts(profile).join("; "))}</small>`;
