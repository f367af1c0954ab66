/**
 * Characters that a terminal acts on, that reorder the text around them or that cannot be seen, by Unicode's general
 * categories: controls (C0, DEL, C1), format characters (bidirectional controls of UAX #9, zero-width ones, tags), lone
 * surrogates, line and paragraph separators. A firewall's comments are other people's text; printed as they are,
 * they could repaint the report.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const codePoint = (character: string): number => character.codePointAt(0) as number;

/**
 * Other people's text made safe to print: a C0 control becomes its control picture (`␛`), a tab a space, everything
 * else unsafe `\u{…}`. One UTF-16 unit of C0 stays one, so columns hold for all but the rarest lines.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = codePoint(character);
    if (code === 0x09) return ' ';
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : `\\u{${code.toString(16)}}`;
  });
}

/** What of {@link UNSAFE} may be in JSON: all but the visible characters of ASCII and line breaks. Both halves of a surrogate pair are in one. */
const UNUSUAL_RUN = /[^\n -~]+/g;

const DELETE = '\u007f';

/** JSON text with every unsafe character escaped as `\uXXXX`: the same value, safe to show in a terminal. */
export function safeJson(json: string): string {
  // JSON escapes the C0 controls itself. The rest of ASCII takes a byte each, which is told many characters at a time.
  if (Buffer.byteLength(json) === json.length && !json.includes(DELETE)) return json;
  return json.replace(UNUSUAL_RUN, (run) => run.replace(UNSAFE, escapeUnits));
}

/** A value as one line of JSON, safe to show in a terminal. */
export function jsonLine(value: unknown): string {
  return safeJson(JSON.stringify(value) ?? 'null');
}

function escapeUnits(character: string): string {
  let out = '';
  for (let i = 0; i < character.length; i++) {
    out += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return out;
}
