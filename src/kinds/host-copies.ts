/** What a jail gets of the host's files for one setting of JailSystem. */
interface HostCopies {
  /** What it is, for people. */
  readonly what: string;
  /** What brings it where the host lacks it. */
  readonly brought: string;
  /** Each path in the jail with the host's files that it may be a copy of: the first that everybody may read is taken. */
  readonly copies: Readonly<Record<string, readonly string[]>>;
  /** Symlinks in the jail by path, each with what it leads to. */
  readonly links?: Readonly<Record<string, string>>;
}

/** The terminals that programs meet most. */
const terminals = ["dumb", "linux", "screen-256color", "tmux-256color", "vt100", "xterm", "xterm-256color"];

const terminfoOfHost = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"];

/** By setting. Each is a switch. */
export const hostCopies = {
  services: {
    what: "names of services and protocols (etc/services, etc/protocols)",
    brought: "netbase (Red Hat kinds: setup, SUSE: netcfg)",
    copies: {
      "etc/services": ["/etc/services", "/usr/etc/services"],
      "etc/protocols": ["/etc/protocols", "/usr/etc/protocols"],
    },
  },
  // Where OpenSSL was built to look for them: on Debian and Ubuntu, on Red Hat kinds, and elsewhere.
  certificates: {
    what: "CA certificates (etc/ssl/cert.pem)",
    brought: "ca-certificates",
    copies: {
      "etc/ssl/cert.pem": [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
      ],
    },
    links: { "usr/lib/ssl/cert.pem": "../../../etc/ssl/cert.pem", "etc/pki/tls/cert.pem": "../../ssl/cert.pem" },
  },
  terminfo: {
    what: "terminals for curses (usr/share/terminfo)",
    brought: "ncurses-base (SUSE: terminfo-base, Alpine: ncurses-terminfo-base)",
    copies: Object.fromEntries(
      terminals.map((name) => {
        const file = `${name.charAt(0)}/${name}`;
        return [`usr/share/terminfo/${file}`, terminfoOfHost.map((directory) => `${directory}/${file}`)];
      }),
    ),
  },
} satisfies Record<string, HostCopies>;

export type HostCopiesSetting = keyof typeof hostCopies;

const settings = Object.keys(hostCopies) as HostCopiesSetting[];

type Switches = Readonly<Partial<Record<HostCopiesSetting, boolean | undefined>>>;

/** Those that are switched on. */
function chosen(switches: Switches): (HostCopies & { readonly setting: HostCopiesSetting })[] {
  return settings.filter((setting) => switches[setting]).map((setting) => ({ setting, ...hostCopies[setting] }));
}

/** The copies and symlinks as a step takes them: `PATH:SOURCE:SOURCE…` and `PATH:TARGET`. */
export function hostCopyValues(switches: Switches): { copies: string[]; links: string[] } {
  const wanted = chosen(switches);
  return {
    copies: wanted.flatMap(({ copies }) => Object.entries(copies).map((copy) => copy.flat().join(":"))),
    links: wanted.flatMap(({ links = {} }) => Object.entries(links).map((link) => link.join(":"))),
  };
}

/** Of each setting of which the host has nothing: what the jail lacks, and what to do. `lacking`: paths in the jail of which the host has no file. */
export function lackingWords(switches: Switches, lacking: readonly string[]): string[] {
  return chosen(switches)
    .filter(({ copies }) => Object.keys(copies).every((path) => lacking.includes(path)))
    .map(
      ({ setting, what, brought }) =>
        `the host has no ${what}, and so has the jail: install ${brought} there, or set \`${setting}: false\``,
    );
}
