/** Facts of a host that rarely change. A fact that the host does not tell is undefined. */
export interface HostFacts {
  /** The architecture of the host's programs: `x86_64`, `aarch64`, `i686`… */
  readonly architecture: string | undefined;
  /** The name for people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly distribution: string | undefined;
  /** ID in os-release: `debian`. */
  readonly distributionId: string | undefined;
  /** VERSION_ID in os-release: `12`. */
  readonly distributionVersion: string | undefined;
  /** `glibc 2.36` or `musl 1.2.5`. */
  readonly libc: string | undefined;
  /** The number of online processors. */
  readonly cores: number | undefined;
  readonly memoryMb: number | undefined;
  /** True if steps are root by sudo. */
  readonly sudo: boolean;
}
