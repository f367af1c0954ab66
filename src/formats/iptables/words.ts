/** A word as iptables-save would print it: bare where it can be, else quoted with backslashes before quotes. */
export function quoteWord(text: string): string {
  if (/^[0-9A-Za-z_.,:/+%@=!&|<>~^()[\]{}*?#-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, (character) => `\\${character}`)}"`;
}
