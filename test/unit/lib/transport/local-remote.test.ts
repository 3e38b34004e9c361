import { openLocal } from "../../../../lib/transport/local-remote.js";
import { remoteSuite } from "./remote-suite.js";

describe("a machine that is this one", () => remoteSuite(async () => openLocal("here"), "lost"));
