import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at to tell what it is. */
const GLANCE = 64 * 1024;

const SHEBANG = /^#!.*\bnft\b/;
const TABLE =
  /^[ \t]*(?:(?:add|create|delete|destroy|flush)[ \t]+)?table[ \t]+(?:(?:ip6?|inet|arp|bridge|netdev)[ \t]+)?\S+[ \t]*(?:\{|;|\r?$)/m;
const COMMAND =
  /^[ \t]*(?:flush[ \t]+ruleset|(?:add|insert)[ \t]+(?:rule|chain|set|map|element)[ \t]+(?:ip6?|inet|arp|bridge|netdev)[ \t])/m;

/** A file that only includes others, as distributions have it (`/etc/sysconfig/nftables.conf`). */
const INCLUDE = /^[ \t]*include[ \t]+(?:"[^"\n]+"|'[^'\n]+')[ \t;]*\r?$/m;

/** The list that every JSON of nft is, first in its object (libnftables-json(5), SYNOPSIS). */
const JSON_LIST = /^\s*\{\s*"nftables"\s*:/;

/** Other JSON; what stands in brackets in a prompt (`[root@fw ~]# nft list ruleset`) is none. */
const JSON_HEAD = /^\s*(?:\{|\[\s*(?:["{[\]\d-]|true|false|null|$))/;

/** Whether a file looks like a listing or a script of nft. */
export function detectRuleset(source: SourceFile): 'nft' | 'nft-json' | undefined {
  const glance = source.text.slice(0, GLANCE);
  if (JSON_LIST.test(glance)) return 'nft-json';
  if (JSON_HEAD.test(glance)) return undefined;
  return SHEBANG.test(glance) || TABLE.test(glance) || COMMAND.test(glance) || INCLUDE.test(glance)
    ? 'nft'
    : undefined;
}
