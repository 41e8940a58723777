import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server wants, in the two forms that addresses have: a login before the host's name, and a token behind the path. */
export const secrets = { user: "deploy@ci", password: "pa/ss?w0rd#96f1", token: "t0k3n-5d2c" } as const;
const userinfo = `${encodeURIComponent(secrets.user)}:${encodeURIComponent(secrets.password)}@`;
/** Every form in which one of them could be seen. */
const forms = [
  secrets.password,
  encodeURIComponent(secrets.password),
  secrets.token,
  Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64"),
];

/** The forms of the secrets that a text has. */
export function secretsIn(text: string): string[] {
  return forms.filter((form) => text.includes(form));
}

/** An HTTP server that gives files only to who has the login or the token, and looks at every request which command lines show them. */
export class LoginServer {
  /** Requests that were answered, by their paths. */
  readonly given: string[] = [];
  readonly refused: string[] = [];
  /** Command lines of this machine that had a secret in them while something was asked for. */
  readonly exposed: string[] = [];
  private readonly server: Server;

  constructor(private readonly content: (path: string) => Buffer | string | undefined) {
    this.server = createServer((request, response) => {
      this.exposed.push(...exposedNow());
      const path = decodeURIComponent(new URL(request.url ?? "", "http://host").pathname);
      if (!isAllowed(request)) {
        this.refused.push(path);
        response.writeHead(401, { "www-authenticate": 'Basic realm="files"' }).end("no");
        return;
      }
      this.given.push(path);
      const found = this.content(path);
      response
        .writeHead(found === undefined ? 404 : 200, {
          "content-type": path.endsWith("/") ? "text/html" : "application/octet-stream",
        })
        .end(found);
    });
  }

  async start(address = "127.0.0.1"): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, address, resolve));
    return this;
  }

  /** The address of a path, with what the server wants. */
  at(path: string, what: "login" | "token" | "nothing"): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${what === "login" ? userinfo : ""}${address}:${port}/${path}${what === "token" ? `?token=${secrets.token}` : ""}`;
  }

  close(): void {
    this.server.close();
  }
}

function isAllowed({ url, headers }: IncomingMessage): boolean {
  const login = `Basic ${Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64")}`;
  return (
    headers.authorization === login || new URL(url ?? "", "http://host").searchParams.get("token") === secrets.token
  );
}

function exposedNow(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        return secretsIn(words).length > 0 ? [words] : [];
      } catch {
        return [];
      }
    });
}
