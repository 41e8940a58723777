/** What a host is, as long as nobody rebuilds it; what it does not tell is undefined. */
export interface HostFacts {
  /** Of its programs: `x86_64`, `aarch64`, `i686`… */
  readonly architecture: string | undefined;
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly distribution: string | undefined;
  /** `debian`, as its os-release has it. */
  readonly distributionId: string | undefined;
  /** `12`. */
  readonly distributionVersion: string | undefined;
  /** `glibc 2.36` or `musl 1.2.5`. */
  readonly libc: string | undefined;
  /** Processors in use. */
  readonly cores: number | undefined;
  readonly memoryMb: number | undefined;
  /** Whether we are root there by sudo. */
  readonly sudo: boolean;
}
