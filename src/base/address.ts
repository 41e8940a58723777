/** A login that an address holds, decoded. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

const withLogin = /^(https?|ftp):\/\/[^/?#]*@/i;
const withQuery = /^(https?|ftp):\/\/[^#]*\?/i;

/** Whether an address holds what may be a secret: a user, a password or a query such as `?token=…`. An ssh user is none. */
export function holdsSecret(address: string): boolean {
  return withLogin.test(address) || withQuery.test(address);
}

/** An address without its login, and the login. Only http, https and ftp addresses have one. */
export function splitLogin(address: string): { readonly url: string; readonly login: Login | undefined } {
  if (!withLogin.test(address)) return { url: address, login: undefined };
  const url = new URL(address);
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = "";
  url.password = "";
  return { url: url.href, login };
}

/** An address as `git.sh` takes it: the login, if there is one, in lines of its own. */
export function gitAddress(address: string): string {
  const { url, login } = splitLogin(address);
  return login ? [url, login.user, login.password].join("\n") : url;
}

/** A link of a page, with the login that led to the page where both are on one server. */
export function withLoginOf(page: string, link: string): string {
  const from = new URL(page);
  const to = new URL(link);
  if (from.origin !== to.origin || to.username !== "") return link;
  to.username = from.username;
  to.password = from.password;
  return to.href;
}

/** The address of a path below a server's address; a query stays at its end. */
export function below(address: string, path: string): string {
  const [, base = "", query = ""] = /^([^?#]*)(.*)$/.exec(address) ?? [];
  return `${base.replace(/\/+$/, "")}/${path}${query}`;
}

/** The name of the file at an address, without query and fragment. Empty where the address ends in `/`. */
export function fileNameOf(address: string): string {
  return (
    address
      .replace(/[?#].*/, "")
      .split("/")
      .at(-1) ?? ""
  );
}

/** A text in which no address shows a login or a query. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b(https?|ftp):\/\/[^\s"'<>]+/gi, (address) =>
    address.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1***@").replace(/\?[^#]*/, "?***"),
  );
}
