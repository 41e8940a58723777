import { describe, expect, test } from "@jest/globals";
import { diagnose, diagnoseSession, diagnoseSudo, type Diagnosis } from "../../src/ssh/diagnosis.js";

const changed = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Offending ED25519 key in /home/me/.ssh/known_hosts:1
Host key for python3jail-pinned has changed and you have requested strict checking.
Host key verification failed.`;
const unprotected = `@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
Permissions 0644 for 'open' are too open.
Load key "open": bad permissions
root@192.0.2.1: Permission denied (publickey,password,keyboard-interactive).`;

/** Cases: name, output of OpenSSH 9.2, and the expected code, remedy and `transient`. */
const logins: [string, string, Diagnosis["code"], RegExp, boolean][] = [
  ["a changed host key", changed, "changed-host-key", /ssh-keygen -R/, false],
  [
    "an unknown host key that nobody can be asked about",
    "Host key verification failed.",
    "unknown-host-key",
    /known_hosts.*`ssh HOST`.*hostKey.*accept-new/,
    false,
  ],
  [
    "an unknown host key under strict checking",
    "No ED25519 host key is known for [192.0.2.1]:2299 and you have requested strict checking.\nHost key verification failed.",
    "unknown-host-key",
    /hostKey/,
    false,
  ],
  [
    "a refused key",
    "root@192.0.2.1: Permission denied (publickey,password,keyboard-interactive).",
    "refused-login",
    /user.*key.*password/,
    false,
  ],
  ["a key file that others can read", unprotected, "refused-login", /key/, false],
  [
    "a damaged key",
    'Load key "bad": error in libcrypto\nroot@192.0.2.1: Permission denied (publickey).',
    "refused-login",
    /key/,
    false,
  ],
  [
    "a wrong passphrase",
    'Load key "/tmp/pj-1-x/host.key": incorrect passphrase supplied to decrypt private key\nroot@h: Permission denied (publickey).',
    "refused-login",
    /key/,
    false,
  ],
  [
    "too many keys",
    "Received disconnect from 192.0.2.1 port 2299:2: Too many authentication failures\nDisconnected from 192.0.2.1 port 2299",
    "refused-login",
    /key/,
    false,
  ],
  [
    "a name that does not exist",
    "ssh: Could not resolve hostname nope.invalid: Name or service not known",
    "unreachable",
    /`host`/,
    false,
  ],
  [
    "a name server that does not answer",
    "ssh: Could not resolve hostname judge-1: Temporary failure in name resolution",
    "unreachable",
    /`host`/,
    true,
  ],
  [
    "nothing listening",
    "ssh: connect to host 192.0.2.1 port 1: Connection refused",
    "unreachable",
    /`port`.*sshd/,
    true,
  ],
  ["no answer", "ssh: connect to host 10.255.255.1 port 22: Connection timed out", "unreachable", /host is up/, true],
  [
    "no answer in the middle",
    "Connection timed out during banner exchange\nConnection to 10.255.255.1 port 22 timed out",
    "unreachable",
    /sshd there/,
    true,
  ],
  [
    "no answer, with a bastion that says nothing",
    "Connection timed out during banner exchange\nConnection to UNKNOWN port 65535 timed out",
    "unreachable",
    /ProxyJump first/,
    true,
  ],
  ["no route", "ssh: connect to host 192.0.2.1 port 22: No route to host", "unreachable", /host is up/, true],
  [
    "no network",
    "ssh: connect to host 192.0.2.1 port 22: Network is unreachable",
    "unreachable",
    /this machine's network/,
    true,
  ],
  [
    "a server that hangs up",
    "kex_exchange_identification: Connection closed by remote host\nConnection closed by 192.0.2.1 port 22",
    "unreachable",
    /MaxStartups/,
    true,
  ],
  [
    "a reset",
    "kex_exchange_identification: read: Connection reset by peer\nConnection reset by 192.0.2.1 port 22",
    "unreachable",
    /MaxStartups/,
    true,
  ],
  [
    "a bastion that nothing listens on",
    "ssh: connect to host 192.0.2.2 port 1: Connection refused\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535",
    "unreachable",
    /`port`.*ProxyJump/,
    true,
  ],
  [
    "a bastion whose name does not exist",
    "ssh: Could not resolve hostname bastion: Name or service not known\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535",
    "unreachable",
    /ProxyJump/,
    true,
  ],
  [
    "nothing listening behind a bastion",
    "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\nConnection closed by UNKNOWN port 65535",
    "unreachable",
    /`port`.*sshd/,
    true,
  ],
  [
    "no answer behind a bastion",
    "channel 0: open failed: connect failed: No route to host\nstdio forwarding failed\nConnection closed by UNKNOWN port 65535",
    "unreachable",
    /host is up/,
    true,
  ],
  [
    "a name that a bastion does not know",
    "channel 0: open failed: connect failed: Name or service not known\nstdio forwarding failed\nConnection closed by UNKNOWN port 65535",
    "unreachable",
    /`host`/,
    false,
  ],
  [
    "a bastion that refuses the key",
    "jump@192.0.2.2: Permission denied (publickey).\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535",
    "refused-login",
    /key/,
    false,
  ],
  [
    "an unknown setting",
    "badconf: line 1: Bad configuration option: foo\nbadconf: terminating, 1 bad configuration options",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "a setting with too many words",
    "badconf2 line 1: keyword port extra arguments at end of line\nbadconf2: terminating, 1 bad configuration options",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "a setting without its word",
    'bc3 line 1: no argument after keyword "port"\nbc3: terminating, 1 bad configuration options',
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "a setting with a wrong word",
    "bc4 line 1: Bad port '99999999'.\nbc4: terminating, 1 bad configuration options",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "no configuration file",
    "Can't open user config file /nope: No such file or directory",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "a configuration file that may not be read",
    "Can't open user config file /etc/nope: Permission denied",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "a configuration file that others may write",
    "Bad owner or permissions on /home/me/.ssh/config",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  ["a name that ssh does not take", "hostname contains invalid characters", "bad-configuration", /`host`/, false],
  [
    "no common algorithm",
    "Unable to negotiate with 192.0.2.1 port 22: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1",
    "bad-configuration",
    /sshConfigFile/,
    false,
  ],
  [
    "no ssh on this machine",
    "ssh: command not found: install OpenSSH's client on this machine",
    "bad-configuration",
    /install OpenSSH/,
    false,
  ],
  ["anything else", "something that no ssh ever said", "unreachable", /ssh -v/, true],
];

test.each<[string, number, string, string, RegExp]>([
  [
    "a start file that ends the shell",
    0,
    "Welcome!\n",
    "the login shell ended before it ran anything (exit code 0)",
    /~\/\.bashrc.*exit/,
  ],
  [
    "a user without a login shell",
    1,
    "This account is currently not available.\n",
    "its user may not log in (its login shell is nologin)",
    /usermod -s/,
  ],
])("a login whose shell ran nothing is diagnosed as %s", (_name, exitCode, stdout, reason, remedy) => {
  expect(diagnose("", false, { exitCode, stdout })).toMatchObject({
    code: "login-shell",
    reason,
    remedy: expect.stringMatching(remedy),
    transient: false,
  });
});

test("a session that sshd refuses is diagnosed with the sshd setting that allows it", () => {
  const said =
    "mux_client_request_session: session request failed: Session open refused by peer\r\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n";
  expect(diagnoseSession(said)).toMatchObject({
    code: "max-sessions",
    remedy: expect.stringContaining("MaxSessions 10"),
    transient: false,
  });
  expect(diagnoseSession("Connection to 192.0.2.1 closed by remote host.\r\n")).toBeUndefined();
});

describe("a failed login", () => {
  test.each(logins)("is diagnosed for %s", (_name, stderr, code, remedy, transient) => {
    const diagnosis = diagnose(stderr, false);
    expect(diagnosis).toMatchObject({ code, transient, remedy: expect.stringMatching(remedy) });
    expect(diagnosis.reason).toMatch(/^[^\n]+$/);
  });

  const gone = [
    "a name that does not exist",
    "no answer",
    "no route",
    "no answer behind a bastion",
    "a name that a bastion does not know",
  ];
  test("sets `gone` only if nothing of the host answers", () => {
    expect(logins.filter(([, stderr]) => diagnose(stderr, false).gone).map(([name]) => name)).toEqual(gone);
  });

  test("that exceeded its time limit is diagnosed as a host that does not answer", () => {
    expect(diagnose("", true)).toMatchObject({ code: "unreachable", reason: "it does not answer", transient: true });
  });

  test("that exceeded its time limit is diagnosed by ssh's output if there is any", () => {
    expect(diagnose("root@h: Permission denied (publickey).", true).code).toBe("refused-login");
  });
});

const sudos: [string, string, RegExp, RegExp][] = [
  ["a password is wanted", "sudo: a password is required", /asks for a password/, /NOPASSWD/],
  [
    "a terminal is wanted for the password",
    "sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required",
    /asks for a password/,
    /NOPASSWD/,
  ],
  [
    "an old sudo wants a terminal for the password",
    "sudo: no tty present and no askpass program specified",
    /asks for a password/,
    /NOPASSWD/,
  ],
  ["requiretty", "sudo: sorry, you must have a tty to run sudo", /terminal/, /requiretty/],
  ["not in sudoers", "deploy is not in the sudoers file.  This incident will be reported.", /not allowed/, /NOPASSWD/],
  [
    "not in sudoers (sudo 1.9.14)",
    "deploy is not in the sudoers file.\nThis incident has been reported to the administrator.",
    /not allowed/,
    /NOPASSWD/,
  ],
  [
    "another command is allowed",
    "Sorry, user deploy is not allowed to execute '/usr/bin/sh -s' as root on judge-1.",
    /not allowed/,
    /NOPASSWD/,
  ],
  ["no rule on this host", "Sorry, user deploy may not run sudo on judge-1.", /not allowed/, /NOPASSWD/],
  ["dash finds no sudo", "sh: 1: exec: sudo: not found", /no sudo/, /install sudo/],
  ["bash finds no sudo", "bash: line 1: exec: sudo: not found", /no sudo/, /install sudo/],
  ["zsh finds no sudo", "zsh:1: command not found: sudo", /no sudo/, /install sudo/],
  ["env finds no sudo", "env: 'sudo': No such file or directory", /no sudo/, /install sudo/],
  ["busybox's env finds no sudo", "env: can't execute 'sudo': No such file or directory", /no sudo/, /install sudo/],
  [
    "sudo is not setuid root",
    "sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set",
    /cannot become root/,
    /setuid/,
  ],
  [
    "no new privileges",
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    /cannot become root/,
    /setuid/,
  ],
];

describe("sudo's refusals", () => {
  test.each(sudos)("are diagnosed: %s", (_name, stderr, reason, remedy) => {
    expect(diagnoseSudo(stderr)).toMatchObject({
      code: "no-sudo",
      transient: false,
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    });
  });

  test.each([
    "",
    "mkdir: cannot create directory '/srv/x': Permission denied",
    "sudo: unable to resolve host judge-1: Name or service not known",
    "sh: 3: foo: not found",
  ])("do not include %j", (stderr) => expect(diagnoseSudo(stderr)).toBeUndefined());
});
