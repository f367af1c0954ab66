import { createHash } from 'node:crypto';

/**
 * The page's Content-Security-Policy: nothing is loaded from anywhere, and only this style sheet and this script take
 * effect (CSP Level 3, section 2.3.1, hash-source). A style attribute or an event handler in a hostile text would do nothing.
 */
export function policy(style: string, script: string): string {
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
