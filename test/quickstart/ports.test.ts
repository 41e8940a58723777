import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createServer, type AddressInfo, type Server } from "node:net";
import { choosePort } from "../../quickstart/ports.js";

let server: Server;
let taken: number;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  taken = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.close();
});

test("a fixed port that is taken is refused, and no other one chosen", async () => {
  await expect(choosePort({ fixed: taken, refused: [] })).rejects.toThrow(`port ${taken} is taken by another program`);
});

test("the port from before is kept while it is free", async () => {
  const port = taken;
  expect(await choosePort({ before: port, refused: [] })).not.toBe(port);
  await new Promise((resolve) => server.close(resolve));
  expect(await choosePort({ before: port, refused: [] })).toBe(port);
  expect(await choosePort({ fixed: port, refused: [] })).toBe(port);
});

test("a port on which the server could not listen is not tried again", async () => {
  const first = await choosePort({ refused: [] });
  const second = await choosePort({ refused: [first] });
  expect(first).toBeGreaterThanOrEqual(2222);
  expect(second).toBeGreaterThan(first);
});
