import { expect, test } from "@jest/globals";
import { isBuild } from "../../quickstart/builds.js";
import { missingFolderIn } from "../../quickstart/privileged-folder.js";
import { isServer } from "../../quickstart/server.js";

const ours = "/q/sshd_config";

test.each([
  [true, "sshd: /usr/sbin/sshd -f /q/sshd_config -E /q/sshd.log [listener] 0 of 10-100 startups"],
  [true, "/usr/sbin/sshd -f /q/sshd_config -E /q/sshd.log"],
  [true, "/usr/sbin/sshd -f /q/sshd_config"],
  [false, "sshd: /usr/sbin/sshd -f /q/sshd_config2 -E /q/sshd.log [listener] 0 of 10-100 startups"],
  [false, "sshd: /usr/sbin/sshd -f /other/q/sshd_config [listener] 0 of 10-100 startups"],
  [false, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"],
  [false, "/usr/sbin/sshd -f /q/sshd_config -E /q/sshd.log -R"],
  [false, "sshd: root@notty"],
  [false, "sudo -n -- /usr/sbin/sshd -f /q/sshd_config"],
  [false, "vi -f /q/sshd_config"],
])("%s: %s", (is, command) => {
  expect(isServer(command, ours)).toBe(is);
});

test.each([
  [true, "sh /q/cache/work/abc-x86_64-glibc-2.36/recipe.sh /q/cache /q/cache/work/abc-x86_64-glibc-2.36"],
  [false, "sh /q/cache2/work/abc/recipe.sh /q/cache2"],
  [false, "less /q/cache/work/abc/recipe.sh"],
  [false, "sh -c true"],
])("a build: %s: %s", (is, command) => {
  expect(isBuild(command, "/q/cache")).toBe(is);
});

test("the folder that sshd wants is known from its message", () => {
  expect(missingFolderIn("Missing privilege separation directory: /run/sshd\r\n")).toBe("/run/sshd");
  expect(missingFolderIn("/q/sshd_config: line 3: Bad configuration option: Foo")).toBeUndefined();
});
