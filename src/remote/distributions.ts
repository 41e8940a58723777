/** The families of distributions whose packages we can name. */
export type Family = "debian" | "fedora" | "alpine" | "suse";

/** Something that a package provides, with the package's name in each family. */
export interface Packaged {
  readonly packages: Readonly<Record<Family, string>>;
}

/** The names of a package that has the same name in every family. */
export const same = (name: string): Record<Family, string> => ({
  debian: name,
  fedora: name,
  alpine: name,
  suse: name,
});

const commands: Readonly<Record<Family, string>> = {
  debian: "apt-get install -y",
  fedora: "dnf install -y",
  alpine: "apk add",
  suse: "zypper --non-interactive install",
};

/** The family of a distribution, from ID and ID_LIKE of its os-release; undefined if it is unknown. */
export function familyOf(id: string, like: string): Family | undefined {
  const words = [id, ...like.split(/\s+/)];
  if (words.some((word) => ["debian", "ubuntu"].includes(word))) return "debian";
  if (words.some((word) => ["fedora", "rhel", "centos", "rocky", "almalinux"].includes(word))) return "fedora";
  if (words.includes("alpine")) return "alpine";
  return words.some((word) => /suse/.test(word)) ? "suse" : undefined;
}

/** The packages that provide all needs, each once. */
export function packagesFor(needs: readonly Packaged[], family: Family): string[] {
  return [...new Set(needs.map((need) => need.packages[family]))].sort();
}

/** The command that installs all needs, for a message. If the family is unknown, the commands of several families. */
export function installCommand(needs: readonly Packaged[], family: Family | undefined): string {
  const families = family ? [family] : (["debian", "fedora", "alpine"] as const);
  return families
    .map((one) => `\`${commands[one]} ${packagesFor(needs, one).join(" ")}\`${family ? "" : ` (${one})`}`)
    .join(", ");
}
