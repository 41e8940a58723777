import { installCommand } from "../remote/distributions.js";
import { lacksInWords, needText, type BuildNeed } from "../python/modules.js";
import { toolPackages } from "../remote/tools.js";
import { fine, lacking, warning, type DoctorFinding } from "./finding.js";
import type { DoctorFacts, Feature } from "./host-facts.js";
import type { HostNeeds } from "./host-needs.js";

/** A jail that is planned on a host. */
export interface PlannedJail {
  readonly path: string;
  readonly cache: string;
  readonly needs: HostNeeds;
}

/**
 * Checks which needs of a jail its host meets. `builtElsewhere`: another host of the stack, of the same platform, can
 * build CPython for it. Facts that only root can read are checked only if the login is root.
 */
export function hostFindings(facts: DoctorFacts, jail: PlannedJail, builtElsewhere = false): DoctorFinding[] {
  const forAnyUser = [
    rootFinding(facts, jail.needs),
    ...toolFindings(facts, jail.needs),
    ...buildFindings(facts, jail.needs, builtElsewhere),
    ...diskFindings(facts, jail),
    clockFinding(facts),
    libcFinding(facts),
  ];
  const forRoot = [
    placeFinding(facts, jail.path),
    ...mountFindings(facts, jail),
    ...kernelFindings(facts, jail.needs),
    ...sshdFindings(facts),
    ...accountFindings(facts, jail.needs),
  ];
  return [...forAnyUser, ...(facts.uid === 0 ? forRoot : [])].filter((finding) => finding !== undefined);
}

/** True if the host has everything that a build of CPython needs. */
export function canBuild({ lackingNeeds }: DoctorFacts, { always, forBuild }: HostNeeds): boolean {
  return Object.values({ ...always, ...forBuild }).every((need) => !lackingNeeds.includes(needText(need)));
}

function rootFinding({ uid, sudo }: DoctorFacts, needs: HostNeeds): DoctorFinding {
  if (uid === 0) return fine("root", needs.sudo ? "root by sudo" : "root");
  const who = needs.user === undefined ? `uid ${uid}` : `\`${needs.user}\``;
  const remedy = {
    yes: "set `sudo: true` in its `connection` (on this command line: `--sudo`)",
    no: `allow it sudo without a password (\`USER ALL=(root) NOPASSWD: ALL\` in sudoers) and set \`sudo: true\`, or log in as root`,
    none: "log in as root, or install sudo, allow it without a password and set `sudo: true`",
  }[sudo ?? "none"];
  return lacking("root", `you are ${who} there, not root`, remedy);
}

function toolFindings({ lackingTools, lackingNeeds, family }: DoctorFacts, { always }: HostNeeds): DoctorFinding[] {
  const tools = lackingTools.flatMap((name) => toolPackages([name]).map((need): [string, BuildNeed] => [name, need]));
  const missing = [...tools, ...lackingOf(always, lackingNeeds)];
  if (missing.length === 0) return [fine("tools", "every tool")];
  const packages = missing.map(([, need]) => need);
  return [lacking("tools", lacksInWords(missing), installCommand(packages, family))];
}

function lackingOf(needs: Readonly<Record<string, BuildNeed>>, lacks: readonly string[]): [string, BuildNeed][] {
  return Object.entries(needs).filter(([, need]) => lacks.includes(needText(need)));
}

function buildFindings(
  { lackingNeeds, family }: DoctorFacts,
  needs: HostNeeds,
  builtElsewhere: boolean,
): DoctorFinding[] {
  if (needs.build === "ready-made") return [];
  const missing = lackingOf(needs.forBuild, lackingNeeds);
  if (missing.length === 0) return [fine("compiler", "compiler and headers")];
  if (needs.build === "another host") return [];
  const text = lacksInWords(missing);
  const command = installCommand(
    missing.map(([, need]) => need),
    family,
  );
  if (needs.installs && family) return [warning("compiler", text, `nothing: \`up\` installs it (${command})`)];
  if (builtElsewhere)
    return [warning("compiler", text, `nothing, as long as another host builds for it; or ${command}`)];
  return [lacking("compiler", text, `${command}, or set \`python.installBuildDependencies: true\``)];
}

const megabyte = 1e6;

function diskFindings({ disks }: DoctorFacts, { path, cache, needs }: PlannedJail): DoctorFinding[] {
  const wanted = (place: string): number =>
    place === path
      ? needs.megabytes.jail
      : place === cache
        ? needs.build === "may have to"
          ? needs.megabytes.build
          : needs.megabytes.jail
        : 1;
  const findings = disks.flatMap(({ path: place, keeps, freeBytes, freeFiles, readOnly }) => {
    const free = Math.floor(freeBytes / megabyte);
    const at = `the disk of ${keeps} (${place})`;
    if (readOnly) return [lacking("disk", `${at} is read-only`, "mount it so that it can be written")];
    if (freeFiles === 0) return [lacking("disk", `${at} has no room for another file`, "remove files there")];
    if (free >= wanted(place)) return [];
    return [lacking("disk", `${at} has ${free} MB free, ${wanted(place)} MB are needed`, "make room there")];
  });
  if (findings.length > 0 || disks.length === 0) return findings;
  const ofJail = disks.find(({ path: place }) => place === path);
  return [fine("disk", `${((ofJail?.freeBytes ?? 0) / 1e9).toFixed(1)} GB free`)];
}

function clockFinding({ clockAhead }: DoctorFacts): DoctorFinding | undefined {
  if (clockAhead === undefined) return undefined;
  const seconds = Math.abs(clockAhead);
  if (seconds <= 60) return fine("clock", "clock");
  const text = `its clock is ${inWords(seconds)} ${clockAhead > 0 ? "ahead of" : "behind"} this machine's`;
  const remedy = "set it (`timedatectl set-ntp true`)";
  return seconds > 86_400
    ? lacking("clock", `${text}: to one of them the certificates of downloads are not valid`, remedy)
    : warning("clock", text, remedy);
}

function inWords(seconds: number): string {
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

function libcFinding({ system }: DoctorFacts): DoctorFinding | undefined {
  if (system?.libc?.startsWith("musl"))
    return lacking(
      "system",
      `its C library is ${system.libc}, and a jail's libraries are the host's glibc`,
      "take a host with glibc: Debian, Ubuntu, Fedora, RHEL, SUSE",
    );
  return system?.distribution === undefined ? undefined : fine("system", system.distribution);
}

function placeFinding({ place }: DoctorFacts, path: string): DoctorFinding {
  const another = "give another `path`";
  switch (place) {
    case "none":
    case "empty":
      return fine("path", `${path} is free`);
    case "ours":
      return fine("path", `a jail of ours at ${path}`);
    case "jail":
      return warning(
        "path",
        `there is a jail made by hand at ${path}`,
        "`up` adopts it, and replaces Python, loader, libraries and device nodes for good: `python3jail adopt HOST --plan` tells more. To keep it, give another `path`",
      );
    case "other":
      return lacking("path", `${path} holds files, and is no jail`, `empty it, or ${another}`);
    case "file":
      return lacking("path", `${path} is not a directory`, another);
    case "symlink":
      return lacking("path", `${path} is a symbolic link`, "give the real path as `path`");
  }
}

/** Finds mount options under which a jail or a build does not work. */
function mountFindings({ mounted }: DoctorFacts, { path, cache, needs }: PlannedJail): DoctorFinding[] {
  const has = (place: string, option: string): boolean => mounted[place]?.includes(option) ?? false;
  const remount = (option: string): string =>
    `mount it with \`${option}\` (\`findmnt -T ${path}\` shows which file system it is), or give another \`path\``;
  const findings = [
    ...(has(path, "nodev") && needs.devices
      ? [lacking("mount", `${path} is mounted nodev: device nodes are dead there`, remount("dev"))]
      : []),
    ...(has(path, "noexec")
      ? [lacking("mount", `${path} is mounted noexec: no program starts there`, remount("exec"))]
      : []),
    ...(has(cache, "noexec") && needs.build === "may have to"
      ? [
          lacking(
            "mount",
            `${cache} is mounted noexec: nothing can be built there`,
            "mount it with `exec`, or give another `directories.cache`",
          ),
        ]
      : []),
  ];
  return findings.length > 0 || mounted[path] === undefined ? findings : [fine("mount", "mount options")];
}

/** The bit of CAP_MKNOD in the kernel's mask of capabilities. */
const capMknod = 1n << 27n;

function kernelFindings(
  { capabilities, inUserNamespace, features, seccomp, cgroups }: DoctorFacts,
  needs: HostNeeds,
): DoctorFinding[] {
  const lacks = (feature: Feature): boolean => !features.includes(feature);
  const findings: DoctorFinding[] = [];
  const noNodes = inUserNamespace || (capabilities !== undefined && (capabilities & capMknod) === 0n);
  if (noNodes && needs.devices)
    findings.push(
      lacking(
        "kernel",
        "it is a container in which no device node can be made",
        "run it privileged (with CAP_MKNOD, in no user namespace), or take a virtual machine",
      ),
    );
  if (lacks("mount-namespace"))
    findings.push(
      warning(
        "namespaces",
        "it allows no mount namespace: steps are not confined to the jail",
        "allow `unshare --mount` (in a container: CAP_SYS_ADMIN)",
      ),
    );
  if (!needs.safeexec && lacks("userspec"))
    findings.push(
      lacking(
        "sandbox",
        "it has no safeexec, and its chroot cannot give up root's rights",
        "install coreutils' chroot (busybox's is not enough), or declare `safeexec`",
      ),
    );
  const weak = (["network-namespace", "no-new-privileges", "pid-namespace"] as const).filter(lacks);
  if (weak.length > 0)
    findings.push(
      warning(
        "sandbox",
        `what runs in the jail gets no ${weak.map((name) => name.replaceAll("-", " ")).join(", no ")} of its own`,
        "install util-linux's `unshare` and `setpriv`; in a container allow CAP_SYS_ADMIN",
      ),
    );
  if (findings.length > 0) return findings;
  return [
    fine("namespaces", "namespaces"),
    fine(
      "kernel",
      ["kernel", ...(seccomp ? ["seccomp"] : []), ...(cgroups === "none" ? [] : [`cgroups ${cgroups}`])].join(", "),
    ),
  ];
}

/** The sessions that one of our connections uses: six for steps, and the one that logged in. */
const sessionsNeeded = 7;
const startupsNeeded = 5;

function sshdFindings({ maxSessions, maxStartups }: DoctorFacts): DoctorFinding[] {
  const findings = [
    ...(maxSessions !== undefined && maxSessions < sessionsNeeded
      ? [
          lacking(
            "sshd",
            `its SSH server allows ${maxSessions} sessions in a connection (MaxSessions), ${sessionsNeeded} are needed`,
            "set `MaxSessions 10`, which is OpenSSH's default, in sshd_config, and reload sshd",
          ),
        ]
      : []),
    ...(maxStartups !== undefined && maxStartups < startupsNeeded
      ? [
          warning(
            "sshd",
            `its SSH server drops logins when ${maxStartups} others are in progress (MaxStartups)`,
            "set `MaxStartups 10:30:100`, which is OpenSSH's default, in sshd_config, and reload sshd",
          ),
        ]
      : []),
  ];
  return findings.length > 0 || maxSessions === undefined ? findings : [fine("sshd", "sshd's limits")];
}

function accountFindings({ taken }: DoctorFacts, { safeexec }: HostNeeds): DoctorFinding[] {
  // Without safeexec programs run as one uid that no account may have, so only the group can be somebody's.
  const relevant = taken.filter(({ kind }) => safeexec !== undefined || kind === "group");
  if (relevant.length === 0) return [fine("accounts", "gid 1000 and the sandbox's uids")];
  return relevant.map(({ fact, remedy, kind }) =>
    safeexec && (safeexec.requireFree || (safeexec.firewall && kind === "group"))
      ? lacking("accounts", fact, remedy)
      : warning("accounts", fact, remedy),
  );
}
