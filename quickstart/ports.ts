import { connect, createServer } from "node:net";
import { Failure } from "./failure.js";

const address = "127.0.0.1";
/** The host's port, unless it is taken. */
export const firstPort = 2222;
const portsTried = 100;

/**
 * Returns the port to listen on: `fixed`, if the user wants only that one; else the port of the last run, if it is
 * still free; else the first free one. `refused`: ports that proved to be taken.
 */
export async function choosePort({
  fixed,
  before,
  refused,
}: {
  fixed?: number | undefined;
  before?: number | undefined;
  refused: readonly number[];
}): Promise<number> {
  const free = async (port: number): Promise<boolean> => !refused.includes(port) && (await isFree(port));
  if (fixed !== undefined) {
    if (await free(fixed)) return fixed;
    throw new Failure(
      `port ${fixed} is taken by another program`,
      "give another one, or leave --port out: then the first free one is taken",
    );
  }
  const candidates = Array.from({ length: portsTried }, (_, index) => firstPort + index);
  for (const port of before === undefined ? candidates : [before, ...candidates]) if (await free(port)) return port;
  throw new Failure(
    `no port from ${firstPort} to ${firstPort + portsTried - 1} is free`,
    "name a free one: npm run quickstart -- --port N",
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      // Only root may bind low ports, as sshd will; this process can only test whether somebody answers.
      else if (error.code === "EACCES") resolve(isSilent(port));
      else reject(error);
    });
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isSilent(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: address });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
