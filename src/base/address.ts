/** The user and password in a URL, percent-decoded. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

const withLogin = /^(https?|ftp):\/\/[^/?#]*@/i;
const withQuery = /^(https?|ftp):\/\/[^#]*\?/i;

/**
 * Whether an http, https or ftp address may hold a secret: a user, a password, or a query such as `?token=…`. The user
 * in an ssh address is not a secret.
 */
export function holdsSecret(address: string): boolean {
  return withLogin.test(address) || withQuery.test(address);
}

/** Splits an address into the address without its login, and the login. Only http, https and ftp addresses have one. */
export function splitLogin(address: string): { readonly url: string; readonly login: Login | undefined } {
  if (!withLogin.test(address)) return { url: address, login: undefined };
  const url = new URL(address);
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = "";
  url.password = "";
  return { url: url.href, login };
}

/**
 * Returns an address in the form that `git.sh` reads. A login follows on two more lines: the user, then the password.
 */
export function gitAddress(address: string): string {
  const { url, login } = splitLogin(address);
  return login ? [url, login.user, login.password].join("\n") : url;
}

/** Adds the login of a page's address to a link on that page, if both are on one server and the link has no login. */
export function withLoginOf(page: string, link: string): string {
  const from = new URL(page);
  const to = new URL(link);
  if (from.origin !== to.origin || to.username !== "") return link;
  to.username = from.username;
  to.password = from.password;
  return to.href;
}

/** Appends a path to a server's address. A query in the address stays at the end. */
export function below(address: string, path: string): string {
  const [, base = "", query = ""] = /^([^?#]*)(.*)$/.exec(address) ?? [];
  return `${base.replace(/\/+$/, "")}/${path}${query}`;
}

/** Returns the file name in an address, without query and fragment. It is empty if the path ends in `/`. */
export function fileNameOf(address: string): string {
  return (
    address
      .replace(/[?#].*/, "")
      .split("/")
      .at(-1) ?? ""
  );
}

/** Masks the login and the query of every address in a text with `***`. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b(https?|ftp):\/\/[^\s"'<>]+/gi, (address) =>
    address.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1***@").replace(/\?[^#]*/, "?***"),
  );
}
