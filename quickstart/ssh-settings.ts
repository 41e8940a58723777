import type { Places } from "./places.js";

/** sshd's settings for the throwaway host. */
export function sshdConfig(places: Places, port: number, usePam: boolean): string {
  return `# Made by \`npm run quickstart\`: a throwaway SSH host, on loopback only, with keys of its own.
Port ${port}
ListenAddress 127.0.0.1
HostKey "${places.hostKey}"
PidFile "${places.sshdPid}"

# Root logs in, with one key. Its file lies in a checkout, which may be in anybody's home: sshd's rules on that are for
# a user's own files.
AuthorizedKeysFile "${places.loginKey}.pub"
StrictModes no
AllowUsers root
PermitRootLogin prohibit-password
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no

# PAM's session modules want what containers do not have. Without PAM, sshd refuses an account that has no password at all
# (one locked by \`!\`, as some distributions have root's).
UsePAM ${usePam ? "yes" : "no"}

AllowAgentForwarding no
AllowTcpForwarding no
PermitTunnel no
X11Forwarding no
PermitUserEnvironment no
PermitUserRC no
PrintLastLog no
PrintMotd no
UseDNS no
`;
}

/** ssh's settings: read in place of the user's own and the machine's, which may send every host through a proxy, say. */
export function sshConfig(places: Places, port: number): string {
  return `# Made by \`npm run quickstart\`. A shell on its SSH host: ssh -F ${places.sshConfig} local
Host local
  HostName 127.0.0.1
  Port ${port}
  User root
  IdentityFile ${places.loginKey}
  IdentitiesOnly yes
  UserKnownHostsFile ${places.knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}

/** The port in sshd's settings from a run before. */
export function portIn(config: string): number | undefined {
  const port = /^Port (\d+)$/m.exec(config)?.[1];
  return port === undefined ? undefined : Number(port);
}
