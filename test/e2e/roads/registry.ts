import { execa } from "execa";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { repositoryRoot } from "../../hosts/repository.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** npm's registry, as it would be if this package were published: all other packages come from the one that npm is set to. */
export class Registry {
  private constructor(
    private readonly server: Server,
    private readonly archive: Buffer,
    private readonly manifest: Manifest,
    private readonly upstream: string,
  ) {
    server.on("request", ({ url = "/" }, response: ServerResponse) => {
      this.answer(url, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
    });
  }

  /** Packs the repository as it is compiled, into a directory. */
  static async start(directory: string): Promise<Registry> {
    const inRepository = { cwd: repositoryRoot };
    const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory];
    const [packed, upstream] = await Promise.all([
      execa("npm", pack, inRepository),
      execa("npm", ["config", "get", "registry"], inRepository),
    ]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const archive = readFileSync(join(directory, packed.stdout.trim().split("\n").at(-1) ?? ""));
    const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as Manifest;
    return new Registry(server, archive, manifest, upstream.stdout.trim().replace(/\/$/, ""));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    const { name, version } = this.manifest;
    if (url === `/${name}`) {
      const integrity = `sha512-${createHash("sha512").update(this.archive).digest("base64")}`;
      const dist = { tarball: `${this.url}${name}.tgz`, integrity };
      sendJson(response, {
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...this.manifest, dist } },
      });
    } else if (url === `/${name}.tgz`) response.end(this.archive);
    // The engine that this machine has, and no later one, which would have to be fetched.
    else if (url === "/pulumi") sendJson(response, await this.onlyOurs(url));
    else response.writeHead(302, { location: `${this.upstream}${url}` }).end();
  }

  private async onlyOurs(url: string): Promise<object> {
    const known = (await (await fetch(`${this.upstream}${url}`)).json()) as { versions: Record<string, object> };
    const ours = this.manifest.devDependencies.pulumi ?? "";
    return { ...known, "dist-tags": { latest: ours }, versions: { [ours]: known.versions[ours] } };
  }
}

function sendJson(response: ServerResponse, value: object): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}
