import type { Places } from "./places.js";

/** Writes sshd's settings for the throwaway host. */
export function sshdConfig(places: Places, port: number, usePam: boolean): string {
  return `# Made by \`npm run quickstart\`: a throwaway SSH host, on loopback only, with keys of its own.
Port ${port}
ListenAddress 127.0.0.1
HostKey "${places.hostKey}"
PidFile "${places.sshdPid}"

# Only root logs in, with one key. Its file is in a checkout, which may be in any user's home, so sshd's checks of owners
# and modes (StrictModes) are off.
AuthorizedKeysFile "${places.loginKey}.pub"
StrictModes no
AllowUsers root
PermitRootLogin prohibit-password
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no

# PAM's session modules need what containers do not have. Without PAM, sshd refuses an account that is locked by \`!\`, as
# root's is on some distributions.
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

/** Writes ssh's settings. They replace the user's and the machine's, which may use a proxy for every host. */
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

/** Reads the port from sshd's settings of an earlier run. */
export function portIn(config: string): number | undefined {
  const port = /^Port (\d+)$/m.exec(config)?.[1];
  return port === undefined ? undefined : Number(port);
}
