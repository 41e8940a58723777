/** The host's files that a jail gets for one setting of JailSystem. */
interface HostCopies {
  /** Description, for messages. */
  readonly what: string;
  /** Package that installs the files on a host, for messages. */
  readonly brought: string;
  /** Path in the jail to paths on the host. The first of them that everybody may read is copied. */
  readonly copies: Readonly<Record<string, readonly string[]>>;
  /** Symlinks in the jail: path to target. */
  readonly links?: Readonly<Record<string, string>>;
}

/** The most usual terminals. */
const terminals = ["dumb", "linux", "screen-256color", "tmux-256color", "vt100", "xterm", "xterm-256color"];

const terminfoOfHost = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"];

/** The copies for each setting. Each setting is a switch. */
export const hostCopies = {
  services: {
    what: "names of services and protocols (etc/services, etc/protocols)",
    brought: "netbase (Red Hat kinds: setup, SUSE: netcfg)",
    copies: {
      "etc/services": ["/etc/services", "/usr/etc/services"],
      "etc/protocols": ["/etc/protocols", "/usr/etc/protocols"],
    },
  },
  // The links are where OpenSSL looks by default: on Debian and Ubuntu, and on Red Hat kinds.
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

/** Selects the copies that are switched on. */
function chosen(switches: Switches): (HostCopies & { readonly setting: HostCopiesSetting })[] {
  return settings.filter((setting) => switches[setting]).map((setting) => ({ setting, ...hostCopies[setting] }));
}

/** The copies and symlinks as arguments of a step: `PATH:SOURCE:SOURCE…` and `PATH:TARGET`. */
export function hostCopyValues(switches: Switches): { copies: string[]; links: string[] } {
  const wanted = chosen(switches);
  return {
    copies: wanted.flatMap(({ copies }) => Object.entries(copies).map((copy) => copy.flat().join(":"))),
    links: wanted.flatMap(({ links = {} }) => Object.entries(links).map((link) => link.join(":"))),
  };
}

/**
 * A warning for each setting for which the host has no file at all. `lacking`: the paths in the jail for which the host
 * has no source.
 */
export function lackingWords(switches: Switches, lacking: readonly string[]): string[] {
  return chosen(switches)
    .filter(({ copies }) => Object.keys(copies).every((path) => lacking.includes(path)))
    .map(
      ({ setting, what, brought }) =>
        `the host has no ${what}, and so has the jail: install ${brought} there, or set \`${setting}: false\``,
    );
}
