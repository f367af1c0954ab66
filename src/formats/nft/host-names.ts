/** What is said of a word that may be the name of a host. */
export function helpForHost(text: string, expected: string): { readonly help: string } | undefined {
  const address = /ipv[46]_addr$/.test(expected) && /^[a-z][\w-]*$/i.test(text);
  return address || /\.[a-z]/i.test(text) ? { help: HELP } : undefined;
}

/** nft asks the resolver of the machine that it runs on (getaddrinfo(3); src/datatype.c of nftables, ipaddr_type_parse). */
const HELP =
  'a name of a host is looked up where nft runs, and the file does not have the answer: write the address';
