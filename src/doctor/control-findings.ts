import { megabytes } from "../base/text.js";
import type { PassphraseSource } from "../local/passphrase.js";
import type { ControlFacts } from "./control-facts.js";
import { fine, lacking, warning, type DoctorFinding } from "./finding.js";

const oldestNode = 22;
/** Space for a build of CPython, its source, and some wheels. */
const cacheMegabytes = 300;

/** Checks what the control machine has and lacks. */
export function controlFindings(facts: ControlFacts): DoctorFinding[] {
  const { node, ssh, engine, backend, passphrase } = facts;
  return [
    Number(node.split(".")[0]) >= oldestNode
      ? fine("node", `Node ${node}`)
      : lacking("node", `this is Node ${node}`, `install Node ${oldestNode} or later`),
    ssh === undefined
      ? lacking("ssh", "there is no ssh", "install OpenSSH's client (Debian's package: openssh-client)")
      : fine("ssh", ssh),
    "value" in engine
      ? fine("engine", `Pulumi ${engine.value}`)
      : lacking("engine", engine.problem, "`npm install pulumi` in the project's folder"),
    ...("value" in engine ? [backendFinding(backend)] : []),
    cacheFinding(facts.cache),
    ...(passphrase ? [passphraseFinding(passphrase)] : []),
  ];
}

function backendFinding(backend: ControlFacts["backend"]): DoctorFinding {
  return "value" in backend
    ? fine("backend", `backend ${backend.value}`)
    : lacking(
        "backend",
        `you are logged in to no Pulumi backend${/ACCESS_TOKEN/.test(backend.problem) ? "" : ` (${backend.problem})`}`,
        "`npx pulumi login --local`, or another backend",
      );
}

function cacheFinding({ path, usedBytes, freeBytes, writable }: ControlFacts["cache"]): DoctorFinding {
  const another = "give another place in `PYTHON3JAIL_CACHE_DIR`";
  if (!writable) return lacking("cache", `the cache ${path} may not be written by this user`, another);
  if (freeBytes < cacheMegabytes * 1e6)
    return warning(
      "cache",
      `the disk of the cache (${path}) has ${megabytes(freeBytes)} free`,
      `make room there (\`python3jail cache prune\`), or ${another}`,
    );
  return fine("cache", `cache of ${megabytes(usedBytes)}`);
}

function passphraseFinding(source: PassphraseSource): DoctorFinding {
  const check = "passphrase";
  if (source.from === "variable") return fine(check, "passphrase");
  if (source.from === "nowhere")
    return lacking(
      check,
      "the stack's secrets need a passphrase, and none is given",
      "`export PULUMI_CONFIG_PASSPHRASE_FILE=FILE`, a file of yours with the passphrase in it (mode 0600)",
    );
  const { path, is } = source;
  switch (is) {
    case "there":
      return fine(check, "passphrase");
    case "open to others":
      return warning(check, `others may read ${path}, or write it`, `\`chmod 600 ${path}\``);
    case "missing":
      return lacking(
        check,
        `PULUMI_CONFIG_PASSPHRASE_FILE names ${path}, and there is no such file`,
        `put the passphrase into it (mode 0600): \`(umask 077; cat >${path})\``,
      );
    case "unreadable":
      return lacking(check, `${path} may not be read by this user`, `\`chmod u+r ${path}\`, or give a file of yours`);
  }
}
